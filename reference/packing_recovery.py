"""Native sequences packed back onto their backbones, by the published packer and by FastMPNN: how many χ1 come back.

For every entry it prints the share of χ1 that lie within 20° of the crystal's, over the residues that have the four atoms
it is measured on, as the mean over several packings, with their standard deviation. Both programs read the file, and see
its ligands.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import prody
import torch

import packing

WITHIN = 20.0
CHI1_LAST = {"C": "SG", "I": "CG1", "S": "OG", "T": "OG1", "V": "CG1"}
WITHOUT_CHI1 = "AGX"


def atoms_by_residue(path: Path) -> dict[tuple[str, int, str], dict[str, np.ndarray]]:
    """The protein atoms of a file by chain, number and insertion code, first alternate locations."""
    found: dict[tuple[str, int, str], dict[str, np.ndarray]] = {}
    for atom in prody.parsePDB(str(path)).select("occupancy > 0").select("protein"):
        key = (atom.getChid(), int(atom.getResnum()), atom.getIcode().strip())
        found.setdefault(key, {}).setdefault(atom.getName(), atom.getCoords())
    return found


def torsion(a, b, c, d) -> float:
    """Degrees, −180 … 180."""
    x, y, z = b - a, c - b, d - c
    n, m = np.cross(x, y), np.cross(y, z)
    return float(np.degrees(np.arctan2(np.dot(np.cross(n, m), y / np.linalg.norm(y)), np.dot(n, m))))


def chi1(atoms: dict[str, np.ndarray] | None, letter: str) -> float | None:
    """χ1 of a residue of that letter, where its atoms are there."""
    if atoms is None or letter in WITHOUT_CHI1:
        return None
    names = ("N", "CA", "CB", CHI1_LAST.get(letter, "CG"))
    if any(name not in atoms for name in names):
        return None
    return torsion(*(np.asarray(atoms[name], float) for name in names))


def share(native: dict, packed: dict, letters: dict) -> tuple[float, int]:
    """The share of χ1 that come back, and how many there are."""
    hits = count = 0
    for key, letter in letters.items():
        true, found = chi1(native.get(key), letter), chi1(packed.get(key), letter)
        if true is None or found is None:
            continue
        count += 1
        hits += abs((found - true + 180.0) % 360.0 - 180.0) <= WITHIN
    return hits / count, count


def published(packer, entry: packing.Entry, keys: list, packs: int, seed: int) -> list[dict]:
    """The packed atoms of each packing, by residue."""
    torch.manual_seed(seed)
    results = []
    for _ in range(packs):
        result = packing.sc_utils.pack_side_chains(entry.features(True), packer, 3, 16, True)
        coordinates, mask = result["X"][0].numpy(), result["X_m"][0].numpy()
        letters = entry.protein["S"].numpy()
        packed = {}
        for row, key in enumerate(keys):
            letter = packing.ALPHABET[letters[row]]
            if letter == "X":
                continue
            names = packing.residue_constants.restype_name_to_atom14_names[
                packing.residue_constants.restype_1to3[letter]
            ]
            packed[key] = {
                name: coordinates[row, place] for place, name in enumerate(names) if name and mask[row, place] == 1
            }
        results.append(packed)
    return results


def ours(program: Path, path: Path, packs: int, seed: int) -> list[dict]:
    """The same of FastMPNN."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program), "pack", str(path), "--num-packs", str(packs), "--seed", str(seed), "-q", "-o", folder]
        subprocess.run(command, check=True)
        files = sorted(Path(folder, "structures").glob("*.pdb"))
        assert len(files) == packs
        return [atoms_by_residue(file) for file in files]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("structures", nargs="+", type=Path, help="PDB files of crystal structures")
    parser.add_argument("--program", type=Path, default=packing.ROOT / "target/release/fastmpnn")
    parser.add_argument("--packs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=37)
    arguments = parser.parse_args()
    packer = packing.load_packer()
    print("| entry | χ1 | published | FastMPNN | difference |\n| --- | --- | --- | --- | --- |", flush=True)
    means = []
    with torch.no_grad():
        for path in arguments.structures:
            entry = packing.Entry(path)
            keys = entry.keys()
            letters = {key: packing.ALPHABET[letter] for key, letter in zip(keys, entry.protein["S"].numpy())}
            native = atoms_by_residue(path)
            theirs = [share(native, packed, letters) for packed in
                      published(packer, entry, keys, arguments.packs, arguments.seed)]
            mine = [share(native, packed, letters) for packed in
                    ours(arguments.program, path, arguments.packs, arguments.seed)]
            counts = {count for _, count in theirs + mine}
            assert len(counts) == 1, f"{path}: the two programs packed different residues: {counts}"
            a, b = (100 * np.array([value for value, _ in shares]) for shares in (theirs, mine))
            means.append((a.mean(), b.mean(), counts.pop()))
            spread = [values.std(ddof=1) if len(values) > 1 else 0.0 for values in (a, b)]
            print(
                f"| {entry.name} | {means[-1][2]} | {a.mean():.1f} ± {spread[0]:.1f} % | "
                f"{b.mean():.1f} ± {spread[1]:.1f} % | {b.mean() - a.mean():+.1f} |",
                flush=True,
            )
    theirs, mine, counts = (np.array(column, float) for column in zip(*means))
    print(
        f"| all | {int(counts.sum())} | {np.average(theirs, weights=counts):.1f} % | "
        f"{np.average(mine, weights=counts):.1f} % | {np.average(mine - theirs, weights=counts):+.1f} |"
    )


if __name__ == "__main__":
    main()
