"""Likelihoods of sequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from fastmpnn._result_arrays import Doubles, Floats, range_of
from fastmpnn._structure import Structure
from fastmpnn._tables import Tabular


class Scores(Tabular, Sequence[float]):
    """The likelihood of sequences, S of them.

    Attributes
    ----------
    names : list of str
        What each was called.
    scores, deviations, global_scores : array of float, shape (S,)
        Mean −ln p over the designed residues and over the orders, its deviation over the orders, and the mean over all
        residues; nats.
    recovery : array of float, shape (S,)
        The share of designed residues that carry the native letter.
    letters : array of int8, shape (S, N)
        The sequences.
    negative_log_likelihood, entropy : array of float, shape (S, N)
        −ln p of each letter, and the entropy of its distribution, means over the orders; nats, NaN at masked residues.
    log_probabilities : array of float, shape (S, N, 21)
        ln p of every letter, means over the orders.
    counted : array of bool, shape (N,)
        Which residues the scores are means over.
    """

    names: list[str]
    scores: Doubles
    deviations: Doubles
    global_scores: Doubles
    recovery: Doubles
    letters: npt.NDArray[np.int8]
    negative_log_likelihood: Floats
    entropy: Floats
    log_probabilities: Floats
    counted: npt.NDArray[np.bool_]

    def __init__(self, structure: Structure, model: str, table: Mapping[str, Any], warnings: list[str]) -> None:
        self.structure = structure
        self.model = model
        self.warnings = warnings
        self.__dict__.update(table)

    @property
    def score(self) -> float:
        """The score of the first sequence."""
        return float(self.scores[0])

    @property
    def probabilities(self) -> Floats:
        """exp of the mean ln p, shape (S, N, 21)."""
        return np.exp(self.log_probabilities)

    @property
    def confidence(self) -> Floats:
        """p of each letter, shape (S, N)."""
        return np.exp(-self.negative_log_likelihood)

    def __len__(self) -> int:
        return len(self.scores)

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> list[float]: ...

    def __getitem__(self, index: int | slice) -> float | list[float]:
        if isinstance(index, slice):
            return [float(score) for score in self.scores[index]]
        return float(self.scores[index])

    def rows(self) -> list[dict[str, Any]]:
        """Give the scores as rows of a table."""
        return [
            {
                "name": self.structure.name,
                "record": name,
                "score": float(self.scores[index]),
                "deviation": float(self.deviations[index]),
                "global_score": float(self.global_scores[index]),
                "recovery": float(self.recovery[index]),
            }
            for index, name in enumerate(self.names)
        ]

    def __repr__(self) -> str:
        return f"<Scores on {self.structure.name}: {len(self)}, {range_of(self.scores)}>"

    def _repr_html_(self) -> str:
        from fastmpnn import views

        return views.of_scores(self)
