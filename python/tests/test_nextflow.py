"""The Nextflow module, as text and as the commands that it runs; Nextflow itself is not needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import program

WORKFLOW = Path(__file__).parents[2] / "workflows" / "nextflow"
MODULES = sorted(WORKFLOW.glob("modules/local/fastmpnn/*/main.nf"))
SECTIONS = ("input", "output", "when", "script", "stub")


def without_text(source: str) -> str:
    """Give Groovy source with comments and the insides of strings blanked."""
    pattern = re.compile(
        r'"""(?:\\.|[^\\])*?"""' r'|"(?:\\.|[^"\\\n])*"' r"|'(?:\\.|[^'\\\n])*'" r"|(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL
    )
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def sections(module: Path) -> dict[str, str]:
    """Give the body of each section of a process."""
    parts = re.split(rf"^    ({'|'.join(SECTIONS)}):\n", module.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def command(section: str, values: dict[str, str]) -> str:
    """Give the script of a section as Nextflow writes it into .command.sh: variables filled in, the indent removed."""
    script = re.search(r'"""\n(.*?)"""', section, re.DOTALL)
    assert script is not None
    text = re.sub(r"(?<!\\)\$\{([\w.]+)\}", lambda match: values[match[1]], script[1])
    assert not re.search(r"(?<!\\)\$\w", text), "variables are written ${name}"
    return textwrap.dedent(text.replace("\\$", "$").replace("\\\\", "\\"))


def run(text: str, folder: Path) -> None:
    """Run a script as Nextflow does, with the program of this package on PATH."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin" / "fastmpnn"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fastmpnn "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path", sorted(WORKFLOW.rglob("*.nf")) + [WORKFLOW / "nextflow.config"], ids=lambda path: path.stem
)
def test_brackets_match(path: Path) -> None:
    code = without_text(path.read_text(encoding="utf-8"))
    assert "'" not in code and '"' not in code
    opened: list[str] = []
    for letter in code:
        if letter in "([{":
            opened.append({"(": ")", "[": "]", "{": "}"}[letter])
        elif letter in ")]}":
            assert opened and opened.pop() == letter
    assert not opened


def test_the_workflow_includes_modules_that_exist() -> None:
    text = (WORKFLOW / "main.nf").read_text(encoding="utf-8")
    included = re.findall(r"include \{ (\w+) \} from '(\S+)'", text)
    assert included
    for name, place in included:
        module = (WORKFLOW / f"{place}.nf").read_text(encoding="utf-8")
        assert f"process {name} {{" in module and f"{name}(" in text
    used = set(re.findall(r"params\.(\w+)", text))
    config = (WORKFLOW / "nextflow.config").read_text(encoding="utf-8")
    assert used <= set(re.findall(r"^    (\w+) += ", config, re.MULTILINE))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.parent.name)
def test_inputs_and_outputs_are_those_of_the_description(module: Path) -> None:
    found = sections(module)
    assert set(found) == set(SECTIONS)
    assert found["input"].strip().startswith("tuple val(meta), path(")
    assert "task.ext.args ?: ''" in found["script"]
    assert found["when"].strip() == "task.ext.when == null || task.ext.when"
    emitted = re.findall(
        r'^ +(?:tuple val\(meta\), )?path\(?[ ]?"([^"]+)"\)? *, emit: (\w+)$', found["output"], re.MULTILINE
    )
    assert len(emitted) == len(found["output"].strip().splitlines())
    assert ("versions.yml", "versions") in emitted
    yaml = pytest.importorskip("yaml")
    described = yaml.safe_load((module.parent / "meta.yml").read_text(encoding="utf-8"))
    assert described["name"] == f"fastmpnn_{module.parent.name}"
    names = {name: [key for entry in entries for key in keys(entry)] for name, entries in described["output"].items()}
    assert list(names) == [name for _, name in emitted]
    for pattern, name in emitted:
        assert pattern in names[name]
    inputs = [key for entry in described["input"] for key in keys(entry)]
    assert re.findall(r"(?:val|path)\((\w+)", found["input"]) == inputs


def keys(entry: object) -> list[str]:
    """Give the names in an entry of the description."""
    if isinstance(entry, list):
        return [key for one in entry for key in keys(one)]
    assert isinstance(entry, dict)
    return list(entry)


def values_of(folder: str, **more: str) -> dict[str, str]:
    return {"prefix": folder, "meta.id": folder, "task.cpus": "1", "task.process": "FASTMPNN", "args": "", **more}


def test_designs_of_the_module_are_those_of_one_run(examples: Path, tmp_path: Path) -> None:
    found = sections(WORKFLOW / "modules/local/fastmpnn/design/main.nf")
    names = ["5L33.pdb", "6MRR.pdb", "3MHT.pdb"]
    for name in names:
        (tmp_path / name).symlink_to(examples / name)
    for folder, batch in (("first", names[:2]), ("second", names[2:]), ("whole", names)):
        run(command(found["script"], values_of(folder, args="--num-seqs 2 --seed 5", pdb=" ".join(batch))), tmp_path)
        for pattern in re.findall(r'path\("\$\{prefix\}([^"]*)"\)', found["output"]):
            assert list(tmp_path.glob(folder + pattern)), pattern
        versions = (tmp_path / "versions.yml").read_text(encoding="utf-8")
        assert re.fullmatch(r'"FASTMPNN":\n    fastmpnn: \d+\.\d+\.\d+\n', versions)
    collect = sections(WORKFLOW / "modules/local/fastmpnn/collect/main.nf")["script"]
    run(command(collect, values_of("parts", results="first second")), tmp_path)
    run(command(collect, values_of("all", results="whole")), tmp_path)
    parts, whole = (table(tmp_path / f"{name}.parquet") for name in ("parts", "all"))
    assert parts == whole and parts.count("\n") == 3 * 2 + 1


def table(path: Path) -> str:
    """Give a collected table as CSV."""
    program("collect", str(path), "-o", str(path.with_suffix(".csv")))
    return path.with_suffix(".csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.parent.name)
def test_a_stub_run_makes_the_outputs(module: Path, tmp_path: Path) -> None:
    found = sections(module)
    run(command(found["stub"], values_of("5L33")), tmp_path)
    for pattern, _ in re.findall(r'path\(?[ ]?"([^"]+)"\)? *, emit: (\w+)', found["output"]):
        assert list(tmp_path.glob(pattern.replace("${prefix}", "5L33"))), pattern
