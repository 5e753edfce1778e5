"""What an actor does: batches of structures in, rows of designs out."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastmpnn import _fastmpnn
from fastmpnn._campaign import _READING, _row
from fastmpnn._errors import Error, InputError
from fastmpnn._model import Model
from fastmpnn._request import defaults
from fastmpnn._structure import read
from fastmpnn.ray._parts import FAILURES, Parts, with_request

#: Columns of rows that hold a structure: its path, or the text or bytes of a file.
SOURCES = ("path", "pdb", "bytes")
#: Columns of rows that are not settings.
NOT_SETTINGS = (*SOURCES, "name")


@dataclass(frozen=True)
class Work:
    """What all actors are given."""

    #: Arguments of :class:`fastmpnn.Model`.
    network: Mapping[str, Any]
    #: The settings of all structures.
    settings: Mapping[str, Any]
    #: What the parts are marked with: settings, checkpoint and version.
    request: Mapping[str, Any]
    #: The columns that are handed on to the results, with their Arrow types.
    keep: Mapping[str, Any]
    #: The folder that relative paths are of, where a machine has it.
    folder: str
    #: The folder of the parts; without one the rows go on in the dataset.
    output: str | None = None
    #: The ids of the rows that are done, a reference to a sorted array.
    finished: Any = None


@dataclass
class _Row:
    """One row of the dataset."""

    path: str | None
    name: str | None
    kept: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    error: str | None = None

    def identity(self, shared: Mapping[str, Any]) -> str:
        """Give what tells this row from others: its structure, settings, the files that they name, and kept columns."""
        digest = hashlib.sha256(self.content or b"")
        settings = {**shared, **self.settings}
        files = [_content_of(value) for value in settings.values()]
        if "trb" in settings and self.path is not None:
            # What RFdiffusion wrote beside the structure.
            files.append(_content_of(os.path.splitext(self.path)[0] + ".trb"))
        place = self.path if self.content is None else None
        for part in (place, self.name, self.settings, self.kept, files):
            digest.update(b"\0" + json.dumps(part, sort_keys=True, default=str).encode())
        return digest.hexdigest()[:32]


class Designer:
    """Designs sequences for batches of structures with a network that is loaded once."""

    def __init__(self, work: Work) -> None:
        import ray

        if os.path.isdir(work.folder):
            os.chdir(work.folder)
        self._work = work
        self._model = Model(**work.network)
        self._parts = None if work.output is None else Parts(work.output)
        self._finished: Any = np.empty(0, "S32") if work.finished is None else ray.get(work.finished)

    def __call__(self, batch: Any) -> Any:
        """Design the structures of a batch, an Arrow table.

        Returns
        -------
        pyarrow.Table
            The designs; where parts are written, only their counts.
        """
        designs: list[dict[str, Any]] = []
        failures: list[dict[str, Any]] = []
        taken: set[str] = set()
        skipped = 0
        for given in batch.to_pylist():
            row = self._read(given)
            row_id = row.identity(self._work.settings)
            if self._parts is not None and (row_id in taken or self._is_finished(row_id)):
                skipped += 1
                continue
            taken.add(row_id)
            rows = self._design(row)
            shared = {"row_id": row_id, **row.kept, "path": row.path}
            into = failures if row.error is not None else designs
            into.extend({**shared, **one, "error": row.error} for one in rows)
        if self._parts is None:
            return self._table(designs + failures)
        self._write(designs, "")
        self._write(failures, FAILURES)
        return _counts(len(taken) - len(failures), len(failures), skipped)

    def _read(self, given: dict[str, Any]) -> _Row:
        kept = {name: given.pop(name, None) for name in self._work.keep}
        path, pdb, data, name = (given.pop(column, None) for column in (*SOURCES, "name"))
        row = _Row(path, name, kept)
        content = data if pdb is None else pdb
        try:
            own = {name: _as_whole(value) for name, value in given.items() if not _is_missing(value)}
            row.settings = _row({"inputs": "structure", **own}, "a row")[1]
            if path is None and (content is None or name is None):
                raise InputError("a row has a path, or pdb and a name")
            row.content = _bytes_of(content) if content is not None else _file(str(path))
        except Exception as error:
            row.error = _sentence(error)
        return row

    def _design(self, row: _Row) -> list[dict[str, Any]]:
        """Give the designs of a row as rows; one without a sequence where there are none."""
        name = row.name or _stem(row.path)
        if row.error is None:
            try:
                return self._drawn(row, name)
            except Exception as error:
                # Whatever it is, the row says so, and the others go on: Ray would give up all rows of the batch.
                row.error = _sentence(error)
        return [{"structure": name}]

    def _drawn(self, row: _Row, name: str | None) -> list[dict[str, Any]]:
        merged = {**self._work.settings, **row.settings}
        reading = {name: merged.pop(name) for name in _READING if name in merged}
        structure = read(_Opened(row.content or b"", row.path or str(name)), name=name, **reading)
        designs = self._model.encode(structure).design(**merged)
        seed = merged.get("seed", defaults("design")["seed"])
        return [
            {
                **one,
                "structure": structure.name,
                "seed": seed,
                "temperature": float(str(np.float32(one["temperature"]))),
            }
            for one in designs.rows()
        ]

    def _is_finished(self, row_id: str) -> bool:
        place = int(np.searchsorted(self._finished, row_id.encode()))
        return place < len(self._finished) and self._finished[place] == row_id.encode()

    def _table(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        import pyarrow

        schema = with_request(schema_of(self._work.keep), self._work.request)
        return pyarrow.Table.from_pylist(list(rows), schema=schema)

    def _write(self, rows: Sequence[Mapping[str, Any]], folder: str) -> None:
        """Write a part. Its name is made of its rows, so that a batch that is done again replaces what it wrote."""
        if rows and self._parts is not None:
            digest = hashlib.sha256("".join(sorted({row["row_id"] for row in rows})).encode())
            self._parts.write(self._table(rows), f"part-{digest.hexdigest()[:16]}.parquet", folder)


def schema_of(keep: Mapping[str, Any]) -> Any:
    """Give the columns of results."""
    import pyarrow

    text, whole, number = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    columns = {
        "row_id": text,
        **keep,
        "path": text,
        "structure": text,
        "sample": whole,
        "temperature": number,
        "seed": whole,
        "score": number,
        "rescored": number,
        "global_score": number,
        "recovery": number,
        "overall_confidence": number,
        "ligand_confidence": number,
        "ligand_recovery": number,
        "sequence": text,
        "error": text,
    }
    return pyarrow.schema(list(columns.items()))


def _counts(designed: int, failed: int, skipped: int) -> Any:
    import pyarrow

    return pyarrow.table({"designed": [designed], "failed": [failed], "skipped": [skipped]})


class _Opened(io.BytesIO):
    """The bytes of a file, with its path for messages."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def _file(path: str) -> bytes:
    return _fastmpnn.read_file(path)


def _stem(path: str | None) -> str | None:
    return None if path is None else _fastmpnn.structure_name(path)


def _bytes_of(content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    raise InputError(f"pdb is text or bytes of a file, not {type(content).__name__}")


def _content_of(value: Any) -> str | None:
    """Give the digest of the file that a setting names."""
    if isinstance(value, str) and os.path.isfile(value):
        with open(value, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    return None


def _as_whole(value: Any) -> Any:
    """Give a whole number as such, which a pandas table with missing cells has not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}"
