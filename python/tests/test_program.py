"""Python's answers are the program's, for the same request."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import program

import fastmpnn as fm

#: Arguments of Python, and the options of the program that say the same.
REQUESTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("5L33.pdb", {}, []),
    ("5L33.pdb", {"num_seqs": 8}, ["--num-seqs", "8"]),
    ("5L33.pdb", {"num_seqs": 3, "temperature": 0.5}, ["-n", "3", "--temperature", "0.5"]),
    ("5L33.pdb", {"num_seqs": 2, "temperature": [0.1, 1.0]}, ["-n", "2", "--temperature", "0.1,1.0"]),
    ("5L33.pdb", {"temperature": 0, "seed": 1}, ["--temperature", "0", "--seed", "1"]),
    ("5L33.pdb", {"num_seqs": 4, "fix": "A1-10"}, ["-n", "4", "--fix", "A1-10"]),
    ("5L33.pdb", {"fix": ["A1-10", "A50"], "seed": 5}, ["--fix", "A1-10", "--fix", "A50", "--seed", "5"]),
    ("5L33.pdb", {"redesign": "A20-35"}, ["--redesign", "A20-35"]),
    ("5L33.pdb", {"omit": "CM", "num_seqs": 2}, ["--omit", "CM", "-n", "2"]),
    ("5L33.pdb", {"omit_at": "A1-5:G"}, ["--omit-at", "A1-5:G"]),
    ("5L33.pdb", {"bias": "A=-1.0,W=0.5"}, ["--bias", "A=-1.0,W=0.5"]),
    ("5L33.pdb", {"bias": {"A": -1.0, "W": 0.5}}, ["--bias", "A=-1.0", "--bias", "W=0.5"]),
    ("5L33.pdb", {"bias_at": ["A1-5:W=2.0"]}, ["--bias-at", "A1-5:W=2.0"]),
    ("5L33.pdb", {"order": "chain"}, ["--order", "chain"]),
    ("5L33.pdb", {"order": "colored", "num_seqs": 2}, ["--order", "colored", "-n", "2"]),
    ("5L33.pdb", {"tie": "A1=A2"}, ["--tie", "A1=A2"]),
    ("5L33.pdb", {"rescore_orders": 2}, ["--rescore-orders", "2"]),
    ("5L33.pdb", {"cyclic": "A"}, ["--cyclic", "A"]),
    ("6MRR.pdb", {"num_seqs": 5, "seed": 99}, ["-n", "5", "--seed", "99"]),
    ("3HTN.pdb", {"chains": "A"}, ["--chains", "A"]),
    ("3HTN.pdb", {"homo_oligomer": True, "num_seqs": 2}, ["--homo-oligomer", "-n", "2"]),
]


@pytest.mark.parametrize(("name", "arguments", "options"), REQUESTS, ids=[str(row[1]) + row[0] for row in REQUESTS])
def test_designs_are_those_of_the_program(
    model: fm.Model, examples: Path, name: str, arguments: dict[str, Any], options: list[str]
) -> None:
    path = examples / name
    designs = model.encode(fm.read(path)).design(**arguments)
    assert designs.to_fasta() == program("design", str(path), *options, "--quiet")
    sequences = [line for line in designs.to_fasta().splitlines() if not line.startswith(">")]
    assert sequences[1:] == designs.sequences


def test_scores_are_those_of_the_program(encoding: fm.Encoding, examples: Path, tmp_path: Path) -> None:
    designs = encoding.design(num_seqs=3)
    fasta = tmp_path / "designs.fa"
    fasta.write_text("".join(f">{index}\n{sequence}\n" for index, sequence in enumerate(designs.sequences)))
    options = ["--fasta", str(fasta), "--num-orders", "4", "--seed", "7"]
    table = program("score", str(examples / "5L33.pdb"), *options, "--quiet")
    rows = list(csv.DictReader(io.StringIO(table)))
    scores = encoding.score(designs, orders=4, seed=7)
    assert [float(row["score"]) for row in rows] == pytest.approx(scores.scores, abs=1e-6)
    assert np.allclose(encoding.score(designs.sequences, num_orders=4, seed=7).scores, scores.scores, rtol=0, atol=0)


def test_probabilities_are_those_of_the_program(encoding: fm.Encoding, examples: Path, tmp_path: Path) -> None:
    for mode in ("unconditional", "conditional", "autoregressive"):
        out = tmp_path / f"{mode}.npz"
        program("probs", str(examples / "5L33.pdb"), "--mode", mode, "--out", str(out), "--quiet")
        written = np.load(out)
        found = getattr(encoding, mode)()
        key = next(key for key in written.files if written[key].shape == found.shape)
        assert np.array_equal(written[key], found)


def test_the_program_says_what_is_wrong() -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "fastmpnn", "design", "no_such_file.pdb"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no_such_file.pdb" in done.stderr
