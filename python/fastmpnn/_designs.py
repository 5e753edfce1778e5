"""Designs, and their arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from fastmpnn._request import ALPHABET
from fastmpnn._result_arrays import Doubles, Floats, range_of
from fastmpnn._structure import Structure, read
from fastmpnn._tables import Tabular


class Design:
    """One sequence of :class:`Designs`.

    Attributes
    ----------
    sequence : str
        The chains joined by ``/``.
    letters : array of int8, shape (N,)
        Indexes into :data:`fastmpnn.ALPHABET`.
    score, global_score : float
        Mean −ln p over the designed residues, and over all; nats.
    recovery : float
        The share of designed residues that carry the native letter, NaN where there is no native sequence.
    rescored : float
        The mean score over ``rescore_orders`` random orders, NaN where none were asked for.
    constraint_cost : float
        What ``charge``, ``count`` and ``no_motif`` cost, nats; 0 without them.
    temperature : float
        What it was drawn at.
    sample : int
        Which sample of the seed it is, from 0.
    negative_log_likelihood : array of float, shape (N,)
        −ln p of each letter given those decoded before, nats.
    log_probabilities : array of float, shape (N, 21)
        ln p of every letter given the same, at temperature 1 and without biases.
    rank : array of int, shape (N,)
        The place of each residue in the decoding order.
    """

    __slots__ = ("_designs", "_index")

    def __init__(self, designs: Designs, index: int) -> None:
        self._designs = designs
        self._index = index

    @property
    def sequence(self) -> str:
        return self._designs.sequences[self._index]

    @property
    def letters(self) -> npt.NDArray[np.int8]:
        row: npt.NDArray[np.int8] = self._designs.letters[self._index]
        return row

    @property
    def score(self) -> float:
        return float(self._designs.scores[self._index])

    @property
    def global_score(self) -> float:
        return float(self._designs.global_scores[self._index])

    @property
    def recovery(self) -> float:
        return float(self._designs.recovery[self._index])

    @property
    def rescored(self) -> float:
        return float(self._designs.rescored[self._index])

    @property
    def constraint_cost(self) -> float:
        return float(self._designs.constraint_costs[self._index])

    @property
    def temperature(self) -> float:
        return float(self._designs.temperatures[self._index])

    @property
    def sample(self) -> int:
        return int(self._designs.samples[self._index])

    @property
    def negative_log_likelihood(self) -> Floats:
        row: Floats = self._designs.negative_log_likelihood[self._index]
        return row

    @property
    def log_probabilities(self) -> Floats:
        row: Floats = self._designs.log_probabilities[self._index]
        return row

    @property
    def probabilities(self) -> Floats:
        """p of every letter given those decoded before, shape (N, 21)."""
        return np.exp(self.log_probabilities)

    @property
    def confidence(self) -> Floats:
        """p of each letter, as B-factors of written structures have it; shape (N,)."""
        return np.exp(-self.negative_log_likelihood)

    @property
    def rank(self) -> npt.NDArray[np.int32]:
        row: npt.NDArray[np.int32] = self._designs.rank[self._index]
        return row

    @property
    def chains(self) -> dict[str, str]:
        """The sequence of each chain by its id."""
        return dict(zip(self._designs.structure.chains, self.sequence.split("/")))

    def to_structure(self, format: Literal["pdb", "cif", "biotite", "gemmi"] = "pdb") -> Any:
        """Give the backbone with this sequence and p of each letter in place of B-factors.

        Parameters
        ----------
        format : str
            ``pdb`` or ``cif`` for text; ``biotite`` or ``gemmi`` for an object of those packages.
        """
        if format not in ("pdb", "cif", "biotite", "gemmi"):
            raise ValueError(f"format is pdb, cif, biotite or gemmi, not {format!r}")
        structure = self._designs.structure
        text = structure._inner.write_design(
            self._designs.designed.tolist(), self.letters.tolist(), self.confidence.tolist(), format == "cif"
        ).decode()
        if format in ("pdb", "cif"):
            return text
        again = read(text, name=structure.name)
        return again.to_biotite() if format == "biotite" else again.to_gemmi()

    def __str__(self) -> str:
        return self.sequence

    def __repr__(self) -> str:
        return f"<Design {self.sample + 1} at T={self.temperature:g}, score {self.score:.4f}: {self.sequence}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Design, (self._designs, self._index))


class Designs(Tabular, Sequence[Design]):
    """Sequences drawn for one structure, S of them, with their arrays.

    Attributes
    ----------
    structure : Structure
        What they were drawn for.
    sequences : list of str
        The sequences, their chains joined by ``/``.
    letters : array of int8, shape (S, N)
        Indexes into :data:`fastmpnn.ALPHABET`.
    scores, global_scores : array of float, shape (S,)
        Mean −ln p over the designed residues, and over all; nats.
    recovery : array of float, shape (S,)
        The share of designed residues that carry the native letter.
    rescored : array of float, shape (S,)
        The mean score over ``rescore_orders`` random orders.
    constraint_costs : array of float, shape (S,)
        What ``charge``, ``count`` and ``no_motif`` cost, nats: by so much they lower the expected ln p of the letters.
    overall_confidence, ligand_confidence, ligand_recovery : array of float, shape (S,)
        What the ligand networks' program reports: exp(−score), and the same and recovery near ligands; NaN elsewhere.
    negative_log_likelihood : array of float, shape (S, N)
        −ln p of each letter given those decoded before, nats.
    log_probabilities : array of float, shape (S, N, 21)
        ln p of every letter given the same, at temperature 1 and without biases.
    rank : array of int, shape (S, N)
        The place of each residue in the decoding order.
    temperatures, samples : array, shape (S,)
        What each was drawn at, and which sample of the seed it is, from 0.
    designed : array of bool, shape (N,)
        Which residues were designed.
    native_score, native_global_score : float
        The scores of the native sequence.
    plan : str
        What was designed, fixed, tied, omitted and biased, in words.
    settings : dict
        The request's settings that were not left at their defaults.
    warnings, notes : list of str
        What the run has said.
    """

    sequences: list[str]
    letters: npt.NDArray[np.int8]
    scores: Doubles
    global_scores: Doubles
    recovery: Doubles
    rescored: Doubles
    constraint_costs: Doubles
    overall_confidence: Doubles
    ligand_confidence: Doubles
    ligand_recovery: Doubles
    negative_log_likelihood: Floats
    log_probabilities: Floats
    rank: npt.NDArray[np.int32]
    temperatures: Floats
    samples: npt.NDArray[np.int64]
    designed: npt.NDArray[np.bool_]
    native_letters: npt.NDArray[np.int8]
    native_score: float
    native_global_score: float
    plan: str
    fasta: str

    def __init__(
        self,
        structure: Structure,
        model: str,
        table: Mapping[str, Any],
        settings: Mapping[str, Any],
        warnings: list[str],
        notes: list[str],
    ) -> None:
        self.structure = structure
        self.model = model
        self.settings = dict(settings)
        self.warnings = warnings
        self.notes = notes
        self.__dict__.update(table)

    @property
    def confidence(self) -> Floats:
        """p of each letter, shape (S, N)."""
        return np.exp(-self.negative_log_likelihood)

    @property
    def probabilities(self) -> Floats:
        """p of every letter given those decoded before, shape (S, N, 21)."""
        return np.exp(self.log_probabilities)

    def __len__(self) -> int:
        return len(self.sequences)

    @overload
    def __getitem__(self, index: int) -> Design: ...

    @overload
    def __getitem__(self, index: slice) -> list[Design]: ...

    def __getitem__(self, index: int | slice) -> Design | list[Design]:
        if isinstance(index, slice):
            return [Design(self, place) for place in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"there are {len(self)} designs")
        return Design(self, place)

    def __iter__(self) -> Iterator[Design]:
        return (Design(self, place) for place in range(len(self)))

    def best(self, by: str = "score") -> Design:
        """Give the design of the lowest score; with `by` the lowest of another column, or the greatest recovery."""
        columns = {"score": "scores", "global_score": "global_scores", "recovery": "recovery", "rescored": "rescored"}
        if by not in columns:
            raise ValueError(f"by is one of {', '.join(columns)}, not {by!r}")
        values = getattr(self, columns[by])
        return self[int(np.nanargmax(values) if by == "recovery" else np.nanargmin(values))]

    def rows(self) -> list[dict[str, Any]]:
        """Give the designs as rows of a table, with the columns of ``designs.csv``."""
        seed = self.settings.get("seed")
        rows = []
        for index in range(len(self)):
            row = {
                "name": self.structure.name,
                "sample": int(self.samples[index]) + 1,
                "temperature": float(self.temperatures[index]),
                "seed": seed,
                "score": float(self.scores[index]),
                "global_score": float(self.global_scores[index]),
                "recovery": float(self.recovery[index]),
                "sequence": self.sequences[index],
            }
            if not np.isnan(self.rescored[index]):
                row["rescored"] = float(self.rescored[index])
            if any(self.settings.get(name) for name in ("charge", "count", "no_motif")):
                letters = self.sequences[index]
                row["charge"] = sum(letters.count(letter) for letter in "KR") - sum(map(letters.count, "DE"))
                row["constraint_cost"] = float(self.constraint_costs[index])
            if not np.isnan(self.overall_confidence[index]):
                row["overall_confidence"] = float(self.overall_confidence[index])
                row["ligand_confidence"] = float(self.ligand_confidence[index])
                row["ligand_recovery"] = float(self.ligand_recovery[index])
            rows.append(row)
        return rows

    def to_fasta(self, path: str | os.PathLike[str] | None = None) -> str:
        """Give the native sequence and the designs as the program prints them; write them to `path` where there is one."""
        if path is not None:
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(self.fasta)
        return self.fasta

    def to_structure(self, format: Literal["pdb", "cif", "biotite", "gemmi"] = "pdb") -> list[Any]:
        """Give each design as :meth:`Design.to_structure` does."""
        return [design.to_structure(format) for design in self]

    def __repr__(self) -> str:
        return f"<Designs of {self.structure.name}: {len(self)}, scores {range_of(self.scores)}>"

    def _repr_html_(self) -> str:
        from fastmpnn import views

        return views.of_designs(self)

    def plot_logo(self, **options: Any) -> Any:
        """Draw the designs' letters as a logo with matplotlib."""
        from fastmpnn import plots

        counts = np.stack([(self.letters == letter).mean(axis=0) for letter in range(len(ALPHABET))], axis=1)
        return plots.plot_logo(counts, self.structure.residue_ids, designed_mask=self.designed, **options)
