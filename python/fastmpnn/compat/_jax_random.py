"""JAX's random numbers, as far as ColabDesign's decoding orders need them.

JAX's generator is a function of a key, two unsigned integers of 32 bits: Threefry-2x32 with 20 rounds (Salmon et al.
2011, doi:10.1145/2063384.2063405). How keys are split and how bits are numbered is that of
``jax_threefry_partitionable=True``, the default of JAX from version 0.5 on.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]

#: How far the second word is turned in each round; the two groups alternate.
TURNS = ((13, 15, 26, 6), (17, 29, 16, 24))
#: What the third word of the key's schedule begins with.
PARITY = np.uint32(0x1BD11BDA)


def key_of_seed(seed: int) -> Words:
    """Give the key that ``jax.random.PRNGKey`` makes of a seed: the low word of it, shape (2,)."""
    return np.array([0, seed & 0xFFFFFFFF], np.uint32)


def as_key(key: Any) -> Words:
    """Give a key as two words, of what JAX calls one, or of an integer.

    Raises
    ------
    ValueError
        Where it is neither.
    """
    jax = sys.modules.get("jax")
    if jax is not None and hasattr(key, "dtype") and not isinstance(key, (np.ndarray, np.generic)):
        if jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
            key = jax.random.key_data(key)
    array = np.asarray(key)
    if array.ndim == 0 and array.dtype.kind in "iu":
        return key_of_seed(int(array))
    if array.shape != (2,) or array.dtype.kind not in "iu":
        raise ValueError(f"key: a key of jax.random, two integers of 32 bits, or a seed; not {key!r}")
    return array.astype(np.uint32)


def split(key: Words, count: int = 2) -> Words:
    """Give new keys, shape (count, 2)."""
    high, low = _numbered(count)
    return np.stack(_threefry(key, high, low), axis=-1)


def uniform(key: Words, count: int) -> npt.NDArray[np.float32]:
    """Draw floats from 0 to 1, without 1; shape (count,)."""
    first, second = _threefry(key, *_numbered(count))
    # The upper 23 bits are the fraction of a float between 1 and 2.
    fraction = ((first ^ second) >> np.uint32(9)) | np.uint32(0x3F800000)
    drawn: npt.NDArray[np.float32] = fraction.view(np.float32) - np.float32(1)
    return drawn


def _numbered(count: int) -> tuple[Words, Words]:
    return np.zeros(count, np.uint32), np.arange(count, dtype=np.uint32)


def _threefry(key: Words, first: Words, second: Words) -> tuple[Words, Words]:
    schedule = (key[0], key[1], key[0] ^ key[1] ^ PARITY)
    with np.errstate(over="ignore"):
        first, second = first + schedule[0], second + schedule[1]
        for group in range(5):
            for turn in TURNS[group % 2]:
                first = first + second
                second = (second << np.uint32(turn)) | (second >> np.uint32(32 - turn))
                second = second ^ first
            first = first + schedule[(group + 1) % 3]
            second = second + schedule[(group + 2) % 3] + np.uint32(group + 1)
    return first, second


class KeyStream:
    """New keys, one after the other, as ColabDesign draws them.

    Parameters
    ----------
    start : int or array of uint32, shape (2,)
        What the first key is made of, or that key.
    """

    def __init__(self, start: Any) -> None:
        self.key = as_key(start)

    def __call__(self, num: int = 1) -> Words | list[Words]:
        """Give a key, or a list of ``num`` keys."""
        keys = split(self.key, num + 1)
        self.key = keys[0]
        return keys[1] if num == 1 else list(keys[1:])
