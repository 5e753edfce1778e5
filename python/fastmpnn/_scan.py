"""What single mutations do to the likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn._request import ALPHABET
from fastmpnn._result_arrays import Floats
from fastmpnn._structure import Structure
from fastmpnn._tables import Tabular


class Mutation:
    """One mutation of a :class:`Scan`: residue, letters, and the change in ln p."""

    __slots__ = ("change", "native", "place", "residue", "to")

    def __init__(self, residue: str, native: str, to: str, change: float, place: int) -> None:
        self.residue = residue
        self.native = native
        self.to = to
        self.change = change
        self.place = place

    def __repr__(self) -> str:
        return f"<Mutation {self.native}{self.residue}{self.to}: {self.change:+.3f}>"


class Mutant:
    """A mutant of a :class:`Scan`, compared with the native sequence as a whole.

    Attributes
    ----------
    name : str
        Its mutations, such as ``A:I23V+A:T24I``.
    change : float
        ln p of its sequence minus ln p of the native one, nats.
    deviation : float or None
        The standard deviation of the change over the decoding orders.
    coupling : float or None
        The change minus the changes of its single mutations, nats; None for a single mutation.
    """

    __slots__ = ("change", "coupling", "deviation", "name")

    def __init__(self, name: str, change: float, deviation: float | None, coupling: float | None) -> None:
        self.name = name
        self.change = change
        self.deviation = deviation
        self.coupling = coupling

    def __repr__(self) -> str:
        return f"<Mutant {self.name}: {self.change:+.3f}>"


class Scan(Tabular):
    """What every single mutation does to the likelihood, at M residues, or what mutants do.

    Attributes
    ----------
    residues : list of str
        The residues, such as ``A12``.
    native : array of int8, shape (M,)
        Their native letters.
    change : array of float, shape (M, 21)
        ln p of each letter minus ln p of the native one, nats; positive where a letter is likelier.
    mutants : list of Mutant
        The mutants that were asked for, in their order; then the scan is of no single residues (M is 0).
    """

    residues: list[str]
    native: npt.NDArray[np.int8]
    change: Floats
    mutants: list[Mutant]

    def __init__(self, structure: Structure, table: Mapping[str, Any]) -> None:
        self.structure = structure
        self.residues = table["residues"]
        self.native = table["native"]
        self.change = table["change"]
        self.mutants = [Mutant(*mutant) for mutant in table["mutants"]]
        self._ranked: list[tuple[int, int, float]] = table["ranked"]

    def best(self, count: int = 10) -> list[Mutation]:
        """Give the most favorable mutations to the twenty amino acids."""
        return [
            Mutation(self.residues[place], ALPHABET[self.native[place]], ALPHABET[letter], change, place)
            for place, letter, change in self._ranked[:count]
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Give all mutations, or all mutants, the most favorable first, as rows of a table."""
        if self.mutants:
            ranked = sorted(self.mutants, key=lambda mutant: -mutant.change)
            return [
                {name: getattr(mutant, name) for name in ("name", "change", "deviation", "coupling")}
                for mutant in ranked
            ]
        return [
            {"residue": mutation.residue, "native": mutation.native, "letter": mutation.to, "change": mutation.change}
            for mutation in self.best(len(self._ranked))
        ]

    def __len__(self) -> int:
        return len(self.residues)

    def __repr__(self) -> str:
        if self.mutants:
            return f"<Scan of {self.structure.name}: {len(self.mutants)} mutants>"
        return f"<Scan of {self.structure.name}: {len(self)} residues>"

    def _repr_html_(self) -> str:
        from fastmpnn import views

        return views.of_scan(self)

    def plot_heatmap(self, **options: Any) -> Any:
        """Draw the changes with matplotlib."""
        from fastmpnn import plots

        native = "".join(ALPHABET[letter] for letter in self.native)
        return plots.plot_heatmap(self.change, self.residues, native=native, **options)
