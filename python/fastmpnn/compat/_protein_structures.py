"""Parsed structures of ProteinMPNN: dictionaries of chains, and the functions on letters that come with them.

Source: the published ``protein_mpnn_utils.py``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn._errors import InputError
from fastmpnn.compat._scripts import PathLike, ScriptRun, fasta, read_lines

#: Letters by index, as in the published arrays.
alphabet = "ACDEFGHIKLMNPQRSTVWYX"

#: A parsed structure, as :func:`parse_PDB` gives it.
ParsedStructure = dict[str, Any]
#: Parsed structures, or one.
ParsedStructures = Mapping[str, Any] | Iterable[Mapping[str, Any]]


def parse_PDB(
    path_to_pdb: PathLike, input_chain_list: Iterable[str] | None = None, ca_only: bool = False
) -> list[ParsedStructure]:
    """Parse a structure.

    Parameters
    ----------
    path_to_pdb : path
        A PDB file; mmCIF and gzip are read, too. Its name without the last four characters is the structure's.
    input_chain_list : iterable of str, optional
        Chains to keep, in this order; those that the file lacks are passed over.
    ca_only : bool
        Keep CA atoms alone.

    Returns
    -------
    list of dict
        One dictionary: ``name``, ``num_of_chains``, ``seq``, and for each chain X ``seq_chain_X``, its letters with
        ``-`` for gaps in the numbering and unknown residues, and ``coords_chain_X``: ``N_chain_X``, ``CA_chain_X``,
        ``C_chain_X`` and ``O_chain_X``, lists of [x, y, z] in Å with NaN for atoms that are not there.

    Raises
    ------
    InputError
        The file cannot be read, or has no chain that the published script would read.
    """
    path = os.fspath(path_to_pdb)
    with ScriptRun("parse_multiple_chains.py") as run:
        folder = run.path("structure", path)
        os.mkdir(folder)
        copy = run.path(os.path.join("structure", "1234.pdb"), path)
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}", file=path) from error
        [structure] = _parsed(run, folder, ca_only)
    structure["name"] = path[path.rfind("/") + 1 : -4]
    if input_chain_list is None:
        return [structure]
    return [_with_chains(structure, input_chain_list)]


def parse_multiple_chains(
    folder_with_pdbs_path: PathLike, save_path: PathLike | None = None, ca_only: bool = False
) -> list[ParsedStructure]:
    """Parse the PDB files of a folder, by name.

    Parameters
    ----------
    folder_with_pdbs_path : path
        Its files that end in ``.pdb`` are read.
    save_path : path, optional
        A file that a line of JSON for each structure is written to.
    ca_only : bool
        Keep CA atoms alone.

    Returns
    -------
    list of dict
        A dictionary for each, as :func:`parse_PDB` gives it.
    """
    with ScriptRun("parse_multiple_chains.py") as run:
        structures = _parsed(run, os.fspath(folder_with_pdbs_path), ca_only)
        if save_path is not None:
            shutil.copyfile(os.path.join(run.out, "parsed.jsonl"), save_path)
    return structures


def _parsed(run: ScriptRun, folder: str, ca_only: bool) -> list[ParsedStructure]:
    run.option("input_path", folder)
    run.option("output_path", os.path.join(run.out, "parsed.jsonl"))
    run.option("ca_only", True if ca_only else None)
    run.run()
    return run.lines("parsed.jsonl")


def _with_chains(structure: ParsedStructure, chains: Iterable[str]) -> ParsedStructure:
    kept: ParsedStructure = {}
    present = [chain for chain in chains if f"seq_chain_{chain}" in structure]
    for chain in present:
        for key in (f"seq_chain_{chain}", f"coords_chain_{chain}"):
            kept[key] = structure[key]
    kept["name"] = structure["name"]
    kept["num_of_chains"] = len(present)
    kept["seq"] = "".join(structure[f"seq_chain_{chain}"] for chain in present)
    return kept


def structures_of(structures: ParsedStructures) -> list[Mapping[str, Any]]:
    return [structures] if isinstance(structures, Mapping) else list(structures)


def parse_fasta(
    filename: PathLike, limit: int = -1, omit: Iterable[str] = ()
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Read a FASTA file.

    Parameters
    ----------
    filename : path
        The file.
    limit : int
        How many records are read; all of them where it is negative.
    omit : iterable of str
        Characters that are left out of the sequences.

    Returns
    -------
    headers, sequences : array of str, shape (records,)
        Headers without ``>``.
    """
    records = fasta(Path(filename).read_text(encoding="utf-8"))
    if limit >= 0:
        records = records[:limit]
    gone = dict.fromkeys(map(ord, "".join(omit)))
    headers = np.array([header.rstrip() for header, _ in records])
    return headers, np.array([sequence.translate(gone) for _, sequence in records])


def _scores(S: npt.ArrayLike, log_probs: npt.ArrayLike, mask: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Give the mean −ln p of sequences over the residues of a mask.

    Parameters
    ----------
    S : array of int, shape (B, N)
        Letters, as indexes into ``alphabet``.
    log_probs : array of float, shape (B, N, 21)
        ln p.
    mask : array, shape (B, N)
        1 at residues that count.

    Returns
    -------
    array of float32, shape (B,)
        Nats.
    """
    letters = np.asarray(S, dtype=np.int64)
    counted = np.asarray(mask, dtype=np.float32)
    loss = -np.take_along_axis(np.asarray(log_probs, dtype=np.float32), letters[..., None], axis=-1)[..., 0]
    mean: npt.NDArray[np.float32] = (loss * counted).sum(axis=-1) / counted.sum(axis=-1)
    return mean


def _S_to_seq(S: npt.ArrayLike, mask: npt.ArrayLike) -> str:
    """Give the letters of the residues of a mask.

    Parameters
    ----------
    S : array of int, shape (N,)
        Letters, as indexes into ``alphabet``.
    mask : array, shape (N,)
        Above 0 at residues that are shown.

    Returns
    -------
    str
        One-letter codes.
    """
    pairs = zip(np.asarray(S), np.asarray(mask), strict=False)
    return "".join(alphabet[letter] for letter, shown in pairs if shown > 0)


class StructureDatasetPDB:
    """Parsed structures whose letters are all of the alphabet, and which are short enough.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures.
    verbose : bool
        Of no effect.
    truncate : int, optional
        The most structures that are kept.
    max_length : int
        The most residues of a structure that is kept.
    alphabet : str
        The letters.
    """

    def __init__(
        self,
        pdb_dict_list: ParsedStructures,
        verbose: bool = True,
        truncate: int | None = None,
        max_length: int = 100,
        alphabet: str = "ACDEFGHIKLMNPQRSTVWYX-",
    ) -> None:
        self._discarded = {"bad_chars": 0, "too_long": 0, "bad_seq_length": 0}
        self.data: list[Mapping[str, Any]] = []
        for entry in structures_of(pdb_dict_list):
            if set(entry["seq"]).difference(alphabet):
                self._discarded["bad_chars"] += 1
            elif len(entry["seq"]) > max_length:
                self._discarded["too_long"] += 1
            else:
                self.data.append(entry)
            if truncate is not None and len(self.data) == truncate:
                break

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, idx: int) -> Mapping[str, Any]:
        return self.data[idx]


class StructureDataset(StructureDatasetPDB):
    """Parsed structures of a file with a line of JSON for each, as :func:`parse_multiple_chains` writes it.

    Parameters
    ----------
    jsonl_file : path
        The file.
    verbose : bool
        Print how many are left out.
    truncate, max_length, alphabet
        As for :class:`StructureDatasetPDB`.
    """

    def __init__(
        self,
        jsonl_file: PathLike,
        verbose: bool = True,
        truncate: int | None = None,
        max_length: int = 100,
        alphabet: str = "ACDEFGHIKLMNPQRSTVWYX-",
    ) -> None:
        super().__init__(read_lines(jsonl_file), verbose, truncate, max_length, alphabet)
        if verbose:
            print("discarded", self._discarded)
