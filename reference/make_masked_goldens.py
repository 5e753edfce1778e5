"""Writes tests/golden/masked: what the published code computes where no more residues are resolved than a residue has
neighbours, so that masked residues are among them.

The structures are cut out of `examples`: residues left out, and atoms left out of residues.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

import ligand
import membrane
import published
from make_goldens import ROOT, STAGE_SEED, write

GOLDEN = ROOT / "tests/golden"

# The small random networks of `make_family_goldens.py` and `make_ligand_goldens.py`.
NEIGHBOURS = 20
SIZES = {"hidden": 32, "layers": 2, "neighbours": NEIGHBOURS}
LIGAND_SIZES = {"hidden": 32, "layers": 1, "neighbours": NEIGHBOURS, "context_atoms": 12}

# Structure → (example, residues by chain, what residues lack by the remainder of their numbers; None: they are not there).
BACKBONE_CUTS = {2: ("N",), 5: ("O",), 8: ("CA",), 9: None, 0: ("C", "O")}
STRUCTURES = {
    "chain": ("6MRR", {"A": range(1, 69)}, (15, BACKBONE_CUTS)),
    "short": ("6MRR", {"A": range(1, 35)}, (12, BACKBONE_CUTS)),
    "trace": ("6MRR", {"A": range(1, 35)}, (5, {2: None, 4: ("CA",)})),
    "complex": ("3MHT", {"A": range(60, 90), "C": range(400, 426)}, (6, {0: ("N",), 2: ("C",), 5: ("N", "C")})),
}


def cut(name: str, folder: Path) -> Path:
    """Writes one of `STRUCTURES`, without hydrogens; proteins alone as backbones, DNA whole."""
    example, chains, (modulus, cuts) = STRUCTURES[name]
    backbone_only = len(chains) == 1
    kept = []
    for line in (ROOT / f"examples/{example}.pdb").read_text().splitlines():
        if not line.startswith("ATOM") or int(line[22:26]) not in chains.get(line[21], ()):
            continue
        atom = line[12:16].strip()
        if line[76:78].strip() == "H" or (backbone_only and atom not in ("N", "CA", "C", "O")):
            continue
        missing = cuts.get(int(line[22:26]) % modulus, ()) if len(line[17:20].strip()) == 3 else ()
        if missing is not None and atom not in missing:
            kept.append(line)
    path = folder / f"{name}.pdb"
    path.write_text("\n".join([*kept, "END", ""]))
    return path


class Rows:
    """A structure as `protein_mpnn_run.py` sees it: numbers that are skipped are masked rows."""

    def __init__(self, path: Path, ca_only: bool = False) -> None:
        (parsed,) = published.published.parse_PDB(str(path), ca_only=ca_only)
        chains = [key[-1] for key in parsed if key.startswith("seq_chain_")]
        values = published.published.tied_featurize(
            [parsed], "cpu", {parsed["name"]: (chains, [])}, ca_only=ca_only
        )
        self.X, self.S, self.mask = values[:3]
        self.designed, self.chains, self.residue_idx = values[4], values[5], values[12]
        self.ca_only = ca_only

    def record(self, model) -> dict[str, np.ndarray]:
        alphas = self.X if self.ca_only else self.X[:, :, 1]
        resolved = int(self.mask.sum())
        neighbours = model.features._dist(alphas, self.mask)[1][0].numpy()
        assert resolved <= neighbours.shape[1] < self.mask.shape[1], (resolved, neighbours.shape)
        torch.manual_seed(STAGE_SEED)
        order = published.decoding_order(self.designed * self.mask, torch.randn(self.mask.shape))
        log_probs = model(
            self.X, self.S, self.mask, self.designed, self.residue_idx, self.chains, randn=None,
            use_input_decoding_order=True, decoding_order=order,
        )
        tensors = common(self.S, self.mask, neighbours, order[0].numpy(), log_probs[0].numpy())
        if hasattr(model, "unconditional_probs"):
            unconditional = model.unconditional_probs(self.X, self.mask, self.residue_idx, self.chains)
            tensors["unconditional_log_probs"] = unconditional[0].numpy()
        return tensors


def common(S, mask, neighbours, order, log_probs) -> dict[str, np.ndarray]:
    return {
        "sequence": S[0].numpy().astype(np.int32),
        "resolved": mask[0].numpy().astype(np.uint8),
        "neighbours": neighbours.astype(np.int32),
        "order": order.astype(np.int32),
        "log_probs": log_probs,
    }


def with_parameters(model, name: str):
    model.load_state_dict(load_file(str(GOLDEN / f"{name}.safetensors")))
    return model


def of_ligand(path: Path) -> dict[str, np.ndarray]:
    """LigandMPNN on the published reader's rows: without side chains, then with those of a third of the residues."""
    entry = ligand.Entry(path, complete=False)
    plain, with_side_chains = (
        with_parameters(ligand.build_model(**LIGAND_SIZES, side_chains=side_chains), "tiny_ligand_1_1_32")
        for side_chains in (False, True)
    )
    features = entry.features(plain, np.ones(entry.count))
    order, log_probs = ligand.score(plain, features, STAGE_SEED)
    mask = features["mask"]
    assert mask.sum() < 16 and entry.count > NEIGHBOURS
    neighbours = plain.features._dist(features["X"][:, :, 1], mask)[1][0].numpy()
    tensors = common(features["S"], mask, neighbours, order, log_probs)
    designed = 1 - (np.arange(entry.count) % 3 == 1) * 1
    features = entry.features(with_side_chains, designed)
    order, log_probs = ligand.score(with_side_chains, features, STAGE_SEED)
    return tensors | {
        "designed": designed.astype(np.uint8), "side_chains.order": order, "side_chains.log_probs": log_probs
    }


def selections() -> dict[str, np.ndarray]:
    """What `torch.topk` chooses of rows in which many distances are the largest."""
    generator = np.random.default_rng(STAGE_SEED)
    distances = generator.uniform(1.0, 40.0, (32, 96)).astype(np.float32)
    for row, values in enumerate(distances):
        values[generator.permutation(values.size)[: 40 + row]] = values.max()
    chosen = torch.topk(torch.from_numpy(distances), 48, dim=-1, largest=False)[1].numpy()
    return {"selection.distances": distances, "selection.chosen": chosen.astype(np.int32)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=GOLDEN / "masked", help="folder to write to")
    folder = parser.parse_args().output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    chain, short, trace, complexed = (cut(name, folder) for name in STRUCTURES)
    with torch.no_grad():
        record(folder, "protein", Rows(chain).record(published.load_model()) | selections(), "v_48_020")
        model = with_parameters(published.build_model(**SIZES, ca_only=True), "tiny_ca_only_2_2_32")
        record(folder, "ca_only", Rows(trace, ca_only=True).record(model), "tiny_ca_only_2_2_32")
        kind = "per_residue_label_membrane_mpnn"
        model = with_parameters(membrane.build_model(kind, **SIZES), "tiny_membrane_2_2_32")
        rows = Rows(short)
        model.labels = torch.arange(rows.mask.shape[1])[None] // 7 % 3
        labels = model.labels[0].numpy().astype(np.uint8)
        record(folder, "membrane", rows.record(model) | {"labels": labels}, "tiny_membrane_2_2_32")
        write(
            folder / "ligand.safetensors", of_ligand(complexed), {"checkpoint": "tiny_ligand_1_1_32"}, ligand.versions()
        )


def record(folder: Path, name: str, tensors: dict[str, np.ndarray], checkpoint: str) -> None:
    write(folder / f"{name}.safetensors", tensors, {"checkpoint": checkpoint, "stage_seed": STAGE_SEED})


if __name__ == "__main__":
    main()
