"""The notebooks of the examples, run from top to bottom."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the structures that the notebooks read beside themselves."""
    for path in EXAMPLES.glob("*.pdb"):
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notebook(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return loaded


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS == ["binder_campaign.ipynb", "first_designs.ipynb"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    content = notebook(name)
    for cell in content["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert not re.search(r"^[%!]", "".join(cell["source"]), re.MULTILINE)
    assert content["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.filterwarnings("ignore::fastmpnn.FastMPNNWarning")
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_run_as_scripts(name: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without Jupyter: every cell runs, and what it ends with is shown."""
    names: dict[str, Any] = {"__name__": "__main__"}
    pictures = 0
    for number, cell in enumerate(notebook(name)["cells"]):
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]), f"{name}, cell {number}")
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name}, cell {number}", "exec"), names)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), f"{name}, cell {number}", "eval"), names)
            if hasattr(shown, "_repr_html_"):
                pictures += "<svg" in shown._repr_html_()
    assert pictures >= 2
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_run_in_jupyter(name: str, workplace: Path) -> None:
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    import nbformat

    content = nbformat.read(EXAMPLES / name, as_version=4)
    nbclient.NotebookClient(content, timeout=300, resources={"metadata": {"path": str(workplace)}}).execute()
    outputs = [output for cell in content.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    pictures = [output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert len(pictures) >= 3
    assert any("<svg" in picture for picture in pictures)
    assert sum(map(len, pictures)) < 1_000_000
