"""FastMPNN: inverse folding with the ProteinMPNN and LigandMPNN networks, on the CPU.

>>> import fastmpnn as fm
>>> designs = fm.Model("protein").encode(fm.read("examples/5L33.pdb")).design(num_seqs=2, seed=37)
>>> len(designs.sequences)
2
"""

from __future__ import annotations

import os

from fastmpnn import _fastmpnn
from fastmpnn._campaign import DesignRow, design_many
from fastmpnn._designs import Design, Designs
from fastmpnn._errors import CheckpointError, Error, FastMPNNWarning, InputError, SelectionError, SettingError
from fastmpnn._fastmpnn import Level
from fastmpnn._model import Encoding, Model
from fastmpnn._packings import Packings
from fastmpnn._request import ALPHABET, Pssm
from fastmpnn._scan import Mutant, Mutation, Scan
from fastmpnn._scores import Scores
from fastmpnn._structure import Structure, read
from fastmpnn.columns import Columns

__version__ = _fastmpnn.version()

__all__ = [
    "ALPHABET",
    "CheckpointError",
    "Columns",
    "Design",
    "DesignRow",
    "Designs",
    "Encoding",
    "Error",
    "FastMPNNWarning",
    "InputError",
    "Level",
    "Model",
    "Mutant",
    "Mutation",
    "Packings",
    "Pssm",
    "Scan",
    "Scores",
    "SelectionError",
    "SettingError",
    "Structure",
    "__version__",
    "design_many",
    "read",
]

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fastmpnn.forked)
