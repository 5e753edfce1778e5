"""Writes tests/golden/packer_*.safetensors: what the published side-chain packer computes with given random numbers."""

import argparse
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

import packing
import tensor_file

ROOT = Path(__file__).resolve().parent.parent
STEPS = 3
SAMPLES = 16
NODE_SAMPLES = 12
SEED = 1
#: (file, entry, ligand context, every residue repacked). Where not every one is, each third residue is fixed.
CASES = (
    ("packer_6MRR", "6MRR", True, True),
    ("packer_5L33_fixed", "5L33", True, False),
    ("packer_3HTN", "3HTN", True, True),
    ("packer_3HTN_alone", "3HTN", False, True),
)


class Watched:
    """The published packer, remembering what its parts gave."""

    def __init__(self, packer) -> None:
        self.packer = packer
        self.encoded = None
        self.start = None
        self.decoded: list = []

    def encode(self, features):
        self.start = features["X"].clone()
        self.encoded = self.packer.encode(features)
        return self.encoded

    def decode(self, features):
        self.decoded.append(self.packer.decode(features))
        return self.decoded[-1]


@contextmanager
def watched_choices(chosen: list):
    """Which sample of each torsion was the best: the published code asks `torch.argmax(log_probs, 0)` for it."""
    argmax = torch.argmax

    def watched(values, dim):
        best = argmax(values, dim)
        if dim == 0:
            chosen.append(best[0].numpy().astype(np.uint8))
        return best

    torch.argmax = watched
    try:
        yield
    finally:
        torch.argmax = argmax


def record(packer, entry: packing.Entry, ligand: bool, everything: bool, seed: int):
    """The tensors of one run."""
    designed = np.ones(entry.length, bool) if everything else np.arange(entry.length) % 3 != 0
    features = entry.features(ligand, designed)
    if not ligand:
        # The published code hides the atoms' places but still shows their elements: here they are gone.
        features["Y_t"] = torch.zeros_like(features["Y_t"])
    watched = Watched(packer)
    letters = features["S"][0].numpy().astype(np.int32)
    chosen: list = []
    with packing.GivenNumbers(seed).instead_of_torch(), watched_choices(chosen):
        result = packing.sc_utils.pack_side_chains(features, watched, STEPS, SAMPLES, everything)

    rows = np.sort(np.random.default_rng(seed).permutation(entry.length)[:NODE_SAMPLES])
    h_V, h_E, E_idx = watched.encoded
    slots = np.unique(np.linspace(0, E_idx.shape[-1] - 1, 6).round().astype(int))
    tensors = {
        "residue_chain": np.array([ord(c) for c in entry.protein["chain_letters"]], np.uint8),
        "residue_number": entry.protein["R_idx"].numpy().astype(np.int32),
        "insertion": np.array([ord(c.strip() or "\0") for c in entry.insertions], np.uint8),
        "sequence": letters,
        "repacked": designed.astype(np.uint8),
        "start_atoms": watched.start[0].numpy(),
        "neighbours": E_idx[0].numpy().astype(np.int32),
        "rows": rows.astype(np.int32),
        "slots": slots.astype(np.int32),
        "encoder.nodes": h_V[0].numpy()[rows],
        "encoder.edges": h_E[0].numpy()[rows[:4]][:, slots],
    }
    for step, (mean, concentration, logits) in enumerate(watched.decoded):
        tensors[f"step.{step}.mean"] = mean[0].numpy()[rows]
        tensors[f"step.{step}.concentration"] = concentration[0].numpy()[rows]
        tensors[f"step.{step}.mix_logits"] = logits[0].numpy()[rows]
    tensors |= {
        "chosen": np.stack(chosen),
        "angles": result["sample"][0].numpy(),
        "log_density": result["log_prob"][0].numpy(),
        "atoms": result["X"][0].numpy(),
        "atom_mask": result["X_m"][0].numpy().astype(np.uint8),
        "b_factors": result["b_factors"][0].numpy(),
    }
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "tests/golden", help="folder to write to")
    parser.add_argument("--only", nargs="+", choices=[case[0] for case in CASES], help="write these alone")
    arguments = parser.parse_args()
    # More threads split sums differently: the files would depend on the machine.
    torch.set_num_threads(1)
    packer = packing.load_packer()
    with torch.no_grad():
        for file, name, ligand, everything in CASES:
            if arguments.only and file not in arguments.only:
                continue
            entry = packing.Entry(ROOT / f"examples/{name}.pdb")
            tensors = record(packer, entry, ligand, everything, SEED)
            metadata = packing.versions() | {
                "entry": name, "checkpoint": packing.CHECKPOINT, "seed": str(SEED), "steps": str(STEPS),
                "samples": str(SAMPLES), "ligand": str(ligand).lower(),
                "threads": "1", "dtype": "float32", "alphabet": packing.ALPHABET,
            }
            path = arguments.output / f"{file}.safetensors"
            tensor_file.write(path, tensors, metadata)
            print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()
