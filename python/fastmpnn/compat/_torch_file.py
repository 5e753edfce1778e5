"""Files of ``torch.save`` without torch: tensors are read as NumPy's arrays.

Such a file is a zip archive of a pickle and of the tensors' numbers. The pickle may ask for nothing but what
dictionaries, tensors and NumPy's arrays are made of, so that a file can only hold data, and runs no code.

Source: the archive's layout in PyTorch's ``torch/serialization.py``.
"""

from __future__ import annotations

import os
import pickle
import zipfile
from collections import OrderedDict
from typing import Any

import numpy as np

from fastmpnn._errors import InputError

_STORAGES = {
    "BoolStorage": np.dtype("?"),
    "ByteStorage": np.dtype("u1"),
    "DoubleStorage": np.dtype("<f8"),
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "IntStorage": np.dtype("<i4"),
    "LongStorage": np.dtype("<i8"),
    "ShortStorage": np.dtype("<i2"),
}


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a dictionary that was saved.

    Parameters
    ----------
    path : path
        A file of ``torch.save``.

    Returns
    -------
    dict
        Tensors as arrays of the same shape and type.

    Raises
    ------
    InputError
        It is not such a file, or holds anything but dictionaries, lists, texts, numbers, tensors and arrays.
    """
    shown = os.fspath(path)
    try:
        with zipfile.ZipFile(path) as archive:
            [name] = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            with archive.open(name) as file:
                value = _Unpickler(file, archive, name.removesuffix("data.pkl")).load()
    except Exception as error:  # a damaged pickle may raise anything
        raise InputError(f"{shown}: not a file of torch.save, or a damaged one: {error}", file=shown) from error
    if not isinstance(value, dict):
        raise InputError(f"{shown}: it does not hold a dictionary", file=shown)
    return value


def _tensor(
    storage: np.ndarray[Any, Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> np.ndarray[Any, Any]:
    """Give a tensor as an array of its own."""
    steps = [step * storage.itemsize for step in stride]
    reach = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
    if min([offset, *size, *stride]) < 0 or (0 not in size and reach >= len(storage)):
        raise pickle.UnpicklingError("a tensor has more numbers than are stored")
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps).copy()


class _Unpickler(pickle.Unpickler):
    """Finds only what data are made of."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(file)
        self._archive = archive
        self._folder = folder

    def find_class(self, module: str, name: str) -> Any:
        module = module.replace("numpy._core", "numpy.core")
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        found = {
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("collections", "OrderedDict"): OrderedDict,
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            ("numpy.core.multiarray", "_reconstruct"): _empty,
            ("numpy.core.multiarray", "scalar"): _scalar,
            ("_codecs", "encode"): _encode,
        }.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return found

    def persistent_load(self, pid: Any) -> np.ndarray[Any, Any]:
        kind, dtype, key, _, count = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError("it has an object that is not a tensor")
        numbers = np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), dtype=dtype)
        if len(numbers) < count:
            raise pickle.UnpicklingError("a tensor has more numbers than are stored")
        return numbers


def _empty(kind: type[np.ndarray[Any, Any]], shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
    """Begin an array, whose numbers the pickle then sets."""
    return np.ndarray(shape, np.dtype("u1") if isinstance(dtype, bytes) else dtype)


def _scalar(dtype: np.dtype[Any], data: bytes = b"") -> np.generic:
    """Give a number of NumPy's."""
    if dtype.hasobject:
        raise pickle.UnpicklingError("it has an object that is not a number")
    value: np.generic = np.frombuffer(data, dtype=dtype, count=1)[0]
    return value


def _encode(text: str, encoding: str) -> bytes:
    """Give the bytes that the second version of pickles writes as text."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it has bytes as {encoding}")
    return text.encode("latin1")
