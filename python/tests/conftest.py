"""What the tests share: the examples of the repository and a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fastmpnn as fm

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def examples() -> Path:
    """Give the folder of example structures."""
    return EXAMPLES


@pytest.fixture(scope="session")
def model() -> fm.Model:
    """Give the default network."""
    return fm.Model("protein")


@pytest.fixture(scope="session")
def structure() -> fm.Structure:
    """Give a small protein."""
    return fm.read(EXAMPLES / "5L33.pdb")


@pytest.fixture(scope="session")
def encoding(model: fm.Model, structure: fm.Structure) -> fm.Encoding:
    """Give the small protein with the default network."""
    return model.encode(structure)


def program(*arguments: str) -> str:
    """Run the program of the package and give its standard output."""
    command = [sys.executable, "-m", "fastmpnn", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
