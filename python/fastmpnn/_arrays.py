"""Atoms that come as plain arrays, by the names of columns or as a backbone."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn._errors import FastMPNNWarning, InputError
from fastmpnn.columns import Columns

#: Other names of columns in dictionaries: those of biotite's annotations, gemmi's flat arrays, and of mmCIF.
_ALIASES = {
    "chain_id": "chain",
    "chain_ids": "chain",
    "auth_asym_id": "chain",
    "res_id": "residue_number",
    "residue_numbers": "residue_number",
    "resnums": "residue_number",
    "auth_seq_id": "residue_number",
    "ins_code": "insertion",
    "icodes": "insertion",
    "insertion_code": "insertion",
    "insertion_codes": "insertion",
    "pdbx_PDB_ins_code": "insertion",
    "res_name": "residue_name",
    "residue_names": "residue_name",
    "label_comp_id": "residue_name",
    "atom_names": "atom_name",
    "label_atom_id": "atom_name",
    "elements": "element",
    "type_symbol": "element",
    "coord": "position",
    "coords": "position",
    "positions": "position",
    "xyz": "position",
    "occ": "occupancy",
    "b_iso": "b_factor",
    "b_factors": "b_factor",
    "B_iso_or_equiv": "b_factor",
    "hetero": "hetatm",
    "altloc_id": "altloc",
    "label_alt_id": "altloc",
    "pdbx_formal_charge": "charge",
}

#: The keys of a dictionary of a backbone.
_BACKBONE_KEYS = ("backbone", "sequence", "chain", "residue_number", "insertion")

_RESIDUE_NAMES = {
    "A": "ALA",
    "C": "CYS",
    "D": "ASP",
    "E": "GLU",
    "F": "PHE",
    "G": "GLY",
    "H": "HIS",
    "I": "ILE",
    "K": "LYS",
    "L": "LEU",
    "M": "MET",
    "N": "ASN",
    "P": "PRO",
    "Q": "GLN",
    "R": "ARG",
    "S": "SER",
    "T": "THR",
    "V": "VAL",
    "W": "TRP",
    "Y": "TYR",
    "X": "UNK",
    "-": "UNK",
}

#: Residues named in one warning, at most.
_NAMED = 6


def code_of(code: str) -> str:
    """Give an insertion code or alternate location without the signs for none."""
    code = code.strip()
    return "" if code in (".", "?", "\0") else code


def symbol_of(element: str) -> str:
    """Give an element's symbol; X is what packages write for an unknown one."""
    symbol = element.strip().upper()
    return "" if symbol == "X" else symbol


def present(columns: Columns) -> Columns:
    """Leave out atoms without coordinates."""
    absent = np.isnan(columns.position).all(axis=1)
    if not absent.any():
        return columns
    rows = np.flatnonzero(absent).tolist()
    residues = [f"{columns.chain[row]}{columns.residue_number[row]}{columns.insertion[row]}" for row in rows]
    _warn_absent("1 atom" if len(rows) == 1 else f"{len(rows)} atoms", list(dict.fromkeys(residues)))
    return columns.take(~absent)


def _warn_absent(atoms: str, residues: Sequence[str]) -> None:
    listed = ", ".join(residues[:_NAMED])
    if len(residues) > _NAMED:
        listed += f" and {len(residues) - _NAMED} more"
    of = "residue" if len(residues) == 1 else "residues"
    message = f"{atoms} of {of} {listed} without coordinates: left out"
    warnings.warn(message, FastMPNNWarning, stacklevel=5)


def mapping_columns(source: Mapping[str, Any]) -> Columns:
    """Give the columns of a dictionary: of atoms, or of a backbone where it has that key."""
    if "backbone" in source:
        known = {
            key: value for key, value in source.items() if key in _BACKBONE_KEYS or _ALIASES.get(key) in _BACKBONE_KEYS
        }
        _refuse_unknown(source, known, "a backbone has the keys " + ", ".join(_BACKBONE_KEYS))
        return backbone_columns(**_renamed(known))
    names = [item.name for item in fields(Columns)]
    known = {key: value for key, value in source.items() if key in names or key in _ALIASES}
    _refuse_unknown(source, known, "the columns are " + ", ".join(names))
    columns = _renamed(known)
    missing = [
        name for name in ("chain", "residue_number", "residue_name", "atom_name", "position") if name not in columns
    ]
    if missing:
        raise InputError(f"a dictionary of columns lacks {', '.join(missing)}")
    for name in ("insertion", "altloc"):
        if columns.get(name) is not None:
            columns[name] = [code_of(code) if isinstance(code, str) else code for code in _listed(columns[name])]
    if columns.get("element") is not None:
        columns["element"] = [
            symbol_of(element) if isinstance(element, str) else element for element in _listed(columns["element"])
        ]
    return present(Columns(**columns))


def _renamed(source: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for key, value in source.items():
        name = _ALIASES.get(key, key)
        if name in columns:
            raise InputError(f"column {name} is given twice, the second time as {key}")
        columns[name] = value
    return columns


def _listed(values: Any) -> list[Any]:
    return list(np.asarray(values).tolist()) if isinstance(values, np.ndarray) else list(values)


def _refuse_unknown(source: Mapping[str, Any], known: Mapping[str, Any], there_are: str) -> None:
    unknown = [str(key) for key in source if key not in known]
    if unknown:
        raise InputError(f"a dictionary with the unknown key {', '.join(unknown)}; {there_are}")


def backbone_columns(
    backbone: npt.ArrayLike,
    sequence: str | None = None,
    *,
    chain: Sequence[str] | None = None,
    residue_number: npt.ArrayLike | None = None,
    insertion: Sequence[str] | None = None,
) -> Columns:
    """Give the atoms of a backbone.

    Parameters
    ----------
    backbone : array of float, shape (N, 4, 3) or (N, 3, 3)
        N, CA, C and O of each residue in Å; an O that is not there is rebuilt when the structure is read. Missing atoms
        are NaN. A residue without any atom is left out with a warning, as files leave it out; its number is skipped.
    sequence : str, optional
        N letters, X where unknown; ``/`` between chains. X everywhere by default.
    chain : sequence of str, length N, optional
        The chain's id of each residue; by default A, B, … for the chains of the sequence.
    residue_number : array of int, shape (N,), optional
        Residue numbers; by default from 1 in each chain.
    insertion : sequence of str, length N, optional
        Insertion codes; none by default.

    Raises
    ------
    InputError
        Where the arguments do not fit each other.
    """
    try:
        positions = np.asarray(backbone, dtype=np.float32)
    except (TypeError, ValueError):
        raise InputError("a backbone that is no array of numbers") from None
    if positions.ndim != 3 or positions.shape[1] not in (3, 4) or positions.shape[2] != 3:
        raise InputError(f"a backbone of shape {positions.shape}; it is (N, 4, 3), the N, CA, C and O of each residue")
    count = len(positions)
    parts = ["X" * count] if sequence is None else sequence.upper().split("/")
    letters = "".join(parts)
    unknown = sorted(set(letters) - set(_RESIDUE_NAMES))
    if unknown:
        raise InputError(f"the sequence holds {', '.join(unknown)}; its letters are ACDEFGHIKLMNPQRSTVWY and X")
    if chain is None:
        chain = [id_ for id_, part in zip(_chain_ids(len(parts)), parts, strict=True) for _ in part]
    chain = [str(id_) for id_ in chain]
    if residue_number is None:
        last: dict[str, int] = {}
        numbers = []
        for id_ in chain:
            last[id_] = last.get(id_, 0) + 1
            numbers.append(last[id_])
        residue_number = numbers
    numbers_given = np.asarray(residue_number)
    codes = [""] * count if insertion is None else [code_of(code) for code in insertion]
    given = {
        "sequence": len(letters),
        "chain": len(chain),
        "residue_number": numbers_given.size,
        "insertion": len(codes),
    }
    for what, length in given.items():
        if length != count:
            raise InputError(f"{what} is of {length} residues, the backbone of {count}")
    there = np.logical_not(np.isnan(positions).all(axis=2))
    empty = np.flatnonzero(~there.any(axis=1)).tolist()
    if empty:
        _warn_absent("all atoms", [f"{chain[index]}{numbers_given[index]}{codes[index]}" for index in empty])
    residues, atoms = np.nonzero(there)
    names = ("N", "CA", "C", "O")
    rows = residues.tolist()
    return Columns(
        chain=[chain[index] for index in rows],
        residue_number=numbers_given[residues],
        insertion=[codes[index] for index in rows],
        residue_name=[_RESIDUE_NAMES[letters[index]] for index in rows],
        atom_name=[names[atom] for atom in atoms],
        element=[names[atom][0] for atom in atoms],
        position=positions[residues, atoms],
        hetatm=np.zeros(len(rows), np.bool_),
    )


def _chain_ids(count: int) -> list[str]:
    """Give ids to chains: a letter each, then two."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    ids = list(letters) + [first + second for first in letters for second in letters]
    if count > len(ids):
        raise InputError(f"a sequence of {count} chains; give their ids as `chain`")
    return ids[:count]
