"""Writes tests/golden: what the published implementation computes, stage by stage, for the example structures."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

import convert_checkpoint
import greedy
import published
import stages
import tensor_file
from published import Entry

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = ("5L33", "6MRR", "3HTN", "4GYT")
STAGE_SEED = 20
GREEDY_SEED = 100
TINY_SEED = 224
SAMPLING = {"seed": 37, "samples": 64, "temperature": 0.1, "omitted": "X"}


def write(path: Path, tensors: dict[str, np.ndarray], settings: dict[str, object],
          versions: dict[str, str] | None = None) -> None:
    """Writes what was recorded, with what it was recorded by: the packages of `published` unless others are named."""
    metadata = (versions or published.versions()) | {name: str(value) for name, value in settings.items()}
    metadata |= {"threads": "1", "dtype": "float32", "alphabet": published.ALPHABET}
    tensor_file.write(path, tensors, metadata)
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes", flush=True)


def entry_golden(folder: Path, entry: Entry) -> None:
    """All stages and all greedy designs of one entry."""
    model = published.load_model()
    tensors = stages.record(entry, model, STAGE_SEED)
    settings: dict[str, object] = {"entry": entry.name, "checkpoint": "v_48_020", "stage_seed": STAGE_SEED}
    for case in greedy.cases(entry):
        recorded, seed = greedy.run(entry, model, case, GREEDY_SEED)
        tensors |= thinned(recorded, tensors["node_rows"])
        settings[f"greedy.{case.name}.seed"] = seed
        settings[f"greedy.{case.name}.temperature"] = case.temperature
        margin = recorded[f"greedy.{case.name}.margin"][recorded[f"greedy.{case.name}.designed"] == 1].min()
        settings[f"greedy.{case.name}.least_margin"] = f"{margin:.6f}"
        print(f"  {entry.name} {case.name}: seed {seed}, least margin {margin:.4f}", flush=True)
    write(folder / f"{entry.name}.safetensors", tensors, settings)


def thinned(recorded: dict[str, np.ndarray], node_rows: np.ndarray) -> dict[str, np.ndarray]:
    """Keeps the wide tensors of a design for the sampled rows only."""
    wide = ("log_probs", "step_logits")
    return {
        name: tensor[node_rows] if name.rsplit(".", 1)[1] in wide else tensor for name, tensor in recorded.items()
    }


def write_random_checkpoint(path: Path, model: torch.nn.Module, **about: object) -> None:
    """Writes a network with random parameters as a checkpoint, with `about` in its metadata."""
    tensors = convert_checkpoint.as_numpy(model.state_dict())
    metadata = convert_checkpoint.architecture(tensors) | {key: str(value) for key, value in about.items()} | {
        "noise_angstrom": "0.0",
        "source_package": "none",
        "source_file": f"random parameters, torch seed {TINY_SEED}",
        "source_sha256": "none",
        "licence": "MIT",
        "citation": "none",
    }
    tensor_file.write(path, tensors, metadata)
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes", flush=True)


def tiny_golden(folder: Path, entry: Entry) -> None:
    """A small random network, whose layer counts, widths and neighbours are unlike the published ones."""
    torch.manual_seed(TINY_SEED)
    neighbours = 24
    model = published.build_model(hidden=64, layers=2, neighbours=neighbours)
    published.randomise(model)
    write_random_checkpoint(folder / "tiny_2_2_64.safetensors", model, name="tiny_2_2_64", neighbours=neighbours)
    write(
        folder / f"tiny_{entry.name}.safetensors",
        stages.record(entry, model, STAGE_SEED),
        {"entry": entry.name, "checkpoint": "tiny_2_2_64", "stage_seed": STAGE_SEED},
    )


def sampling_statistics(folder: Path, entry: Entry) -> None:
    """Designs drawn exactly as the published program draws them, with its random stream, one sequence a batch."""
    # The published program seeds before it builds the network, whose initial weights use up random numbers.
    torch.manual_seed(SAMPLING["seed"])
    model = published.load_model()
    X, S, mask, designed, residue_idx, chains = entry.forward_arguments()
    f = entry.features
    omitted = np.array([letter in SAMPLING["omitted"] for letter in published.ALPHABET]).astype(np.float32)
    native = model(X, S, mask, designed, residue_idx, chains, torch.randn(designed.shape))
    native_score = published.published._scores(S, native, mask * designed).item()
    recoveries, scores, sequences = [], [], []
    for _ in range(SAMPLING["samples"]):
        randn = torch.randn(designed.shape)
        result = model.sample(
            X, randn, S, f["chain_M"], chains, residue_idx, mask=mask, temperature=SAMPLING["temperature"],
            omit_AAs_np=omitted, bias_AAs_np=np.zeros(21), chain_M_pos=f["chain_M_pos"],
            omit_AA_mask=f["omit_AA_mask"], pssm_coef=f["pssm_coef"], pssm_bias=f["pssm_bias"], pssm_multi=0.0,
            pssm_log_odds_flag=False, pssm_log_odds_mask=(f["pssm_log_odds"] > 0.0).float(), pssm_bias_flag=False,
            bias_by_res=f["bias_by_res"],
        )
        log_probs = model(
            X, result["S"], mask, designed, residue_idx, chains, randn,
            use_input_decoding_order=True, decoding_order=result["decoding_order"],
        )
        scores.append(published.published._scores(result["S"], log_probs, mask * designed).item())
        recoveries.append(((result["S"] == S) * mask).sum().item() / mask.sum().item())
        sequences.append(published.published._S_to_seq(result["S"][0], mask[0]))
    report = {
        "entry": entry.name,
        "checkpoint": "v_48_020",
        **SAMPLING,
        "batch_size": 1,
        "native_score": round(native_score, 6),
        "mean_recovery": round(float(np.mean(recoveries)), 6),
        "recovery_standard_deviation": round(float(np.std(recoveries, ddof=1)), 6),
        "mean_score": round(float(np.mean(scores)), 6),
        "score_standard_deviation": round(float(np.std(scores, ddof=1)), 6),
        "scores": [round(score, 6) for score in scores],
        "recoveries": [round(recovery, 6) for recovery in recoveries],
        "sequences": sequences,
        "versions": published.versions(),
    }
    path = folder / "sampling.json"
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"{path.name}: recovery {report['mean_recovery']}, score {report['mean_score']}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=(*ENTRIES, "tiny", "sampling"), help="write these alone")
    parser.add_argument("--output", type=Path, default=ROOT / "tests/golden", help="folder to write to")
    arguments = parser.parse_args()
    wanted = arguments.only or (*ENTRIES, "tiny", "sampling")
    folder = arguments.output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # More threads split sums differently: the files would depend on the machine.
    torch.set_num_threads(1)
    started = time.monotonic()
    with torch.no_grad():
        for name in wanted:
            if name == "tiny":
                tiny_golden(folder, Entry(ROOT / "examples/5L33.pdb"))
            elif name == "sampling":
                sampling_statistics(folder, Entry(ROOT / "examples/5L33.pdb"))
            else:
                entry_golden(folder, Entry(ROOT / f"examples/{name}.pdb"))
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
