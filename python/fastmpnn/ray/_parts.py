"""A folder of Parquet parts, on a disk that all machines see or in an object store.

A part gets its name when it is complete: on a disk by renaming, in an object store when its upload ends. Whoever reads
the folder, whenever a run has died, finds whole parts only.
"""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from fastmpnn._errors import InputError, SettingError

#: The key of the Arrow metadata that holds the request.
REQUEST = b"fastmpnn.request"
#: The folder, in that of the parts, of those with what failed.
FAILURES = "failures"

_ENDING = ".parquet"
_UNFINISHED = ".unfinished"


class Parts:
    """The parts of a folder.

    Parameters
    ----------
    output : str
        The folder: a path, or an address such as ``s3://bucket/folder`` that ``pyarrow`` knows.
    """

    def __init__(self, output: str) -> None:
        import pyarrow.fs

        self.output = output
        if "://" in output:
            self.filesystem, self.root = pyarrow.fs.FileSystem.from_uri(output)
        else:
            self.filesystem, self.root = pyarrow.fs.LocalFileSystem(), os.path.abspath(output)
        self._on_disk = self.filesystem.type_name == "local"

    def names(self, folder: str = "") -> list[str]:
        """Give the names of the parts of the folder, or of one in it, in their order."""
        return [name for name in self._files(folder) if name.endswith(_ENDING) and not name.startswith(".")]

    def write(self, table: Any, name: str, folder: str = "") -> None:
        """Write a part; its name appears when all of it is on the disk."""
        import pyarrow.parquet

        final = self._path(folder, name)
        self.filesystem.create_dir(posixpath.dirname(final), recursive=True)
        if not self._on_disk:
            with self.filesystem.open_output_stream(final) as stream:
                pyarrow.parquet.write_table(table, stream)
            return
        unfinished = self._path(folder, f".{name}.{uuid.uuid4().hex}{_UNFINISHED}")
        try:
            with open(unfinished, "wb") as file:
                pyarrow.parquet.write_table(table, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, final)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(unfinished)
        _sync_folder(os.path.dirname(final))

    def read(self, name: str, columns: list[str] | None = None) -> Any:
        """Read a part, or columns of it."""
        import pyarrow
        import pyarrow.parquet

        try:
            with self.filesystem.open_input_file(self._path(name)) as file:
                return pyarrow.parquet.read_table(file, columns=columns)
        except (pyarrow.ArrowInvalid, OSError) as error:
            raise InputError(
                f"{self._path(name)}: the part cannot be read: {error}; without it, its rows are designed again",
                file=self._path(name),
            ) from error

    def remove(self, name: str, folder: str = "") -> None:
        """Remove a part."""
        with contextlib.suppress(FileNotFoundError):
            self.filesystem.delete_file(self._path(folder, name))

    def remove_unfinished(self) -> None:
        """Remove what runs that died have left, and the failures, which are tried again."""
        for folder in ("", FAILURES):
            for name in self._files(folder):
                if name.endswith(_UNFINISHED) or (folder == FAILURES and name.endswith(_ENDING)):
                    self.remove(name, folder)

    def finished(self, request: Mapping[str, Any]) -> list[str]:
        """Give the ids of the rows that have their results here.

        Raises
        ------
        SettingError
            Where a part was made by another request; the first setting that differs is named.
        """
        ids: list[str] = []
        for name in self.names():
            column = self.read(name, ["row_id"])
            _same_request(self._path(name), column.schema.metadata, request)
            ids.extend(column["row_id"].unique().to_pylist())
        return ids

    def keep_one_of_each(self) -> None:
        """Remove rows that another part has too, which an actor may leave that dies after writing."""
        seen: set[str] = set()
        for name in self.names():
            ids = self.read(name, ["row_id"])["row_id"].to_pylist()
            new = [row not in seen for row in ids]
            seen.update(ids)
            if not any(new):
                self.remove(name)
            elif not all(new):
                self.write(self.read(name).filter(new), name)

    def _files(self, folder: str) -> list[str]:
        import pyarrow.fs

        selector = pyarrow.fs.FileSelector(self._path(folder), allow_not_found=True)
        infos = self.filesystem.get_file_info(selector)
        return sorted(info.base_name for info in infos if info.type == pyarrow.fs.FileType.File)

    def _path(self, *names: str) -> str:
        return posixpath.join(self.root, *(name for name in names if name))


def with_request(schema: Any, request: Mapping[str, Any]) -> Any:
    """Give a schema the request as metadata."""
    return schema.with_metadata({REQUEST: json.dumps(request, sort_keys=True).encode()})


def _same_request(path: str, metadata: Mapping[bytes, bytes] | None, request: Mapping[str, Any]) -> None:
    written = (metadata or {}).get(REQUEST)
    if written is None:
        raise SettingError(f"{path} is not a part of fastmpnn.ray: give a folder of its own")
    former: dict[str, Any] = json.loads(written)
    for name, before, now in _differences(former, json.loads(json.dumps(request))):
        raise SettingError(
            f"{path} was made with {name} {before}, and this run has {now}: give another folder, or the same settings"
        )


def _differences(former: dict[str, Any], request: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in sorted(former.keys() | request.keys()):
        before, now = former.get(name), request.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            yield from _differences(before, now)
        elif before != now:
            yield name, json.dumps(before), json.dumps(now)


def _sync_folder(path: str) -> None:
    """Put a folder's entries on the disk, where the system can."""
    try:
        folder = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)
