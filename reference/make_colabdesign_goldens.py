"""Writes python/tests/golden/colabdesign.npz: what ColabDesign 1.1.1 answers for structures of examples/.

    python reference/make_colabdesign_goldens.py

needs the packages of requirements-peers.txt, and what ColabDesign's own package imports (biopython, optax). Each entry
of CASES is one call: how the inputs are prepared, the method, its arguments. The archive holds the table as JSON under
`cases` and the arrays of case 3 under `3/NAME`; python/tests/test_colabdesign.py makes the same calls.
"""

import json
from pathlib import Path

import jax
import numpy as np

# ColabDesign 1.1.1 calls it by the name it had before JAX 0.6. This is the only change made to it.
jax.tree_map = jax.tree_util.tree_map
from colabdesign.mpnn.model import mk_mpnn_model  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "python" / "tests" / "golden" / "colabdesign.npz"

# A sequence that is not the native one: the letters in turn, but no two structures begin alike.
LETTERS = "ARNDCQEGHILKMFPSTWYV"


def other_sequence(length: int) -> str:
    return "".join(LETTERS[(7 * index + length) % 20] for index in range(length))


def shuffled(length: int) -> list[int]:
    """A decoding order that needs no generator: a step that shares no factor with the length."""
    step = next(step for step in range(length // 3, length) if np.gcd(step, length) == 1)
    return [(step * index + 5) % length for index in range(length)]


# Whether a row's residue knows the letter of a column's.
MASKS = {
    "all others": lambda length: 1 - np.eye(length),
    "scattered": lambda length: 1.0 * np.fromfunction(lambda i, j: ((7 * i + 3 * j) % 5 < 2) & (i != j), (length,) * 2),
}

# `seed` is that of the model, so that the decoding order comes from JAX's generator; `order` passes one instead.
CASES = [
    {"structure": "5L33", "prepare": {"chain": "A"}, "call": "score", "seed": 7},
    {"structure": "5L33", "prepare": {"chain": "A"}, "call": "score", "sequence": "other", "order": "shuffled"},
    {"structure": "5L33", "prepare": {"chain": "A"}, "call": "get_unconditional_logits"},
    {"structure": "6MRR", "prepare": {"chain": "A"}, "call": "get_logits", "order": "forward"},
    {"structure": "6MRR", "prepare": {"chain": "A"}, "call": "get_logits", "mask": "all others"},
    {"structure": "6MRR", "prepare": {"chain": "A"}, "call": "get_logits", "mask": "scattered"},
    {
        "structure": "6MRR",
        "prepare": {"chain": "A", "fix_pos": "1-20,A40,A42-A44", "rm_aa": "C,W"},
        "call": "score",
        "sequence": "other, designed alone",
        "seed": 11,
    },
    {"structure": "6MRR", "prepare": {"chain": "A", "fix_pos": "A1-5", "inverse": True}, "call": "score", "seed": 3},
    {"structure": "4GYT", "prepare": {"chain": "A,B", "fix_pos": "A"}, "call": "score", "seed": 5},
    {"structure": "4GYT", "prepare": {"chain": "B,A", "fix_pos": "B7-20"}, "call": "get_unconditional_logits"},
    {
        "structure": "4GYT",
        "prepare": {"chain": "A,B", "homooligomer": True},
        "call": "score",
        "sequence": "other, one copy",
        "order": "shuffled",
    },
    {"structure": "3HTN", "prepare": {"chain": "A,B", "ignore_missing": False}, "call": "score", "seed": 2},
    {"structure": "6MRR", "prepare": {"chain": "A"}, "call": "sample", "temperature": 1e-6, "order": "shuffled"},
    {
        "structure": "6MRR",
        "prepare": {"chain": "A", "fix_pos": "A10-30", "rm_aa": "E,K"},
        "call": "sample",
        "temperature": 1e-6,
        "order": "fixed first",
    },
]

# Large structures would fill the archive: of their logits every fourth row is kept.
MOST_ROWS = 120


def run(case: dict) -> dict[str, np.ndarray]:
    model = mk_mpnn_model("v_48_020", seed=case.get("seed", 0))
    model.prep_inputs(pdb_filename=str(ROOT / "examples" / f"{case['structure']}.pdb"), **case["prepare"])
    # Copies: score() writes the sequence that it is given over the native one.
    inputs = {name: np.array(value) for name, value in model._inputs.items()}
    length = len(inputs["S"])
    arguments = {}
    if "sequence" in case:
        many = {"other": length, "other, one copy": model._lengths[0]}
        if case["sequence"] == "other, designed alone":
            many[case["sequence"]] = length - len(inputs["fix_pos"])
        arguments["seq"] = other_sequence(many[case["sequence"]])
    if order := case.get("order"):
        orders = {"forward": list(range(length)), "shuffled": shuffled(length)}
        if order == "fixed first":
            fixed = inputs["fix_pos"].tolist()
            orders[order] = fixed + [index for index in shuffled(length) if index not in fixed]
        arguments["decoding_order"] = np.array(orders[order])
    if "mask" in case:
        arguments["ar_mask"] = MASKS[case["mask"]](length)
    if case["call"] == "sample":
        arguments |= {"num": 1, "batch": 1, "temperature": case["temperature"]}
    answer = getattr(model, case["call"])(**arguments)
    if not isinstance(answer, dict):
        answer = {"logits": answer}
    if case["call"] == "sample":
        answer = {name: value[0] for name, value in answer.items()}
    kept = {
        "residue_idx": inputs["residue_idx"].astype(np.int16),
        "native": inputs["S"].astype(np.int8),
        "mask": inputs["mask"].astype(np.int8),
        "lengths": inputs["lengths"].astype(np.int16),
        "bias_sums": inputs["bias"].sum(-1),
        "logits": answer["logits"][:: 4 if length > MOST_ROWS else 1],
    }
    if "fix_pos" in inputs:
        kept["fix_pos"] = inputs["fix_pos"].astype(np.int16)
    if "seq" in arguments:
        kept["sequence"] = np.array(arguments["seq"])
    if "decoding_order" in arguments:
        kept["given_order"] = arguments["decoding_order"].astype(np.int16)
    if answer.get("decoding_order") is not None:
        kept["order"] = answer["decoding_order"].reshape(-1).astype(np.int16)
    for name in ("score", "seqid", "seq"):
        # For the same reason, seqid of a sequence that is given is 1.
        if name in answer and not (name == "seqid" and "seq" in arguments):
            kept[name] = np.array(answer[name])
    if "S" in answer:
        kept["letters"] = (answer["S"].argmax(-1) + (answer["S"].sum(-1) - 1)).astype(np.int8)
    return kept


def main() -> None:
    arrays = {"cases": np.array(json.dumps(CASES))}
    for number, case in enumerate(CASES):
        for name, array in run(case).items():
            arrays[f"{number}/{name}"] = array
        print(number, json.dumps(case), arrays.get(f"{number}/score"), flush=True)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(FILE, **arrays)
    print(f"{FILE.relative_to(ROOT)}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
