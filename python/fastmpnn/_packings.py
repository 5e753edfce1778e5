"""Structures with side chains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastmpnn._result_arrays import Doubles, Floats
from fastmpnn._structure import Structure

if TYPE_CHECKING:
    pass


class Packings:
    """Structures with side chains, P of them; those of a sequence from the best to the worst.

    Attributes
    ----------
    records, sequences : list of str
        The sequence that each is of.
    packs : array of int, shape (P,)
        Which packing of its sequence each is, from 1.
    clashes : array of int, shape (P,)
        Pairs of atoms that are too near.
    log_density : array of float, shape (P,)
        The mean ln density of the torsions.
    atoms : array of float, shape (P, N, 14, 3)
        Å, in the order of the published code's 14 atoms.
    angles : array of float, shape (P, N, 4)
        Torsions, radians.
    files : list of bytes
        The best packing of each sequence as a PDB or mmCIF file.
    """

    records: list[str]
    sequences: list[str]
    packs: npt.NDArray[np.int64]
    clashes: npt.NDArray[np.int64]
    log_density: Doubles
    atoms: Floats
    angles: Floats
    files: list[bytes]

    def __init__(self, structure: Structure, table: Mapping[str, Any]) -> None:
        self.structure = structure
        self.__dict__.update(table)

    def __len__(self) -> int:
        return len(self.records)

    def to_structure(self, index: int = 0) -> str:
        """Give the best packing of a sequence as text, PDB or, where PDB has no room for it, mmCIF."""
        return self.files[index].decode()

    def _repr_html_(self) -> str:
        from fastmpnn import views

        return views.of_packings(self)

    def __repr__(self) -> str:
        return f"<Packings on {self.structure.name}: {len(self)}>"
