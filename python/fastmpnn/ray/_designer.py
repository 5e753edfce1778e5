"""What an actor does: batches of structures in, rows of designs out."""

from __future__ import annotations

import glob
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastmpnn import _fastmpnn
from fastmpnn._campaign import _READING, _row
from fastmpnn._errors import Error, InputError
from fastmpnn._model import Encoding, Model
from fastmpnn._request import warn
from fastmpnn._structure import read
from fastmpnn.ray._parts import FAILURES, Parts

#: Columns of rows that hold a structure: its path, or the text or bytes of a file.
SOURCES = ("path", "pdb", "bytes")
#: Columns of rows that are not settings.
NOT_SETTINGS = (*SOURCES, "name")

#: Settings that the columns of a dataset depend on.
_COLUMN_SETTINGS = ("motif", "rescore_orders")
#: Where files are in memory, on Linux.
_MEMORY = "/dev/shm"


@dataclass(frozen=True)
class Work:
    """What all actors are given."""

    #: Arguments of :class:`fastmpnn.Model`.
    network: Mapping[str, Any]
    #: The settings of all structures.
    settings: Mapping[str, Any]
    #: The columns of the results, with the request as metadata.
    schema: Any
    #: Which of them are those of the rows.
    keep: tuple[str, ...]
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
        for part in (place, self.name or _stem(self.path), self.settings, self.kept, files):
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
        designs: list[Any] = []
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
            name = row.name or _stem(row.path)
            shared = {**row.kept, "input": row.path or name, "row_id": row_id}
            table = self._design(row, name)
            if table is None:
                failures.append({**shared, "name": name, "error": row.error})
            else:
                shared["input_sha256"] = _content_hash(row)
                designs.append(self._arranged(table, shared))
        import pyarrow

        failed = pyarrow.Table.from_pylist(failures, schema=self._work.schema)
        if self._parts is None:
            return pyarrow.concat_tables([*designs, failed])
        self._write(designs, "")
        self._write([failed], FAILURES)
        return _counts(len(designs), len(failures), skipped)

    def _read(self, given: dict[str, Any]) -> _Row:
        kept = {name: given.pop(name, None) for name in self._work.keep}
        path, pdb, data, name = (given.pop(column, None) for column in (*SOURCES, "name"))
        row = _Row(path, name, kept)
        content = data if pdb is None else pdb
        try:
            own = {name.replace("-", "_"): _cell(value) for name, value in given.items() if not _is_missing(value)}
            row.settings = _row({"inputs": "structure", **own}, "a row")[1]
            if path is None and (content is None or name is None):
                raise InputError("a row has a path, or pdb and a name")
            row.content = _bytes_of(content) if content is not None else _file(str(path))
        except Exception as error:
            row.error = _sentence(error)
        return row

    def _design(self, row: _Row, name: str | None) -> Any:
        """Give the designs of a row as a table of the program; None where there are none, with the reason in the row."""
        if row.error is None:
            try:
                return self._drawn(row, name)
            except Exception as error:
                # Whatever it is, the row says so, and the others go on: Ray would give up all rows of the batch.
                row.error = _sentence(error)
        return None

    def _drawn(self, row: _Row, name: str | None) -> Any:
        merged = {**self._work.settings, **row.settings}
        reading = {name: merged.pop(name) for name in _READING if name in merged}
        structure = read(_Opened(row.content or b"", row.path or str(name)), name=name, **reading)
        return table_of(self._model.encode(structure), merged)

    def _arranged(self, table: Any, shared: Mapping[str, Any]) -> Any:
        """Give a table the columns of the results: those of the program, and those of the row."""
        import pyarrow

        columns = []
        for column in self._work.schema:
            if column.name in shared:
                columns.append(pyarrow.array([shared[column.name]] * len(table), column.type))
            elif column.name in table.column_names:
                columns.append(table[column.name].cast(column.type))
            else:
                columns.append(pyarrow.nulls(len(table), column.type))
        return pyarrow.Table.from_arrays(columns, schema=self._work.schema)

    def _is_finished(self, row_id: str) -> bool:
        place = int(np.searchsorted(self._finished, row_id.encode()))
        return place < len(self._finished) and self._finished[place] == row_id.encode()

    def _write(self, tables: Sequence[Any], folder: str) -> None:
        """Write a part. Its name is made of its rows, so that a batch that is done again replaces what it wrote."""
        import pyarrow

        table = pyarrow.concat_tables([self._work.schema.empty_table(), *tables])
        if len(table) > 0 and self._parts is not None:
            rows = sorted(set(table["row_id"].to_pylist()))
            digest = hashlib.sha256("".join(rows).encode())
            self._parts.write(table, f"part-{digest.hexdigest()[:16]}.parquet", folder)


def table_of(encoding: Encoding, settings: Mapping[str, Any]) -> Any:
    """Design, and give the rows of the program's dataset."""
    import pyarrow
    import pyarrow.parquet

    with tempfile.TemporaryDirectory(prefix="fastmpnn-", dir=_MEMORY if os.path.isdir(_MEMORY) else None) as folder:
        out = os.path.join(folder, "designs")
        request = encoding._request("design", settings)
        request.settings.update(out=out, table="parquet")
        warn(encoding._inner.design(request.json(), request.values)[1])
        parts = sorted(glob.glob(os.path.join(glob.escape(out), "parts", "*.parquet")))
        if not parts:
            raise InputError("the filters leave none of its designs")
        return pyarrow.concat_tables([pyarrow.parquet.read_table(part) for part in parts])


def columns_of(model: Model, settings: Mapping[str, Any], keep: Mapping[str, Any]) -> Any:
    """Give the columns of results: those of the program's datasets for these settings, kept ones, and the dataset's own.

    They are those of the designs of a made-up strand of three residues.
    """
    import pyarrow

    atoms = np.array([[0.0, 0.0, 0.0], [1.46, 0.0, 0.0], [2.0, 1.4, 0.0], [1.2, 2.3, 0.3]], np.float32)
    strand = np.stack([atoms + np.float32(index) * np.array([3.3, 1.0, 0.5], np.float32) for index in range(3)])
    found = table_of(model.encode(strand), {name: settings[name] for name in _COLUMN_SETTINGS if name in settings})
    text = pyarrow.string()
    own = {**keep, "row_id": text, "error": text}
    return pyarrow.schema([*zip(found.schema.names, found.schema.types), *own.items()])


def _counts(designed: int, failed: int, skipped: int) -> Any:
    import pyarrow

    return pyarrow.table({"designed": [designed], "failed": [failed], "skipped": [skipped]})


class _Opened(io.BytesIO):
    """The bytes of a file, with its path for messages."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def _content_hash(row: _Row) -> str:
    """Give the hash of a structure's content as the program's datasets have it."""
    return hashlib.sha256(row.content or b"").hexdigest()


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


def _cell(value: Any) -> Any:
    """Give a value of a row as a setting.

    A pandas table with missing cells has no whole numbers, and a list in a manifest is text.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            # The pipeline says what it expected.
            return value
    return value


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}"
