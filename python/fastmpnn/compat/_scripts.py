"""A published script, run on files made from Python dictionaries: what the modules of this package have in common."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, final

import numpy as np

from fastmpnn import _fastmpnn
from fastmpnn._errors import CheckpointError, Error, FastMPNNWarning, InputError, SelectionError, SettingError

#: A path.
PathLike = str | os.PathLike[str]
#: Words, such as residue names: in one text or one by one.
Words = str | Iterable[str]

_UNWRITTEN = 1
_USAGE = "usage:"
_PLACE = re.compile(r"(?P<file>.+?): (?:line (?P<line>\d+): )?(?:chain (?P<chain>\S+?): )?")
_OPTION = re.compile(r"--\w|\S+\.py needs --")
_SELECTING = re.compile(r"(?:.+?: )?--\w*(?:_jsonl|residue|symmetry|chain|transmembrane|homo)")


@final
class ScriptRun:
    """One run of a script in a folder of its own, which is deleted at the end of the ``with`` block.

    Parameters
    ----------
    script : str
        The file name of the published script.
    out_folder : path, optional
        Where the results are copied to, besides being returned.
    """

    def __init__(self, script: str, out_folder: PathLike | None = None) -> None:
        self.script = script
        self.arguments: list[str] = []
        self._copy = out_folder
        # Files of the run, and what messages call them.
        self._shown: list[tuple[str, str]] = []

    def __enter__(self) -> ScriptRun:
        self._folder = tempfile.TemporaryDirectory(prefix="fastmpnn-")
        self.out = os.path.join(self._folder.name, "out")
        os.mkdir(self.out)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def path(self, name: str, shown: str) -> str:
        """Give the path of a file of this run; messages call it ``shown``."""
        path = os.path.join(self._folder.name, name)
        self._shown.append((path, shown))
        return path

    def option(self, name: str, value: object) -> None:
        """Add an option; none where the value is ``None``, and a switch where it is ``True``."""
        if value is None:
            return
        self.arguments.append(f"--{name}")
        if value is not True:
            self.arguments.append(str(value))

    def number(self, name: str, value: float | bool | None) -> None:
        """Add an option that takes a number; truth values are 1 and 0."""
        self.option(name, None if value is None else str(int(value) if isinstance(value, bool) else value))

    def json(self, name: str, value: object, shown: str) -> None:
        """Add an option that takes a JSON file, with this value in it; none where it is ``None``."""
        if value is not None:
            self.option(name, self.write(f"{name}.json", [value], shown))

    def write(self, name: str, values: Iterable[object], shown: str) -> str:
        """Write values to a file, a line of JSON each, and give its path."""
        path = self.path(name, shown)
        with open(path, "w", encoding="utf-8") as file:
            for value in values:
                try:
                    file.write(json.dumps(value, default=_plain) + "\n")
                except (TypeError, ValueError) as error:
                    raise SettingError(f"{shown}: it cannot be written as JSON: {error}") from error
        return path

    def run(self) -> str:
        """Run the script and give what it prints.

        Raises
        ------
        InputError, SelectionError, SettingError, CheckpointError
            With the sentences of the script.
        """
        status, printed, said = _fastmpnn.run_script(self.script, self.arguments)
        # The longest path first: files may lie in a folder that has a name of its own.
        for path, shown in sorted(self._shown, key=lambda pair: -len(pair[0])):
            said = said.replace(path, shown)
        warning = "warning: "
        lines = [line for line in said.splitlines() if line.strip()]
        if _USAGE not in said:
            for line in lines:
                if line.startswith(warning):
                    warnings.warn(line.removeprefix(warning), FastMPNNWarning, stacklevel=3)
            lines = [line for line in lines if not line.startswith(warning)]
        if status != 0:
            raise self._error(status, lines or [f"{self.script} ended with status {status}"])
        if self._copy is not None:
            shutil.copytree(self.out, os.fspath(self._copy), dirs_exist_ok=True)
        return printed

    def _error(self, status: int, lines: list[str]) -> Error:
        if lines[0].startswith(_USAGE):
            return SettingError(re.sub(r"^\S+\.py: error: ", "", lines[-1]))
        sentence, first = "\n".join(lines), lines[0]
        if status == _UNWRITTEN:
            return Error(sentence)
        place = _PLACE.match(first)
        file = line = chain = None
        if place is not None and place["file"] in [*self.arguments, *dict(self._shown).values()]:
            file, chain = place["file"], place["chain"]
            line = int(place["line"]) if place["line"] else None
        if _SELECTING.match(first):
            return SelectionError(sentence, file=file, line=line, chain=chain)
        if _OPTION.match(first):
            return SettingError(sentence)
        if "checkpoint" in first:
            return CheckpointError(sentence)
        return InputError(sentence, file=file, line=line, chain=chain)

    def result(self, *names: str) -> str | None:
        """Give the path of a result, or ``None`` where the script did not write it."""
        path = os.path.join(self.out, *names)
        return path if os.path.isfile(path) else None

    def text(self, *names: str) -> str:
        """Give the text of a result that the script writes."""
        with open(os.path.join(self.out, *names), encoding="utf-8") as file:
            return file.read()

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Give the dictionaries of a result that the script writes, a line of JSON each."""
        return read_lines(os.path.join(self.out, name))

    def arrays(self, *names: str) -> dict[str, Any]:
        """Give the arrays of a result that the script writes."""
        with np.load(os.path.join(self.out, *names)) as file:
            return {name: file[name] for name in file.files}


def _plain(value: object) -> object:
    """Give what JSON has no word for as lists and numbers."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is neither a number, a text, a list nor a dictionary")


def read_lines(path: PathLike) -> list[dict[str, Any]]:
    """Read a file with a line of JSON for each dictionary."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def joined(value: Words | None, separator: str = " ") -> str | None:
    """Give words as one text."""
    if value is None or isinstance(value, str):
        return value
    return separator.join(str(word) for word in value)


def lists(value: str | Sequence[Words | Sequence[object]] | None, outer: str, inner: str) -> str | None:
    """Give a list of lists as one text."""
    if value is None or isinstance(value, str):
        return value
    return outer.join(item if isinstance(item, str) else inner.join(str(word) for word in item) for item in value)


def fasta(text: str) -> list[tuple[str, str]]:
    """Give the headers and sequences of a FASTA text; headers without ``>``."""
    records: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith(">"):
            records.append((line[1:], ""))
        elif records:
            records[-1] = (records[-1][0], records[-1][1] + line)
    return records


def fields(header: str, pattern: re.Pattern[str]) -> dict[str, str]:
    """Give the named parts of a FASTA header."""
    found = pattern.fullmatch(header)
    if found is None:
        raise InputError(f"a FASTA header of an unknown form: {header}")
    return found.groupdict()


def no_results(printed: str) -> SettingError:
    """Say why a script ended without results: its last line does."""
    lines = printed.strip().splitlines()
    return SettingError(lines[-1] if lines else "there are no results")


def unique(names: Iterable[str]) -> None:
    """Refuse names that come twice: the results of one structure would take the place of the other's."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SettingError(f"two structures are called {name}: give each a name of its own")
        seen.add(name)
