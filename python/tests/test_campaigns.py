"""The commands, scripts and workflows of docs/campaigns.md: each gives what one run on one machine gives."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import program
from test_docs import ROOT, blocks, workplace

DOCUMENT = ROOT / "docs" / "campaigns.md"

__all__ = ["workplace"]

#: What stands in for Slurm: `sbatch` runs the tasks of an array at once and waits for them, `srun` runs its command.
SBATCH = r"""#!/usr/bin/env bash
set -euo pipefail
script=${!#}
job=1
case "$*" in
    *--dependency=*) job=2; grep -qx "$(sed 's/.*--dependency=afterany:\([0-9]*\).*/\1/' <<<"$*")" finished ;;
esac
last=$(sed -n 's/^#SBATCH --array=1-//p' "$script")
tasks=()
for task in $(seq "${last:-1}"); do
    SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=$last SLURM_CPUS_PER_TASK=1 bash "$script" >"job-$job-$task.log" 2>&1 &
    tasks+=($!)
done
for task in "${tasks[@]}"; do wait "$task"; done
echo "$job" >>finished
echo "$job"
"""


def shell(document: Path, heading: str) -> list[str]:
    """Give the blocks of shell commands under a heading."""
    text = document.read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def tools(folder: Path, **scripts: str) -> dict[str, str]:
    """Put programs into a folder, with fastmpnn among them, and give an environment that finds them first."""
    folder.mkdir()
    scripts["fastmpnn"] = f'#!/bin/sh\nexec "{sys.executable}" -m fastmpnn "$@"\n'
    for name, text in scripts.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    logs = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.log")))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    return done.stdout


@pytest.fixture
def backbones(examples: Path, tmp_path: Path) -> Path:
    """A folder with seven structures."""
    folder = tmp_path / "backbones"
    folder.mkdir()
    for index in range(7):
        shutil.copy(examples / ("6MRR.pdb" if index % 2 else "5L33.pdb"), folder / f"backbone_{index}.pdb")
    return folder


def whole(backbones: Path, *options: str) -> str:
    """Design everything in one run, and give the table as CSV."""
    out = backbones.parent / "whole"
    command = [sys.executable, "-m", "fastmpnn", "design", "backbones/", *options, "--quiet"]
    run([*command, "--table", "parquet", "-o", out.name], backbones.parent, dict(os.environ))
    return table(out)


def table(results: Path) -> str:
    """Give what `collect` makes of a folder or table, as CSV."""
    collected = results.with_suffix(".csv")
    program("collect", str(results), "-o", str(collected))
    return collected.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="the scripts are of bash")
def test_the_shards_of_the_slurm_script_are_the_whole(backbones: Path, tmp_path: Path) -> None:
    design, collect, submit = shell(DOCUMENT, "Slurm")
    assert "#SBATCH --array=1-100\n" in design
    (tmp_path / "design.sbatch").write_text(design.replace("--array=1-100", "--array=1-4"), encoding="utf-8")
    (tmp_path / "collect.sbatch").write_text(collect, encoding="utf-8")
    environment = tools(tmp_path / "bin", sbatch=SBATCH, srun='#!/bin/sh\nexec "$@"\n')
    run(["bash", "-euo", "pipefail", "-c", submit], tmp_path, environment)
    assert (tmp_path / "finished").read_text() == "1\n2\n"
    assert (tmp_path / "runs" / "slurm" / "parts" / "designs-4of4-00001.parquet").exists()
    expected = whole(backbones, "--num-seqs", "8", "--seed", "37")
    assert table(tmp_path / "runs" / "slurm.parquet") == expected
    assert expected.count("\n") == 7 * 8 + 1


def test_the_workflow_of_snakemake_gives_the_whole(backbones: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("snakemake") is None:
        pytest.skip("snakemake is not installed")
    # A structure that cannot be used costs itself alone.
    (backbones / "bad.pdb").write_text("nothing\n")
    environment = tools(tmp_path / "bin", snakemake=f'#!/bin/sh\nexec "{sys.executable}" -m snakemake "$@"\n')
    (tmp_path / "workflows").symlink_to(ROOT / "workflows", target_is_directory=True)
    (command,) = shell(DOCUMENT, "Snakemake")
    command = command.replace("shards=16", "shards=3").replace("--cores 8", "--cores 2")
    run(["bash", "-euo", "pipefail", "-c", command], tmp_path, environment)
    results = tmp_path / "runs" / "snakemake"
    assert len(list(results.glob("summary-*of3.json"))) == 3
    failures = "".join(path.read_text(encoding="utf-8") for path in sorted(results.glob("failures-*.csv")))
    assert failures.count("bad.pdb") == 2
    (backbones / "bad.pdb").unlink()
    assert table(results.with_suffix(".parquet")) == whole(backbones, "--num-seqs", "8", "--seed", "37")
    assert "Nothing to be done" in run(["bash", "-c", f"{command.strip()} 2>&1"], tmp_path, environment)


def test_the_example_of_ray_runs(workplace: Path) -> None:
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    block = next(block for block in blocks(DOCUMENT) if "ray.data" in block.needs)
    names: dict[str, Any] = {"__name__": "document"}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        exec(compile("\n" * (block.line - 1) + block.code, os.fspath(DOCUMENT), "exec"), names)
    finally:
        ray.shutdown()
    assert len(names["table"]) == 2 * 16 + 1
    assert list(names["failed"].input) == ["examples/not_there.pdb"]
    assert sorted(names["best"].name) == ["5L33", "6MRR"]
    assert list((workplace / "runs" / "ray").glob("part-*.parquet"))


def test_the_commands_of_one_machine_run(backbones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    commands = shell(DOCUMENT, "One machine")
    assert len(commands) == 1 and commands[0].count("fastmpnn ") == 3
    environment = tools(tmp_path / "tools")
    # The second time as after a stop: the dataset is there.
    for _ in range(2):
        run(["bash", "-euo", "pipefail", "-c", commands[0]], backbones.parent, environment)
    best = (tmp_path / "best.csv").read_text(encoding="utf-8").splitlines()
    assert best[0].startswith("name,")
    monkeypatch.chdir(tmp_path)
    found = [block for block in blocks(DOCUMENT) if "pandas" in block.needs]
    assert len(found) == 2
    names: dict[str, Any] = {}
    lengths = []
    for block in found:
        exec(compile(block.code, str(DOCUMENT), "exec"), names)
        lengths.append(names["best"].name.nunique())
    assert lengths[0] == lengths[1] > 1
