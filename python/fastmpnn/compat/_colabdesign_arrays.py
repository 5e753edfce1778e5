"""What ColabDesign's inputs say: letters, orders of decoding, rings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn.compat._backbone import GradientError, as_numbers
from fastmpnn.compat._colabdesign_inputs import IN_FASTMPNN
from fastmpnn.compat._jax_random import uniform

Integers = npt.NDArray[np.int64]


def letter_indexes(letters: npt.NDArray[Any]) -> Integers:
    """Give letters as indexes [L], of such or of one-hot rows [L, 20 or 21]; −1 for a row of zeros.

    Raises
    ------
    GradientError
        Where a row is a mixture of letters.
    """
    if letters.ndim == 1:
        return np.where((letters < 0) | (letters > 20), -1, letters).astype(np.int64)
    best = letters.argmax(-1)
    pure = np.isclose(letters, np.eye(letters.shape[-1])[best], atol=1e-4).all(-1)
    empty = np.isclose(letters, 0, atol=1e-4).all(-1)
    if not (pure | empty).all():
        raise GradientError(
            "S mixes letters, and FastMPNN knows whole letters only. "
            "For relaxed sequences use ColabDesign's own mk_mpnn_model"
        )
    return np.where(empty, -1, best).astype(np.int64)


def to_fastmpnn(letters: Integers) -> npt.NDArray[np.int8]:
    """Give ColabDesign's letters as FastMPNN's; X for what is none."""
    return IN_FASTMPNN[letters].astype(np.int8)


def decoding_priorities(inputs: Mapping[str, Any], key: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """Give random numbers whose order is the decoding order: fixed positions first, masked ones last."""
    mask = as_numbers(inputs, "mask")
    drawn = uniform(key, len(mask))
    drawn = np.where(mask.astype(bool), drawn, drawn + np.float32(1))
    if "fix_pos" in inputs:
        np.subtract.at(drawn, np.asarray(inputs["fix_pos"]), np.float32(1))
    return drawn


def cyclic_chains(offset: Any, numbers: npt.NDArray[Any], chains: npt.NDArray[Any]) -> tuple[int, ...]:
    """Give the chains, by their place, that offsets [L, L] between residues close to rings.

    Raises
    ------
    NotImplementedError
        Where the offsets are neither those of the residues' numbers nor of rings.
    """
    if offset is None:
        return ()
    offset = np.asarray(offset)
    plain = numbers[:, None] - numbers[None, :]
    borders = [0, *(np.flatnonzero(np.diff(chains)) + 1).tolist(), len(chains)]
    cyclic = []
    for index, (first, last) in enumerate(pairwise(borders)):
        own, straight = offset[first:last, first:last], plain[first:last, first:last]
        if np.array_equal(own, straight):
            continue
        length = last - first
        around = np.abs(straight) % length
        if not np.array_equal(np.abs(own), np.minimum(around, length - around)):
            raise NotImplementedError("offset: those of the residues' numbers, or of chains whose ends are bonded")
        cyclic.append(index)
    return tuple(cyclic)
