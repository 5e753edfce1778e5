"""The examples of docs/python.md, run from top to bottom."""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"(?:^<!-- needs: (?P<needs>[\w., ]+) -->\n)?^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A piece of Python in a document, with the line that it begins at."""

    line: int
    code: str
    needs: tuple[str, ...]

    def missing(self) -> list[str]:
        return [package for package in self.needs if not installed(package)]


def installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        needs = tuple(name.strip() for name in (match["needs"] or "").split(",") if name.strip())
        found.append(Block(text.count("\n", 0, match.start("code")) + 1, match["code"], needs))
    return found


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's examples, which the documents may write into."""
    (tmp_path / "examples").symlink_to(ROOT / "examples", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    return tmp_path


@pytest.mark.filterwarnings("ignore::fastmpnn.FastMPNNWarning")
def test_the_examples_of_the_document_run(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = ROOT / "docs" / "python.md"
    found = blocks(document)
    assert len(found) == document.read_text(encoding="utf-8").count("```python") >= 15
    names: dict[str, Any] = {"__name__": "document"}
    skipped = []
    for block in found:
        missing = block.missing()
        if missing:
            skipped.append((block.line, missing))
            continue
        # Line numbers of a failure are those of the document.
        code = compile("\n" * (block.line - 1) + block.code, os.fspath(document), "exec")
        exec(code, names)
    assert (workplace / "designs.fa").read_text(encoding="utf-8").startswith(">5L33_native")
    with capsys.disabled():
        for line, missing in skipped:
            print(f"\n{document.name}:{line}: left out, {', '.join(missing)} not installed", end="")


def test_the_links_of_the_document_lead_somewhere() -> None:
    document = ROOT / "docs" / "python.md"
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (document.parent / link).exists(), link
