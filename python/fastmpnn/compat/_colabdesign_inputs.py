"""Structures as ColabDesign's arrays, and its notation of positions.

What is computed is that of ``prep_pdb`` and ``prep_pos`` of ColabDesign 1.1.1, with FastMPNN's reader of PDB and mmCIF.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import fastmpnn as fm

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: The letters of ColabDesign's arrays, those of AlphaFold; X is the 21st.
ALPHABET = "ARNDCQEGHILKMFPSTWYVX"
aa_order: dict[str, int] = {letter: index for index, letter in enumerate(ALPHABET[:20])}
order_aa: dict[int, str] = {index: letter for letter, index in aa_order.items()}

#: The index of each of ColabDesign's letters in FastMPNN's alphabet; the last, that of X, is also that of -1.
IN_FASTMPNN: Integers = np.array([fm.ALPHABET.index(letter) for letter in ALPHABET])
#: The index of each of FastMPNN's letters in ColabDesign's alphabet.
IN_COLABDESIGN: Integers = np.array([ALPHABET.index(letter) for letter in fm.ALPHABET])

#: Atoms in the order of AlphaFold's arrays of 37.
ATOMS = [
    "N",
    "CA",
    "C",
    "CB",
    "O",
    "CG",
    "CG1",
    "CG2",
    "OG",
    "OG1",
    "SG",
    "CD",
    "CD1",
    "CD2",
    "ND1",
    "ND2",
    "OD1",
    "OD2",
    "SD",
    "CE",
    "CE1",
    "CE2",
    "CE3",
    "NE",
    "NE1",
    "NE2",
    "OE1",
    "OE2",
    "CH2",
    "NH1",
    "NH2",
    "OH",
    "CZ",
    "CZ2",
    "CZ3",
    "NZ",
    "OXT",
]
BACKBONE = [ATOMS.index(name) for name in ("N", "CA", "C", "O")]

#: By how much more than one the residue numbers of two chains are apart.
CHAIN_OFFSET = 50


def read_chains(
    source: Any, chain: str | Sequence[str] | None, ignore_missing: bool | Sequence[bool]
) -> dict[str, Any]:
    """Read chains of a structure as ColabDesign's arrays.

    Parameters
    ----------
    source : path, str or what else :func:`fastmpnn.read` takes
        The structure.
    chain : str or list of str, optional
        The chains, such as ``A,B``, in this order. All when None, in that of the file.
    ignore_missing : bool or list of bool
        Whether residues that the numbering skips, and those without N, are left out; else they stand masked.

    Returns
    -------
    dict
        ``residue_index`` [L], ``lengths`` (list), ``idx`` with the file's ``residue`` numbers [L] and ``chain`` ids
        [L], and ``batch`` with ``aatype`` [L], ``all_atom_positions`` [L, 37, 3] in Å and ``all_atom_mask`` [L, 37].
    """
    structure = source if isinstance(source, fm.Structure) else fm.read(source)
    chains = [chain] if isinstance(chain, str) else list(chain or structure.chains)
    chains = [name for names in chains for name in names.split(",")]
    missing = [ignore_missing] * len(chains) if isinstance(ignore_missing, (bool, np.bool_)) else list(ignore_missing)
    arrays = _residue_arrays(structure)
    parts, number = [], 0
    for name, leave_out in zip(chains, missing):
        part = _chain(structure, arrays, name, bool(leave_out))
        # The first chain keeps its numbers; each other begins 50 after the last number before it.
        part["residue_index"] = part["residue_index"] + number
        number = int(part["residue_index"][-1]) + CHAIN_OFFSET
        parts.append(part)
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return {
        "residue_index": joined["residue_index"],
        "lengths": [len(part["residue"]) for part in parts],
        "idx": {"residue": joined["residue"], "chain": joined["chain"]},
        "batch": {key: joined[key] for key in ("aatype", "all_atom_positions", "all_atom_mask")},
    }


def _residue_arrays(structure: fm.Structure) -> dict[str, npt.NDArray[Any]]:
    """Give the letters and atoms of all residues."""
    count = len(structure)
    positions = np.zeros((count, len(ATOMS), 3))
    known = np.zeros((count, len(ATOMS)))
    chains, insertions = structure.chain_ids, structure.insertion_codes
    residue_of = {
        place: index for index, place in enumerate(zip(chains, structure.residue_numbers.tolist(), insertions))
    }
    column_of = {name: column for column, name in enumerate(ATOMS)}
    columns = structure.columns()
    places = zip(columns.chain, columns.residue_number.tolist(), columns.insertion)
    rows: list[tuple[int, int, int]] = []
    for atom, (place, name) in enumerate(zip(places, columns.atom_name)):
        residue, column = residue_of.get(place), column_of.get(name)
        if residue is not None and column is not None:
            rows.append((atom, residue, column))
    if rows:
        atoms, residues, slots = np.array(rows).T
        positions[residues, slots] = columns.position[atoms]
        known[residues, slots] = 1
    backbone = np.asarray(structure.backbone, np.float64)
    positions[:, BACKBONE] = np.nan_to_num(backbone)
    known[:, BACKBONE] = np.isfinite(backbone).all(-1)
    letters = IN_COLABDESIGN[np.asarray(structure.letters)]
    return {"aatype": letters, "all_atom_positions": positions, "all_atom_mask": known}


def _chain(
    structure: fm.Structure, arrays: dict[str, npt.NDArray[Any]], name: str, leave_out: bool
) -> dict[str, npt.NDArray[Any]]:
    """Give the arrays of one chain."""
    own = _numbered_once(structure, [index for index, chain in enumerate(structure.chain_ids) if chain == name], name)
    numbers = np.asarray(structure.residue_numbers)[own].astype(np.int64)
    part = {key: array[own] for key, array in arrays.items()}
    if leave_out:
        kept = part["all_atom_mask"][:, 0] == 1
        if not kept.any():
            raise fm.InputError(f"chain {name} has no residue with an atom N", chain=name)
        part = {key: array[kept] for key, array in part.items()}
        part["residue"], part["residue_index"] = numbers[kept], numbers[kept]
    else:
        places = numbers - numbers.min()
        length = int(places.max()) + 1
        scattered = {}
        for key, array in (*part.items(), ("residue", numbers)):
            full = np.full((length, *array.shape[1:]), -1 if key in ("aatype", "residue") else 0, array.dtype)
            full[places] = array
            scattered[key] = full
        part = scattered
        part["residue_index"] = np.arange(length)
    part["chain"] = np.full(len(part["residue"]), name)
    return part


def _numbered_once(structure: fm.Structure, residues: list[int], chain: str) -> list[int]:
    """Give residues without those that repeat a number, which only an insertion code tells apart."""
    if not residues:
        chains = ", ".join(structure.chains)
        raise fm.InputError(f"{structure.name} has no protein chain {chain}; its chains are {chains}", chain=chain)
    seen: set[int] = set()
    kept: list[int] = []
    dropped: list[int] = []
    for residue in residues:
        number = int(structure.residue_numbers[residue])
        (dropped if number in seen else kept).append(residue)
        seen.add(number)
    if dropped:
        codes = [f"{chain}{structure.residue_numbers[index]}{structure.insertion_codes[index]}" for index in dropped]
        message = f"{structure.name}: {', '.join(codes)} left out: ColabDesign's numbers have no insertion codes"
        warnings.warn(message, fm.FastMPNNWarning, stacklevel=5)
    return kept


def positions_of(text: str, residue: Integers, chain: npt.NDArray[Any]) -> Integers:
    """Give the indexes of positions such as ``A``, ``1-10``, ``B5``, ``B5-B9``, joined by commas.

    A position without a chain is of the first chain.

    Parameters
    ----------
    text : str
        The positions.
    residue : array of int, shape (L,)
        The number of each residue.
    chain : array of str, shape (L,)
        The chain of each residue.

    Raises
    ------
    SelectionError
        Where there is no such residue.
    """
    found: list[int] = []
    for item in (item.strip() for item in text.split(",")):
        if item.isalpha():
            own = np.flatnonzero(chain == item)
            if not len(own):
                raise fm.SelectionError(f"fix_pos: there is no chain {item}", chain=item)
            found += own.tolist()
            continue
        name, first, last = _range(item, str(chain[0]))
        for number in range(first, last + 1):
            own = np.flatnonzero((residue == number) & (chain == name))
            if not len(own):
                raise fm.SelectionError(f"fix_pos: there is no residue {name}{number}", chain=name)
            found.append(int(own[0]))
    return np.array(found, np.int64)


def _range(item: str, first_chain: str) -> tuple[str, int, int]:
    """Give the chain, the first and the last number of a position or range."""
    chain, body = (item[0], item[1:]) if item[:1].isalpha() else (first_chain, item)
    # A minus at the beginning is that of a number.
    first, dash, last = body[1:].partition("-")
    first = body[:1] + first
    if dash and last[:1].isalpha():
        last = last[1:]
    try:
        return chain, int(first), int(last) if dash else int(first)
    except ValueError:
        raise fm.SelectionError(f"fix_pos: {item!r} is no position: write A, A5, A5-10 or 5-10") from None
