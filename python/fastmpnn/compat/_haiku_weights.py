"""Networks under the names of ColabDesign's parameters: files of them, and their way to FastMPNN and back.

ColabDesign keeps a network as ``{module: {parameter: array}}`` with the names that Haiku gives, in pickles that joblib
writes; BindCraft2 keeps the same in ``.npz`` files with keys ``module|parameter``. Beside it stands ``num_edges``, K.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import fastmpnn as fm

Array = npt.NDArray[np.float32]
Parameters = Mapping[str, Mapping[str, npt.ArrayLike]]

#: What ends a file of such parameters.
ENDINGS = (".npz", ".pkl")

#: K of the published networks, for files that do not say it.
NEIGHBORS = 48

#: What every name of a module begins with.
ROOT = "protein_mpnn/~/"

#: Modules without a layer, and what PyTorch's checkpoint calls them.
MODULES = {
    "protein_features/~/positional_encodings/~/embedding_linear": "features.embeddings.linear",
    "protein_features/~/edge_embedding": "features.edge_embedding",
    "protein_features/~/norm_edges": "features.norm_edges",
    "W_e": "W_e",
    "W_out": "W_out",
}

#: Haiku's names of the parameters of a module, and PyTorch's.
SUFFIXES = {"w": "weight", "b": "bias", "scale": "weight", "offset": "bias"}

LAYER = re.compile(r"(enc|dec)_layer(?:_\d+)?/~/(?:enc|dec)(\d+)_(\w+)")
DENSE = re.compile(r"position_wise_feed_forward(?:_\d+)?/~/(enc|dec)(\d+)_dense_(W_in|W_out)")
STACKS = {"enc": "encoder_layers", "dec": "decoder_layers"}


def published_name(module: str, parameter: str) -> str:
    """Give the name of a parameter in the published checkpoints, such as ``encoder_layers.0.W1.weight``.

    Raises
    ------
    CheckpointError
        Where a network of ProteinMPNN has no such parameter.
    """
    own = module.removeprefix(ROOT)
    if own == "embed_token":
        return "W_s.weight"
    name = MODULES.get(own)
    # The feed-forward module stands within that of its layer, and has the layer's number in its own name.
    if name is None and (match := DENSE.search(own)):
        name = f"{STACKS[match[1]]}.{match[2]}.dense.{match[3]}"
    if name is None and (match := LAYER.fullmatch(own)):
        name = f"{STACKS[match[1]]}.{match[2]}.{match[3]}"
    if name is None or parameter not in SUFFIXES:
        raise fm.CheckpointError(f"{module}|{parameter} is no parameter of ProteinMPNN")
    return f"{name}.{SUFFIXES[parameter]}"


def haiku_name(published: str) -> tuple[str, str]:
    """Give the module and the parameter of a name of the published checkpoints."""
    if published == "W_s.weight":
        return f"{ROOT}embed_token", "W_s"
    name, _, kind = published.rpartition(".")
    norm = name.rpartition(".")[2].startswith("norm")
    parameter = {"weight": "scale" if norm else "w", "bias": "offset" if norm else "b"}[kind]
    for module, own in MODULES.items():
        if own == name:
            return ROOT + module, parameter
    stack, layer, place = name.split(".", 2)
    short = next(short for short, long in STACKS.items() if long == stack)
    owner = f"{ROOT}{short}_layer" + (f"_{layer}" if layer != "0" else "")
    if place.startswith("dense."):
        return f"{owner}/~/position_wise_feed_forward/~/{short}{layer}_dense_{place[6:]}", parameter
    return f"{owner}/~/{short}{layer}_{place}", parameter


def to_published(parameters: Parameters) -> dict[str, Array]:
    """Give the tensors of a published checkpoint: linear maps are [out, in] there and [in, out] here."""
    return {
        published_name(module, name): np.ascontiguousarray(_turned(name, np.asarray(value, np.float32)))
        for module, values in parameters.items()
        for name, value in values.items()
    }


def from_published(tensors: Mapping[str, npt.ArrayLike]) -> dict[str, dict[str, Array]]:
    """Give the parameters under Haiku's names."""
    parameters: dict[str, dict[str, Array]] = {}
    for published, value in tensors.items():
        module, name = haiku_name(published)
        parameters.setdefault(module, {})[name] = _turned(name, np.asarray(value, np.float32))
    return parameters


def _turned(parameter: str, value: Array) -> Array:
    return value.T if parameter == "w" else value


def read_parameters(path: str | Path) -> tuple[dict[str, dict[str, Array]], int]:
    """Read the parameters of a file of BindCraft2 (``.npz``) or ColabDesign (``.pkl``), and K.

    A pickle can run programs when it is read: read only files of people you trust.
    """
    path = Path(path)
    if path.suffix == ".pkl":
        try:
            import joblib  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise fm.CheckpointError(
                f"{path}: ColabDesign's pickles are read with joblib: pip install joblib"
            ) from None
        contents = joblib.load(path)
        parameters = {
            module: {name: np.asarray(value, np.float32) for name, value in values.items()}
            for module, values in contents["model_state_dict"].items()
        }
        return parameters, int(contents.get("num_edges", NEIGHBORS))
    with np.load(path, allow_pickle=False) as archive:
        parameters = {}
        for key in archive.files:
            module, bar, name = key.rpartition("|")
            if bar:
                parameters.setdefault(module, {})[name] = archive[key].astype(np.float32)
        neighbors = int(archive["num_edges"]) if "num_edges" in archive.files else NEIGHBORS
    if not parameters:
        raise fm.CheckpointError(f"{path}: its keys are not those of a network, module|parameter")
    return parameters, neighbors


def model_of(parameters: Parameters, neighbors: int = NEIGHBORS, **options: Any) -> fm.Model:
    """Make a network of parameters.

    Parameters
    ----------
    parameters : mapping
        ``{module: {parameter: array}}`` under Haiku's names.
    neighbors : int
        K.
    **options
        Those of :class:`fastmpnn.Model`, such as ``threads``.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parameters.safetensors"
        path.write_bytes(safetensors(to_published(parameters), {"neighbours": str(neighbors)}))
        return fm.Model(str(path), **options)


def safetensors(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Write tensors as a safetensors file: f32, sorted by name."""
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))}
    end = 0
    for name in sorted(tensors):
        start, end = end, end + 4 * tensors[name].size
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    # Numbers begin at a multiple of eight, as the format asks.
    text += b" " * (-len(text) % 8)
    numbers = [np.ascontiguousarray(tensors[name], "<f4").tobytes() for name in sorted(tensors)]
    return b"".join([len(text).to_bytes(8, "little"), text, *numbers])


def read_safetensors(contents: bytes) -> dict[str, Array]:
    """Read the f32 tensors of a safetensors file."""
    start = 8 + int.from_bytes(contents[:8], "little")
    header = json.loads(contents[8:start])
    return {
        name: np.frombuffer(contents[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], "<f4")
        .reshape(entry["shape"])
        .astype(np.float32)
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


def equal(first: Parameters, second: Parameters) -> bool:
    """Tell whether two networks have the same parameters to the bit."""
    return {key: set(values) for key, values in first.items()} == {
        key: set(values) for key, values in second.items()
    } and all(np.array_equal(one, other) for one, other in _pairs(first, second))


def _pairs(first: Parameters, second: Parameters) -> Iterator[tuple[npt.ArrayLike, npt.ArrayLike]]:
    for module, values in first.items():
        for name, value in values.items():
            yield np.asarray(value, np.float32), np.asarray(second[module][name], np.float32)
