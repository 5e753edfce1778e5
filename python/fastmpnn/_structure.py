"""Structures: read from files, text, arrays and the objects of other packages."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any, BinaryIO, TextIO, Union

import numpy as np
import numpy.typing as npt

from fastmpnn import _fastmpnn, interop
from fastmpnn._request import _as_setting, defaults, letters_of
from fastmpnn.columns import Columns

#: What :func:`read` takes.
Source = Union[str, "os.PathLike[str]", bytes, TextIO, BinaryIO, Any]


class Structure:
    """A protein structure with its ligands, as the networks see it.

    It is made by :func:`read`. Residues are counted from 0, chain after chain in the order of the file.
    """

    __slots__ = ("_inner",)

    def __init__(self, inner: _fastmpnn.Structure) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        """Its name, which names outputs and, with the seed, determines the random numbers."""
        return self._inner.name

    @property
    def chains(self) -> list[str]:
        """The ids of the chains, in the order of the file."""
        return self._inner.chains

    @property
    def sequence(self) -> str:
        """The native sequence, its chains joined by ``/``."""
        return self._inner.sequence

    @property
    def letters(self) -> npt.NDArray[np.int8]:
        """The native sequence as indexes into :data:`fastmpnn.ALPHABET`, shape (N,)."""
        return self._inner.letters

    @property
    def chain_index(self) -> npt.NDArray[np.int32]:
        """Which of :attr:`chains` each residue belongs to, shape (N,)."""
        return self._inner.chain_index

    @property
    def chain_ids(self) -> list[str]:
        """The chain's id of each residue."""
        return self._inner.chain_ids

    @property
    def residue_numbers(self) -> npt.NDArray[np.int32]:
        """The residues' numbers in the file, shape (N,)."""
        return self._inner.residue_numbers

    @property
    def insertion_codes(self) -> list[str]:
        """The residues' insertion codes, empty where there is none."""
        return self._inner.insertion_codes

    @property
    def residue_ids(self) -> list[str]:
        """The residues as selections name them, such as ``A12`` or ``H100A``."""
        return self._inner.residue_ids

    @property
    def residue_names(self) -> list[str]:
        """The residues' names in the file, such as ``ALA`` or ``MSE``."""
        return self._inner.residue_names

    @property
    def sequence_positions(self) -> npt.NDArray[np.int32]:
        """Where each residue stands along its chain, from 0, with the residues that the numbering skips; shape (N,)."""
        return self._inner.sequence_positions

    @property
    def resolved(self) -> npt.NDArray[np.bool_]:
        """Whether each residue has N, CA, C and O, shape (N,); others are masked."""
        return self._inner.resolved

    @property
    def backbone(self) -> npt.NDArray[np.float32]:
        """N, CA, C and O in Å, NaN where one is missing; shape (N, 4, 3)."""
        return self._inner.backbone

    @property
    def warnings(self) -> list[str]:
        """What was odd in the file and what was made of it, a sentence each."""
        return self._inner.warnings

    @property
    def ligand_atoms(self) -> int:
        """The number of atoms of ligands, nucleic acids and ions."""
        return self._inner.ligand_atoms

    def __len__(self) -> int:
        return len(self._inner)

    def with_sequence(self, sequence: str | npt.ArrayLike) -> Structure:
        """Give the same backbone with another native sequence.

        Parameters
        ----------
        sequence : str or array of int, shape (N,)
            Letters, with or without ``/`` between chains, or indexes into :data:`fastmpnn.ALPHABET`.
        """
        return Structure(self._inner.with_letters(letters_of(sequence, self)))

    def with_name(self, name: str) -> Structure:
        """Give the same structure under another name."""
        return Structure(self._inner.with_name(name))

    def columns(self) -> Columns:
        """Give all atoms as columns, those of residues before those of ligands."""
        return Columns.of_structure(self._inner.columns())

    def to_biotite(self) -> Any:
        """Give it as a biotite ``AtomArray``."""
        return interop.to_biotite(self.columns())

    def to_gemmi(self) -> Any:
        """Give it as a gemmi ``Structure``."""
        return interop.to_gemmi(self.columns(), self.name)

    def to_biopython(self) -> Any:
        """Give it as a Biopython ``Structure``."""
        return interop.to_biopython(self.columns(), self.name)

    def to_pdb(self) -> str:
        """Write it as PDB, with all atoms."""
        return self._written(mmcif=False)

    def to_cif(self) -> str:
        """Write it as mmCIF, with all atoms."""
        return self._written(mmcif=True)

    def _written(self, *, mmcif: bool) -> str:
        count = len(self)
        letters = self.letters.tolist()
        return self._inner.write_design([False] * count, letters, [0.0] * count, mmcif).decode()

    def __repr__(self) -> str:
        chains = self._inner.chains
        atoms = self.ligand_atoms
        ligands = f", {atoms} ligand atoms" if atoms else ""
        of = "chain" if len(chains) == 1 else "chains"
        return f"<Structure {self.name}: {len(self)} residues in {of} {', '.join(chains)}{ligands}>"

    def _repr_html_(self) -> str:
        from fastmpnn import views

        return views.of_structure(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (self._inner._state(),))


def _restore(state: dict[str, Any]) -> Structure:
    if "columns" in state:
        columns = Columns(**state["columns"])
        inner = _fastmpnn.read_columns(columns, state["label"], state["name"], state["settings"])
    else:
        inner = _fastmpnn.read(state["bytes"], state["label"], state["name"], state["settings"])
    structure = Structure(inner)
    letters = state["letters"]
    return structure if letters is None else Structure(inner.with_letters(list(letters)))


def read(
    source: Source,
    *,
    name: str | None = None,
    model_number: int | None = None,
    altloc: str | None = None,
    gaps: str | None = None,
    ligand: str | Sequence[str] | None = None,
    leave_out_unoccupied: bool | None = None,
    assembly: str | int | None = None,
) -> Structure:
    """Read a structure.

    Parameters
    ----------
    source : path, str, bytes, file, or an object of gemmi, biotite or Biopython
        A path; the text of a PDB or mmCIF file, which has line ends; its bytes, plain or gzipped; an open file; or atoms
        as :func:`fastmpnn.interop.columns_of` takes them: a biotite ``AtomArray``, a gemmi or Biopython structure, a
        dictionary of arrays, a backbone of shape (N, 4, 3), :class:`fastmpnn.Columns`.
    name : str, optional
        What it is called; the file's name without endings by default. With the seed, it determines random numbers.
    model_number : int, optional
        The model to read, by the file's number; the first by default.
    altloc : str, optional
        Which alternate location counts: ``first``, ``occupancy`` or a letter.
    gaps : str, optional
        How skipped residue numbers count along an unbroken chain: ``break`` or ``ignore``.
    ligand : str or list of str, optional
        Residues to read as ligands: ``NAME``, ``NAME:CHAIN``, ``NAME:CHAIN:NUMBER``, ``:CHAIN``.
    leave_out_unoccupied : bool, optional
        Whether atoms of occupancy 0 are left out.
    assembly : str or int, optional
        The biological assembly to build, by its id.

    Raises
    ------
    InputError
        Where it cannot be read; file, line, chain and residue are attributes.
    """
    known = defaults("design")
    given = {
        "model_number": model_number,
        "altloc": altloc,
        "gaps": gaps,
        "ligand": ligand,
        "leave_out_unoccupied": leave_out_unoccupied,
        "assembly": None if assembly is None else str(assembly),
    }
    settings = json.dumps({key: _as_setting(known[key], value) for key, value in given.items() if value is not None})
    if isinstance(source, Structure):
        source = source.columns()
    if not isinstance(source, (str, bytes, os.PathLike)) and not hasattr(source, "read"):
        columns = interop.columns_of(source)
        called = name or interop.name_of(source) or "structure"
        return Structure(_fastmpnn.read_columns(columns, called, called, settings))
    content, label = _content(source, name)
    return Structure(_fastmpnn.read(content, label, name or _stem(label), settings))


def _content(source: Source, name: str | None) -> tuple[bytes, str]:
    """Give the bytes of a source and what messages call it."""
    fallback = name or "structure"
    if isinstance(source, bytes):
        return source, fallback
    if isinstance(source, str) and "\n" in source:
        return source.encode(), fallback
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        return _fastmpnn.read_file(path), path
    content = source.read()
    label = getattr(source, "name", None)
    data = content.encode() if isinstance(content, str) else bytes(content)
    return data, label if isinstance(label, str) else fallback


def _stem(label: str) -> str | None:
    return _fastmpnn.structure_name(label)
