"""Arguments of the views, checked against the number of residues and sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .letters import LETTERS


def chain_parts(sequence: str, chains: Sequence[str] | None, count: int) -> list[tuple[str, tuple[int, int]]]:
    """Each chain's id, first residue and the one after its last."""
    texts = sequence.split("/")
    if sum(len(text) for text in texts) != count:
        raise ValueError(f"{sum(len(text) for text in texts)} letters for {count} residues")
    ids = [str(number) for number in range(1, len(texts) + 1)] if chains is None else list(chains)
    if len(ids) != len(texts):
        raise ValueError(f"{len(ids)} chain ids for {len(texts)} chains of the sequence")
    parts, start = [], 0
    for chain, text in zip(ids, texts, strict=True):
        parts.append((chain, (start, start + len(text))))
        start += len(text)
    return parts


def chain_numbers(parts: list[tuple[str, tuple[int, int]]]) -> list[str]:
    """What tells chains apart, for each residue."""
    return [str(number) for number, (_, (start, stop)) in enumerate(parts) for _ in range(start, stop)]


def letters_of(sequence: str, count: int, what: str) -> str:
    """The letters of a sequence without the ``/`` between chains, as many as there are residues."""
    letters = sequence.replace("/", "")
    if len(letters) != count:
        raise ValueError(f"{what} has {len(letters)} letters for {count} residues")
    return letters


def names_of(names: Sequence[str] | None, count: int) -> list[str]:
    """The names that were given, or else 1, 2, …"""
    if names is None:
        return [str(number) for number in range(1, count + 1)]
    if len(names) != count:
        raise ValueError(f"{len(names)} names for {count} designs")
    return [str(name) for name in names]


def column_of(values: npt.ArrayLike | None, what: str, count: int) -> npt.NDArray[np.float64] | None:
    """A number for each of `count` sequences; None where the caller has none."""
    if values is None:
        return None
    column = np.asarray(values, dtype=np.float64)
    expect_shape(column, what, (count,))
    return column


def mean_of(values: npt.ArrayLike, what: str, residues: int) -> npt.NDArray[np.float64]:
    """The mean over designs of [S, N, 21]; [N, 21] as it is."""
    given = np.asarray(values)
    array: npt.NDArray[np.float64]
    if given.ndim == 3:
        array = given.mean(axis=0, dtype=np.float64) if len(given) else np.full(given.shape[1:], np.nan)
    else:
        array = given.astype(np.float64)
    expect_shape(array, what, (residues, len(LETTERS)))
    return array


def expect_shape(array: npt.NDArray[np.generic], what: str, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape, by name."""
    if array.shape != shape:
        raise ValueError(f"{what} has the shape {list(array.shape)}, not {list(shape)}")
