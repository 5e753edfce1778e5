"""Writes tests/golden/torch_random.json: what torch draws on the CPU after torch.manual_seed, in the order it is drawn."""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
SEEDS = (37, 0, 2**40 + 11)
# Fewer than 16 numbers are drawn in another way; an odd number of them leaves one waiting. Lengths that are no multiple
# of 16 end in a block that overlaps the one before.
LENGTHS = (3, 5, 16, 106, 4, 200_000, 1, 17)


def normals(count: int) -> dict[str, object]:
    numbers = torch.randn(count).numpy()
    digest = hashlib.sha256(numbers.tobytes()).hexdigest()
    return {"kind": "randn", "count": count, "first": numbers[:4].view(np.uint32).tolist(), "sha256": digest}


def multinomial(rows: int, columns: int, sharpness: float, kind: str = "multinomial") -> dict[str, object]:
    places = torch.arange(rows, dtype=torch.float64)[:, None] + torch.arange(columns, dtype=torch.float64)[None, :]
    probabilities = torch.softmax(sharpness * torch.cos(places), dim=-1)
    if kind == "multinomial32":
        probabilities = probabilities.float()
    letters = torch.multinomial(probabilities, 1)[:, 0].tolist()
    return {"kind": kind, "columns": columns, "sharpness": sharpness, "letters": letters}


def draws(seed: int) -> dict[str, object]:
    torch.manual_seed(seed)
    drawn = [normals(count) for count in LENGTHS]
    drawn.append({"kind": "rand", "first": torch.rand(8).numpy().view(np.uint32).tolist()})
    drawn.append({"kind": "rand64", "first": torch.rand(8, dtype=torch.float64).numpy().view(np.uint64).tolist()})
    drawn += [multinomial(200, 21, 1.0), multinomial(50, 21, 10.0), normals(2), normals(40)]
    drawn += [multinomial(100, 20, 1.0, "multinomial32"), multinomial(50, 20, 10.0, "multinomial32")]
    return {"seed": seed, "draws": drawn}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "tests" / "golden" / "torch_random.json")
    path = parser.parse_args().output
    torch.set_num_threads(1)
    golden = [draws(seed) for seed in SEEDS]
    path.write_text(json.dumps(golden) + "\n")
    print(f"{path.name}: torch {torch.__version__}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
