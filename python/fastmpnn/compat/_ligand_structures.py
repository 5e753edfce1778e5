"""Parsed structures of LigandMPNN: arrays of residues and ligand atoms, and the functions that come with them.

Source: the published ``data_utils.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from fastmpnn._errors import InputError
from fastmpnn.compat import _atoms
from fastmpnn.compat._atoms import Atoms
from fastmpnn.compat._ligand_tables import (
    ATOM_37,
    BACKBONE,
    ELEMENT_NUMBERS,
    restype_1to3,
    restype_3to1,
    restype_int_to_str,
    restype_name_to_atom14_names,
    restype_str_to_int,
)
from fastmpnn.compat._scripts import PathLike


class ProteinDict(TypedDict):
    """A parsed structure of N residues and M ligand atoms.

    Attributes
    ----------
    X : array of float32, shape (N, 4, 3)
        N, CA, C and O, Å; zeros where they are not there.
    mask : array of int32, shape (N,)
        1 at residues that have all four.
    Y : array of float32, shape (M, 3)
        Ligand atoms of known elements that are not hydrogen, Å; one at the origin where there is no ligand.
    Y_t : array of int32, shape (M,)
        Their elements, by atomic number.
    Y_m : array of int32, shape (M,)
        1; 0 where there is no ligand.
    R_idx : array of int32, shape (N,)
        Residue numbers.
    chain_labels : array of int32, shape (N,)
        Chains, counted as they come first in the file.
    chain_letters : array of str, shape (N,)
        Chain letters.
    mask_c : list of array of bool, shape (N,)
        The residues of each chain of ``chain_list``.
    chain_list : list of str
        Chain letters, sorted.
    S : array of int32, shape (N,)
        Letters, as indexes into ``alphabet``; all but the twenty are X.
    xyz_37 : array of float32, shape (N, 37, 3)
        Atoms by name, Å: N, CA, C and O, or all heavy ones but OXT.
    xyz_37_m : array of int32, shape (N, 37)
        1 for atoms that are there.
    """

    X: npt.NDArray[np.float32]
    mask: npt.NDArray[np.int32]
    Y: npt.NDArray[np.float32]
    Y_t: npt.NDArray[np.int32]
    Y_m: npt.NDArray[np.int32]
    R_idx: npt.NDArray[np.int32]
    chain_labels: npt.NDArray[np.int32]
    chain_letters: npt.NDArray[np.str_]
    mask_c: list[npt.NDArray[np.bool_]]
    chain_list: list[str]
    S: npt.NDArray[np.int32]
    xyz_37: npt.NDArray[np.float32]
    xyz_37_m: npt.NDArray[np.int32]


def parse_PDB(
    input_path: PathLike,
    device: str = "cpu",
    chains: Iterable[str] = (),
    parse_all_atoms: bool = False,
    parse_atoms_with_zero_occupancy: bool = False,
) -> tuple[ProteinDict, Atoms | None, Atoms | None, npt.NDArray[np.str_], Atoms | None]:
    """Parse a PDB file.

    Parameters
    ----------
    input_path : path
        The file; it may be compressed by gzip.
    device : str
        Of no effect.
    chains : iterable of str
        Letters of the chains that are read; all of them where there are none.
    parse_all_atoms : bool
        Give side chains in ``xyz_37``.
    parse_atoms_with_zero_occupancy : bool
        Read atoms of occupancy 0, too.

    Returns
    -------
    protein_dict : ProteinDict
        What the network sees.
    backbone : Atoms or None
        N, CA, C and O of the protein, as far as they are there.
    other_atoms : Atoms or None
        What is neither protein nor water.
    icodes : array of str, shape (N,)
        Insertion codes; empty where there is none.
    water_atoms : Atoms or None
        Water.

    Raises
    ------
    InputError
        The file cannot be read, holds no protein, or a residue has two CA atoms.
    """
    path = os.fspath(input_path)
    whole = _atoms.StructureAtoms(input_path)
    protein, others, water = _atoms.chosen(whole, chains, parse_atoms_with_zero_occupancy)
    is_alpha = protein.getNames() == "CA" if protein is not None else np.zeros(0, dtype=bool)
    if protein is None or not is_alpha.any():
        raise InputError(f"{path}: none of the atoms read is part of a protein", file=path)
    places = list(zip(protein.getChids(), protein.getResnums(), protein.getIcodes(), strict=True))
    index_of: dict[tuple[Any, ...], int] = {}
    for place in (place for place, alpha in zip(places, is_alpha, strict=True) if alpha):
        if place in index_of:
            name = "".join(map(str, place))
            raise InputError(f"{path}: residue {name} has two CA atoms", file=path, chain=str(place[0]), residue=name)
        index_of[place] = len(index_of)
    xyz, present = _by_name(protein, [index_of.get(place, -1) for place in places], len(index_of), parse_all_atoms)
    backbone_columns = [ATOM_37.index(name) for name in BACKBONE]
    letters = [restype_3to1.get(name, "X") for name in protein.getResnames()[is_alpha]]
    chain_letters = protein.getChids()[is_alpha]
    chain_list = sorted(set(chain_letters.tolist()))
    ligand, elements, there = _ligand(others)
    protein_dict: ProteinDict = {
        "X": xyz[:, backbone_columns],
        "mask": present[:, backbone_columns].prod(axis=1, dtype=np.int32),
        "Y": ligand,
        "Y_t": elements,
        "Y_m": there,
        "R_idx": protein.getResnums()[is_alpha].astype(np.int32),
        "chain_labels": whole.chain_index[protein.indices[is_alpha]],
        "chain_letters": chain_letters,
        "mask_c": [chain_letters == chain for chain in chain_list],
        "chain_list": chain_list,
        "S": np.array([restype_str_to_int[letter] for letter in letters], dtype=np.int32),
        "xyz_37": xyz,
        "xyz_37_m": present,
    }
    return protein_dict, _atoms.backbone(protein), others, protein.getIcodes()[is_alpha], water


def _by_name(
    protein: Atoms, residues: Sequence[int], length: int, all_atoms: bool
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Give the atoms of residues by name; of two of one name the last counts."""
    columns = {name: ATOM_37.index(name) for name in (ATOM_37[:-1] if all_atoms else BACKBONE)}
    xyz = np.zeros((length, len(ATOM_37), 3), dtype=np.float32)
    present = np.zeros((length, len(ATOM_37)), dtype=np.int32)
    for residue, name, position in zip(residues, protein.getNames(), protein.getCoords(), strict=True):
        column = columns.get(str(name))
        if residue >= 0 and column is not None:
            xyz[residue, column] = position
            present[residue, column] = 1
    return xyz, present


def _ligand(
    others: Atoms | None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Give positions, elements and mask of the atoms that the network sees."""
    if others is None:
        return np.zeros((1, 3), np.float32), np.zeros(1, np.int32), np.zeros(1, np.int32)
    elements = np.array([ELEMENT_NUMBERS.get(element.upper(), 0) for element in others.getElements()], dtype=np.int32)
    seen = elements > 1
    return others.getCoords()[seen].astype(np.float32), elements[seen], np.ones(int(seen.sum()), np.int32)


def get_seq_rec(S: npt.ArrayLike, S_pred: npt.ArrayLike, mask: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Give the share of residues whose letters are equal.

    Parameters
    ----------
    S, S_pred : array of int, shape (B, N)
        Letters, as indexes into ``alphabet``; shape (1, N) stands for all B.
    mask : array, shape (B, N)
        1 at residues that count.

    Returns
    -------
    array of float32, shape (B,)
        0 to 1.
    """
    counted = np.asarray(mask, dtype=np.float32)
    match = np.asarray(S) == np.asarray(S_pred)
    share: npt.NDArray[np.float32] = (match * counted).sum(axis=-1) / counted.sum(axis=-1)
    return share


def get_score(
    S: npt.ArrayLike, log_probs: npt.ArrayLike, mask: npt.ArrayLike
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Give −ln p of letters.

    Parameters
    ----------
    S : array of int, shape (B, N)
        Letters, as indexes into ``alphabet``.
    log_probs : array of float, shape (B, N, 21)
        ln p.
    mask : array, shape (B, N)
        1 at residues that count for the mean.

    Returns
    -------
    average_loss : array of float32, shape (B,)
        The mean over the mask, nats.
    loss_per_residue : array of float32, shape (B, N)
        At every residue, nats.
    """
    letters = np.asarray(S, dtype=np.int64)
    counted = np.asarray(mask, dtype=np.float32)
    likelihoods = np.asarray(log_probs, dtype=np.float32)
    loss: npt.NDArray[np.float32] = -np.take_along_axis(likelihoods, letters[..., None], axis=-1)[..., 0]
    mean: npt.NDArray[np.float32] = (loss * counted).sum(axis=-1) / (counted.sum(axis=-1) + np.float32(1e-8))
    return mean, loss


def writePDB(filename: PathLike, atoms: Atoms) -> str:
    """Write atoms to a PDB file, in the columns of ProDy's function of that name.

    Parameters
    ----------
    filename : path
        ``.pdb`` is added to a name that does not end in it; ``.gz`` compresses.
    atoms : Atoms
        What is written, such as ``backbone + other_atoms``; not their anisotropic displacements, nor later models.

    Returns
    -------
    str
        The name of the file.
    """
    return _atoms.write(filename, atoms)


def write_full_PDB(
    save_path: PathLike,
    X: npt.ArrayLike,
    X_m: npt.ArrayLike,
    b_factors: npt.ArrayLike,
    R_idx: npt.ArrayLike,
    chain_letters: Sequence[str] | npt.NDArray[np.str_],
    S: npt.ArrayLike,
    other_atoms: Atoms | None = None,
    icodes: Sequence[str] | npt.NDArray[np.str_] | None = None,
    force_hetatm: bool = False,
) -> None:
    """Write a protein with side chains, and what is not protein.

    Parameters
    ----------
    save_path : path
        The PDB file.
    X : array of float, shape (N, 14, 3)
        Atoms in the order of ``restype_name_to_atom14_names``, Å.
    X_m : array, shape (N, 14)
        1 for atoms that are there.
    b_factors : array of float, shape (N, 14)
        B-factors.
    R_idx : array of int, shape (N,)
        Residue numbers.
    chain_letters : sequence of str, length N
        Chain letters.
    S : array of int, shape (N,)
        Letters, as indexes into ``alphabet``.
    other_atoms : Atoms, optional
        What follows the protein; written as HETATM, but for nucleic acids.
    icodes : sequence of str, length N, optional
        Insertion codes; none otherwise.
    force_hetatm : bool
        Write the other atoms as HETATM where their file did.
    """
    names = [restype_1to3[restype_int_to_str[int(letter)]] for letter in np.asarray(S).reshape(-1)]
    residue, atom = np.nonzero(np.asarray(X_m).astype(np.int32) == 1)
    atom_names = [restype_name_to_atom14_names[names[i]][j] for i, j in zip(residue, atom, strict=True)]
    codes = np.asarray([""] * len(names) if icodes is None else icodes)
    chains, numbers = np.asarray(chain_letters)[residue], np.asarray(R_idx)[residue]
    atoms = _atoms.group(
        np.asarray(X)[residue, atom],
        name=atom_names,
        resname=np.asarray(names)[residue],
        chain=chains,
        resnum=numbers,
        icode=codes[residue],
        element=[name[:1] for name in atom_names],
        beta=np.asarray(b_factors)[residue, atom],
    )
    if other_atoms is not None and len(other_atoms):
        plain = {(str(c), int(n)) for c, n, code in zip(chains, numbers, codes[residue], strict=True) if not code}
        hetatm = other_atoms.getFlags("hetatm") if force_hetatm else _atoms.not_polymer(other_atoms, plain)
        others = _atoms.group(
            other_atoms.getCoords(),
            name=other_atoms.getNames(),
            resname=other_atoms.getResnames(),
            chain=other_atoms.getChids(),
            resnum=other_atoms.getResnums(),
            element=other_atoms.getElements(),
            occupancy=other_atoms.getOccupancies(),
            hetatm=np.asarray(hetatm),
        )
        atoms = atoms + others
    _atoms.write(save_path, atoms)
