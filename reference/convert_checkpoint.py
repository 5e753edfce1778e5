"""Converts a published ProteinMPNN checkpoint (.pt) to safetensors.

Tensor names and values are the published ones. What the network looks like (layers, widths, neighbours) is derived from
the file and written to the `__metadata__` map, so that a reader needs no other source for it.
"""

import argparse
import hashlib
import re
from pathlib import Path

import numpy as np
import torch

import tensor_file

CITATION = "Dauparas et al. 2022, Science 378, 49–56, doi 10.1126/science.add2187"

# 16 positional channels and 16 radial basis functions of each atom pair: 25 of the backbone, or 9 of three CA atoms
# followed by 7 numbers of orientation.
BACKBONE_EDGE_CHANNELS = 16 + 16 * 25
CA_EDGE_CHANNELS = 16 + 16 * 9 + 7


def layer_count(tensors: dict[str, np.ndarray], stack: str) -> int:
    """How many layers `stack` has; they must be numbered from 0 without a hole."""
    numbers = {int(match[1]) for name in tensors if (match := re.match(rf"{stack}\.(\d+)\.", name))}
    if not numbers or numbers != set(range(len(numbers))):
        raise ValueError(f"the layers of {stack} are numbered {sorted(numbers)}")
    return len(numbers)


def architecture(tensors: dict[str, np.ndarray]) -> dict[str, str]:
    """The metadata that follows from the tensors' names and shapes."""
    edge_channels = tensors["features.edge_embedding.weight"].shape[1]
    embeds_nodes = "features.node_embedding.weight" in tensors
    sees_atoms = "features.node_project_down.weight" in tensors
    families = {
        (BACKBONE_EDGE_CHANNELS, False): "ligand" if sees_atoms else "protein",
        (BACKBONE_EDGE_CHANNELS, True): "membrane",
        (CA_EDGE_CHANNELS, True): "ca_only",
    }
    if (edge_channels, embeds_nodes) not in families or "W_torsions.weight" in tensors:
        raise ValueError(
            f"this is no checkpoint of the backbone, of CA atoms, of membrane labels or of ligands: its edges have "
            f"{edge_channels} input channels"
        )
    vocabulary, hidden = tensors["W_s.weight"].shape
    return {
        "format_version": "1",
        "family": families[edge_channels, embeds_nodes],
        "encoder_layers": str(layer_count(tensors, "encoder_layers")),
        "decoder_layers": str(layer_count(tensors, "decoder_layers")),
        "hidden": str(hidden),
        "vocabulary": str(vocabulary),
    }


def as_numpy(state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """The state's tensors, which must all be f32."""
    for name, tensor in state.items():
        if tensor.dtype != torch.float32:
            raise ValueError(f"tensor {name} is {tensor.dtype}, not float32")
    return {name: tensor.detach().numpy() for name, tensor in state.items()}


def convert(source: Path, destination: Path, package: str, expected_sha256: str | None) -> None:
    """Writes the checkpoint at `source` to `destination`."""
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    if expected_sha256 is not None and sha256 != expected_sha256:
        raise ValueError(f"{source} has SHA-256 {sha256}, not {expected_sha256}")
    checkpoint = torch.load(source, map_location="cpu", weights_only=True)
    tensors = as_numpy(checkpoint["model_state_dict"])
    metadata = architecture(tensors) | {
        "name": source.stem,
        "neighbours": str(checkpoint["num_edges"]),
        "noise_angstrom": str(checkpoint["noise_level"]),
        "source_package": package,
        # Packages keep checkpoints of different networks under one file name: the folder tells them apart.
        "source_file": f"{source.parent.name}/{source.name}",
        "source_sha256": sha256,
        "licence": "MIT",
        "citation": CITATION,
    }
    tensor_file.write(destination, tensors, metadata)
    digest = hashlib.sha256(destination.read_bytes()).hexdigest()
    parameters = sum(tensor.size for tensor in tensors.values())
    print(f"{destination}: {len(tensors)} tensors, {parameters} parameters, SHA-256 {digest}")
    for key, value in sorted(metadata.items()):
        print(f"  {key}: {value}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the published checkpoint, such as vanilla_model_weights/v_48_020.pt")
    parser.add_argument("destination", type=Path, help="the safetensors file to write")
    parser.add_argument("--package", required=True, help="name and version of the package the checkpoint came in")
    parser.add_argument("--sha256", help="refuse a checkpoint whose SHA-256 is another")
    arguments = parser.parse_args()
    convert(arguments.source, arguments.destination, arguments.package, arguments.sha256)


if __name__ == "__main__":
    main()
