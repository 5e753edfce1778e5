"""Writes tests/golden/compat_ligand: what the published run.py of LigandMPNN writes, option by option.

`complex.pdb` is what examples/3MHT.pdb has near its ligand: residues, nucleotides, the ligand and a few waters. Paths of
checkpoints are left out of the FASTA files. Backbones and packed structures are kept where they show something of their own.
"""

import json
import shlex
import shutil
import tempfile
from pathlib import Path

import numpy as np
from compare_ligand_compat import published_main, without_model_path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "golden" / "compat_ligand"

LIGAND = "--model_type ligand_mpnn"
NEAR = "A17 A18 A39 A60 A61 A77"
SYMMETRY = "--symmetry_residues 'A10,B10,A11|A30,B30' --symmetry_weights '1.0,1.0,0.5|0.7,-0.3'"

# A case, the folders that are kept of it, the structure, and the options.
CASES = [
    ("proteins", "seqs backbones", "complex", "--batch_size 2 --temperature 0.3 --file_ending _x --zero_indexed 0"),
    ("letters", "seqs", "6MRR", "--bias_AA_per_residue BIAS --omit_AA_per_residue OMIT --omit_AA C --number_of_batches 2"),
    ("symmetric", "seqs", "4GYT", f"{SYMMETRY} --fixed_residues 'B10 A30' --batch_size 2"),
    ("oligomer", "seqs", "4GYT", "--homo_oligomer 1 --fasta_seq_separation ' / '"),
    ("chains", "seqs", "3HTN", "--parse_these_chains_only A,C --chains_to_design C"),
    ("ligands", "seqs", "complex", f"{LIGAND} --batch_size 2 --number_of_batches 2"),
    ("contexts", "seqs", "complex", f"{LIGAND} --ligand_mpnn_use_side_chain_context 1 --fixed_residues '{NEAR}'"),
    ("hidden", "seqs", "complex", f"{LIGAND} --ligand_mpnn_use_atom_context 0 --ligand_mpnn_cutoff_for_score 5"),
    ("soluble", "seqs", "6MRR", "--model_type soluble_mpnn"),
    ("buried", "seqs", "6MRR", "--model_type per_residue_label_membrane_mpnn --transmembrane_buried 'A10 A11 A12 A13'"),
    ("membrane", "seqs", "6MRR", "--model_type global_label_membrane_mpnn --global_transmembrane_label 1"),
    ("packed", "packed", "complex", f"{LIGAND} --pack_side_chains 1 --number_of_packs_per_design 1 --fixed_residues '{NEAR}'"),
    ("elements", "packed", "complex", f"{LIGAND} --pack_side_chains 1 --number_of_packs_per_design 1 --pack_with_ligand_context 0"),
]


def complex_lines(source: Path) -> list[str]:
    lines = [line for line in source.read_text().splitlines() if line.startswith(("ATOM", "HETATM", "TER"))]
    ligand = [line for line in lines if line[17:20] == "SAH"]

    def place(line: str) -> np.ndarray:
        return np.array([float(line[column : column + 8]) for column in (30, 38, 46)])

    def near(line: str, most: float) -> bool:
        return min(float(np.linalg.norm(place(line) - place(other))) for other in ligand) < most

    atoms = [line for line in lines if not line.startswith("TER")]
    chosen = {line[21:27] for line in atoms if line[12:16].strip() == "CA" and line.startswith("ATOM") and near(line, 9)}
    nucleotides = {line[21:27] for line in atoms if line[12:16].strip() == "C1'" and near(line, 15)}
    waters = [line for line in atoms if line[17:20] == "HOH" and near(line, 6)][:3]
    kept = [line for line in atoms if line.startswith("ATOM") and line[21:27] in chosen | nucleotides]
    result = []
    for line in kept:
        if result and result[-1][21] != line[21]:
            result.append(f"TER   {'':11}{result[-1][17:27]}")
        result.append(line.rstrip())
    return [*result, f"TER   {'':11}{result[-1][17:27]}", *(line.rstrip() for line in ligand + waters), "END"]


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "complex.pdb").write_text("\n".join(complex_lines(ROOT / "examples" / "3MHT.pdb")) + "\n")
    bias = {f"A{number}": {"G": -0.5, "C": 2.0, "P": 1.5} for number in range(1, 20)} | {"A999": {"A": 1.0}}
    omit = {f"A{number}": "ACDEFGHIKLMNPQRSTV"[number % 5 :] for number in range(10, 30)}
    (FOLDER / "bias.json").write_text(json.dumps(bias) + "\n")
    (FOLDER / "omit.json").write_text(json.dumps(omit) + "\n")
    lines = []
    for name, kept, structure, options in CASES:
        path = "GOLDENS/complex.pdb" if structure == "complex" else f"EXAMPLES/{structure}.pdb"
        options = options.replace("BIAS", "GOLDENS/bias.json").replace("OMIT", "GOLDENS/omit.json")
        line = f"--pdb_path {path} --seed 37 {options}"
        lines.append(f"{name}: {line}\n")
        real = line.replace("EXAMPLES", str(ROOT / "examples")).replace("GOLDENS", str(FOLDER))
        with tempfile.TemporaryDirectory() as output:
            published_main([*shlex.split(real), "--out_folder", output])
            for folder in kept.split():
                for file in sorted((Path(output) / folder).iterdir()):
                    (FOLDER / name / folder).mkdir(parents=True, exist_ok=True)
                    (FOLDER / name / folder / file.name).write_text(without_model_path(file.read_text()))
        print(lines[-1], end="", flush=True)
    (FOLDER / "cases.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
