"""Writes tests/golden/compat: what the published protein_mpnn_run.py writes for the example structures, option by option."""

import json
import shlex
import shutil
import tempfile
from pathlib import Path

import numpy as np

from compare_compat import DICTIONARIES, entry_of, published_main

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "golden" / "compat"

# `@name` is a dictionary of compare_compat.py, written beside the goldens.
CASES = {
    "default": ("5L33", "--num_seq_per_target 2"),
    "batches": ("6MRR", '--num_seq_per_target 5 --batch_size 2 --sampling_temp "0.1 0.5"'),
    "chains": ("3HTN", '--pdb_path_chains "A C"'),
    "tied": ("4GYT", "--tied_positions_jsonl @homo --sampling_temp 0.2 --num_seq_per_target 2 --batch_size 2"),
    "weighted": ("4GYT", "--tied_positions_jsonl @weighted"),
    "fixed": ("5L33", "--fixed_positions_jsonl @fixed --omit_AA_jsonl @omitted --bias_AA_jsonl @bias --num_seq_per_target 2"),
    "pssm": ("6MRR", "--pssm_jsonl @pssm --pssm_multi 0.4 --pssm_bias_flag 1 --pssm_log_odds_flag 1 --num_seq_per_target 2"),
    "noise": ("6MRR", "--backbone_noise 0.1 --num_seq_per_target 2"),
}


def rounded(value: object) -> object:
    """Numbers with two decimals: the dictionaries stay small."""
    if isinstance(value, float):
        return float(np.round(value, 2))
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    lines = []
    for name, (structure, options) in CASES.items():
        entry = entry_of(ROOT / "examples" / f"{structure}.pdb")
        words = options.split(" ")
        for index, word in enumerate(words):
            if word.startswith("@"):
                file = f"{name}_{word[1:]}.jsonl"
                dictionary = rounded(DICTIONARIES[words[index - 1]][word[1:]]([entry]))
                (FOLDER / file).write_text(json.dumps(dictionary) + "\n")
                words[index] = f"GOLDENS/{file}"
        line = f"--pdb_path EXAMPLES/{structure}.pdb --seed 37 {' '.join(words)}"
        lines.append(f"{name}: {line}\n")
        real = line.replace("EXAMPLES", str(ROOT / "examples")).replace("GOLDENS", str(FOLDER))
        with tempfile.TemporaryDirectory() as output:
            published_main([*shlex.split(real), "--out_folder", output])
            shutil.copytree(Path(output) / "seqs", FOLDER / name)
        print(f"{name}: {line}", flush=True)
    (FOLDER / "cases.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
