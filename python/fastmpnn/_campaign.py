"""Many structures, one after another: results as they come, bad files as rows with their error."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO, Union

from fastmpnn import _fastmpnn
from fastmpnn._designs import Designs
from fastmpnn._errors import Error, SettingError
from fastmpnn._model import Model
from fastmpnn._request import defaults
from fastmpnn._structure import Structure, read

#: Structures: a path, folder, pattern or CSV file, or several paths, structures and rows of settings.
Inputs = Union[str, "os.PathLike[str]", Iterable[Union[str, "os.PathLike[str]", Structure, Mapping[str, Any]]]]

_READING = ("name", "model_number", "altloc", "gaps", "ligand", "leave_out_unoccupied", "assembly")


@dataclass
class DesignRow:
    """What came of one structure.

    Attributes
    ----------
    input : str
        Its path or name.
    designs : Designs or None
        The designs.
    error : Error or None
        Why there are none.
    settings : dict
        The settings of this structure alone.
    """

    input: str
    designs: Designs | None
    error: Error | None
    settings: dict[str, Any]


def design_many(
    inputs: Inputs | None = None,
    *,
    manifest: str | os.PathLike[str] | None = None,
    model: Model | None = None,
    progress: bool | None = None,
    **settings: Any,
) -> Iterator[DesignRow]:
    """Draw sequences for many structures, one after another.

    Parameters
    ----------
    inputs : path, or paths, structures and mappings
        A structure's path, a folder, an archive, or a pattern such as ``models/*.pdb``; or rows of settings, of which
        ``inputs`` or ``path`` is the structure. A path that ends in ``.csv`` or ``.parquet`` is a manifest.
    manifest : path, optional
        A table instead of `inputs`, as the program takes with ``--manifest``: CSV, JSON Lines or Parquet with a structure
        a row, a column ``path``, and a column for each setting that differs from structure to structure. Relative paths
        are relative to the manifest.
    model : Model, optional
        The network; the default one otherwise.
    progress : bool, optional
        Whether a line on standard error says how far it is; where that is a terminal by default.
    **settings
        Those of :meth:`Encoding.design` and :func:`read`, for all structures.

    Yields
    ------
    DesignRow
        In the order of the inputs, as soon as each is done. A structure that cannot be used gives a row with its error,
        and the others go on.
    """
    if (inputs is None) == (manifest is None):
        raise SettingError("design_many takes inputs or a manifest: give one")
    rows = _manifest(os.fspath(manifest)) if manifest is not None else _rows(inputs or [])
    network = model if model is not None else Model()
    return _designed(rows, network, settings, _Line(len(rows), progress))


def _designed(
    rows: list[tuple[str | Structure, dict[str, Any]]], model: Model, settings: Mapping[str, Any], line: _Line
) -> Iterator[DesignRow]:
    for source, own in rows:
        merged = {**settings, **own}
        reading = {name: merged.pop(name) for name in _READING if name in merged}
        label = source.name if isinstance(source, Structure) else source
        try:
            structure = source if isinstance(source, Structure) else read(source, **reading)
            row = DesignRow(label, model.encode(structure).design(**merged), None, own)
        except Error as error:
            row = DesignRow(label, None, error, own)
        line.advance(failed=row.error is not None)
        yield row
    line.end()


class _Line:
    """A line on standard error that is written again and again."""

    def __init__(self, total: int, shown: bool | None, stream: TextIO | None = None) -> None:
        self.total = total
        self.stream = stream if stream is not None else sys.stderr
        self.shown = self.stream.isatty() if shown is None else shown
        self.done = 0
        self.failed = 0
        self.started = time.monotonic()

    def advance(self, *, failed: bool) -> None:
        self.done += 1
        self.failed += failed
        if self.shown:
            rate = self.done / max(time.monotonic() - self.started, 1e-9)
            bad = f", {self.failed} failed" if self.failed else ""
            self.stream.write(f"\r{self.done} of {self.total} structures, {rate:.1f} a second{bad} ")
            self.stream.flush()

    def end(self) -> None:
        if self.shown:
            self.stream.write("\n")


def _rows(inputs: Inputs) -> list[tuple[str | Structure, dict[str, Any]]]:
    if isinstance(inputs, (str, os.PathLike)):
        path = os.fspath(inputs)
        if path.lower().endswith((".csv", ".parquet")):
            return _manifest(path)
        return [(found, {}) for found in _expand(path)]
    rows: list[tuple[str | Structure, dict[str, Any]]] = []
    for item in inputs:
        if isinstance(item, Structure):
            rows.append((item, {}))
        elif isinstance(item, Mapping):
            rows.append(_row(dict(item), "a row"))
        else:
            rows.extend((found, {}) for found in _expand(os.fspath(item)))
    return rows


def _expand(path: str) -> list[str]:
    """Give the structures of a path, folder, pattern or list, as the program finds them."""
    return [os.fspath(found) for found in _fastmpnn.expand_inputs([path])]


def _manifest(path: str) -> list[tuple[str | Structure, dict[str, Any]]]:
    """Give the rows of a manifest, as the program reads and names them."""
    rows = _fastmpnn.read_manifest(path)
    return [(structure, {**json.loads(settings), "name": name}) for structure, name, settings in rows]


def _row(row: dict[str, Any], where: str) -> tuple[str | Structure, dict[str, Any]]:
    source = row.pop("inputs", None) or row.pop("path", None)
    if source is None:
        raise SettingError(f"{where}: there is no column inputs or path")
    known = defaults("design")
    own = {}
    for name, value in row.items():
        if value is None or value == "":
            continue
        own[name] = _typed(known.get(name), value) if isinstance(value, str) else value
    return source if isinstance(source, Structure) else os.fspath(source), own


def _typed(default: Any, text: str) -> Any:
    """Give a cell the type of its setting."""
    if isinstance(default, bool):
        return text.strip().lower() in ("true", "1", "yes")
    try:
        if isinstance(default, int):
            return int(text)
        if isinstance(default, list) and default and isinstance(default[0], float):
            return [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        # The pipeline says what it expected.
        return text
    return text
