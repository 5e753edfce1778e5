"""Writes tests/golden/trb: files as RFdiffusion writes them beside a design of five residues, pickled by NumPy 2.

    pip install numpy==2.4.6 && python reference/make_trb_goldens.py
"""

import pathlib
import pickle
import sys
import types

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/trb"


class Config:
    """A class that no reader has, as the configuration of a run may hold."""


def main() -> None:
    module = types.ModuleType("configuration")
    module.Config, Config.__module__ = Config, "configuration"
    sys.modules["configuration"] = module
    config = Config()
    config.seed = 1
    design = {
        "config": {"inference": config, "contigs": {"5-5"}},
        "plddt": np.ones((2, 5), dtype=np.float32),
        "time": 3.5,
        "seed": 10**30,
        "con_ref_pdb_idx": [("B", np.int64(40)), ("B", np.int64(41)), ("B", np.int64(42))],
        "con_hal_pdb_idx": [("A", np.int64(2)), ("A", 4), ("A", np.int64(5))],
        "con_hal_idx0": np.array([1, 3, 4]),
        "inpaint_seq": np.array([False, True, False, True, True]),
        "sampled_mask": ["5-5"],
    }
    for protocol in (2, 3, 4, 5):
        (FOLDER / f"protocol_{protocol}.trb").write_bytes(pickle.dumps(design, protocol=protocol))
    del design["inpaint_seq"]
    (FOLDER / "places.trb").write_bytes(pickle.dumps(design))


if __name__ == "__main__":
    main()
