"""Structures of biotite, gemmi and Biopython, and arrays: the same atoms whichever way they come."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastmpnn as fm
from fastmpnn._errors import FastMPNNWarning, InputError
from fastmpnn.columns import Columns
from fastmpnn.interop import backbone_columns, columns_of, name_of, to_biopython, to_biotite, to_gemmi

EXAMPLES = Path(__file__).parents[2] / "examples"

#: Designed proteins with water; selenomethionines, metals and small molecules; DNA and a cofactor. An insertion code
#: and alternate locations are in MUTATED.
FILES = ["5L33.pdb", "3HTN.pdb", "3MHT.pdb", "4GYT.pdb", "6MRR.pdb"]

MUTATED = """\
ATOM      1  N   ALA A  10      11.104   6.134  -6.504  1.00 10.00           N
ATOM      2  CA  ALA A  10      11.639   6.071  -5.147  1.00 11.25           C
ATOM      3  C   ALA A  10      10.676   6.724  -4.161  1.00 12.00           C
ATOM      4  O   ALA A  10       9.457   6.602  -4.299  1.00 12.50           O
ATOM      5  N   SER A  10A     11.230   7.410  -3.166  1.00 10.00           N
ATOM      6  CA ASER A  10A     10.425   8.090  -2.156  0.60 10.00           C
ATOM      7  CA BSER A  10A     10.445   8.110  -2.176  0.40 10.00           C
ATOM      8  C   SER A  10A     11.160   8.100  -0.820  1.00 10.00           C
ATOM      9  O   SER A  10A     12.380   8.230  -0.780  1.00 10.00           O
ATOM     10  OG ASER A  10A      9.200   7.500  -2.000  0.60 10.00           O
ATOM     11  OG BSER A  10A      9.300   7.600  -2.100  0.40 10.00           O
ATOM     12  N   GLY A  -1      10.410   7.960   0.270  1.00 10.00           N
ATOM     13  CA  GLY A  -1      10.990   7.950   1.600  0.00 10.00           C
ATOM     14  C   GLY A  -1      10.010   8.500   2.630  1.00 10.00           C
ATOM     15  O   GLY A  -1       8.800   8.300   2.510  1.00 10.00           O
TER      16      GLY A  -1
HETATM   17 ZN    ZN A 201      20.000  20.000  20.000  1.00 10.00          ZN
HETATM   18  O   HOH A 301      25.000  20.000  20.000  1.00 10.00           O
END
"""


def of_gemmi(text: str) -> Any:
    gemmi = pytest.importorskip("gemmi")
    structure = gemmi.read_pdb_string(text)
    # As where gemmi reads a path; before, the ligands of a chain are a chain of the same name.
    structure.merge_chain_parts()
    return structure


def of_gemmi_flat(text: str) -> Any:
    gemmi = pytest.importorskip("gemmi")
    if not hasattr(gemmi, "FlatStructure"):
        pytest.skip("gemmi has no FlatStructure")
    return gemmi.FlatStructure(of_gemmi(text))


def of_biotite(text: str) -> Any:
    pdb = pytest.importorskip("biotite.structure.io.pdb")
    fields = ["occupancy", "b_factor", "charge"]
    return pdb.PDBFile.read(StringIO(text)).get_structure(model=1, altloc="all", extra_fields=fields)


def of_biopython(text: str) -> Any:
    parser = pytest.importorskip("Bio.PDB.PDBParser").PDBParser
    return parser(QUIET=True).get_structure("made", StringIO(text))


READERS = {"gemmi": of_gemmi, "flat": of_gemmi_flat, "biotite": of_biotite, "biopython": of_biopython}


def text_of(file: str) -> str:
    return MUTATED if file == "mutated" else (EXAMPLES / file).read_text()


def lines_of(file: str) -> list[Any]:
    """Read a PDB file by its columns, without charges."""
    rows = []
    for line in text_of(file).splitlines():
        if line.startswith(("ATOM", "HETATM")):
            site = (line[21].strip(), int(line[22:26]), line[26].strip(), line[17:20].strip())
            position = tuple(np.float32(line[start : start + 8]) for start in (30, 38, 46))
            numbers = (np.float32(line[54:60]), np.float32(line[60:66]))
            code, element, hetatm = line[16].strip(), line[76:78].strip(), line.startswith("HETATM")
            rows.append((*site, line[12:16].strip(), code, element, position, *numbers, hetatm))
    return rows


def rows_of(columns: Columns) -> list[Any]:
    sites = (columns.chain, columns.residue_number.tolist(), columns.insertion, columns.residue_name)
    atoms = (columns.atom_name, columns.altloc, columns.element, [tuple(place) for place in columns.position])
    numbers = (columns.occupancy, columns.b_factor, columns.hetatm.tolist())
    return list(zip(*sites, *atoms, *numbers, strict=True))


@pytest.mark.parametrize("file", [*FILES, "mutated"])
@pytest.mark.parametrize("reader", READERS)
def test_every_atom_of_a_file_comes_through_every_package(reader: str, file: str) -> None:
    columns = columns_of(READERS[reader](text_of(file)))
    expected = lines_of(file)
    # gemmi and Biopython put the ligands and waters of a chain after its residues, not after all chains.
    found = rows_of(columns)
    assert sorted(found) == sorted(expected)
    if reader == "biotite":
        assert found == expected
    assert not columns.charge.any()


@pytest.mark.parametrize("file", [*FILES, "mutated"])
@pytest.mark.parametrize("write", [to_gemmi, to_biotite, to_biopython])
def test_columns_come_back_from_every_package(write: Callable[..., Any], file: str) -> None:
    pytest.importorskip({"to_gemmi": "gemmi", "to_biotite": "biotite", "to_biopython": "Bio"}[write.__name__])
    columns = columns_of(of_gemmi(text_of(file)))
    again = columns_of(write(columns))
    assert again == columns


def test_biotite_has_what_columns_say() -> None:
    columns = columns_of(of_biotite(MUTATED))
    columns.charge[15] = 2
    atoms = to_biotite(columns)
    assert atoms.chain_id.dtype.kind == "U"
    assert (atoms.charge[15], atoms.element[15], atoms.hetero[15]) == (2, "ZN", True)
    assert columns_of(atoms) == columns


def test_gemmi_has_what_columns_say() -> None:
    columns = columns_of(of_gemmi(MUTATED))
    columns.charge[15] = 2
    structure = to_gemmi(columns, "made")
    assert name_of(structure) == "made"
    assert [str(residue.seqid) for residue in structure[0]["A"]] == ["10", "10A", "-1", "201", "301"]
    assert structure[0]["A"]["201"][0]["ZN"][0].charge == 2
    assert columns_of(structure) == columns


def test_writers_of_other_packages_write_what_they_were_given(tmp_path: Path) -> None:
    pdb = pytest.importorskip("biotite.structure.io.pdb")
    columns = columns_of(of_gemmi(text_of("3MHT.pdb")))
    file = pdb.PDBFile()
    file.set_structure(to_biotite(columns))
    path = tmp_path / "made.pdb"
    file.write(path)
    assert columns_of(of_gemmi(path.read_text())) == columns
    writer = pytest.importorskip("Bio.PDB.PDBIO").PDBIO()
    writer.set_structure(to_biopython(columns, "made"))
    writer.save(str(path))
    assert columns_of(of_gemmi(path.read_text())) == columns


def test_models_and_chains_are_parts_of_structures() -> None:
    structure = of_gemmi(text_of("3HTN.pdb"))
    whole = columns_of(structure)
    assert columns_of(structure[0]) == whole
    assert columns_of(structure[0]["B"]) == whole.take([chain == "B" for chain in whole.chain])
    structure = of_biopython(text_of("3HTN.pdb"))
    whole = columns_of(structure)
    assert columns_of(structure[0]) == whole
    assert columns_of(structure[0]["B"]) == whole.take([chain == "B" for chain in whole.chain])
    assert name_of(structure[0]["B"]) == "made"


def test_chains_of_gemmi_may_come_in_parts() -> None:
    gemmi = pytest.importorskip("gemmi")
    structure = gemmi.read_pdb_string(text_of("3HTN.pdb"))
    assert len(structure[0]) > 3
    assert rows_of(columns_of(structure)) == lines_of("3HTN.pdb")


def models(text: str) -> str:
    atoms = "".join(line + "\n" for line in text.splitlines() if line != "END")
    moved = atoms.replace("  20.000", "  30.000")
    return f"MODEL        1\n{atoms}ENDMDL\nMODEL        2\n{moved}ENDMDL\nEND\n"


@pytest.mark.parametrize("reader", ["gemmi", "flat", "biopython"])
def test_the_first_of_several_models_is_taken(reader: str) -> None:
    read = READERS[reader]
    assert columns_of(read(models(MUTATED))) == columns_of(read(MUTATED))


def test_a_stack_has_one_model() -> None:
    biotite = pytest.importorskip("biotite.structure")
    atoms = of_biotite(MUTATED)
    assert columns_of(biotite.stack([atoms])) == columns_of(atoms)
    with pytest.raises(InputError, match=r"an AtomArrayStack of 2 models: give one of them, such as stack\[0\]"):
        columns_of(biotite.stack([atoms, atoms]))


def test_biotite_arrays_need_no_more_than_the_obligatory_annotations() -> None:
    pdb = pytest.importorskip("biotite.structure.io.pdb")
    atoms = pdb.PDBFile.read(StringIO(MUTATED)).get_structure(model=1)
    columns = columns_of(atoms)
    # The first of the alternate locations, as biotite reads by default.
    assert len(columns) == 15
    assert set(columns.altloc) == {""}
    assert set(columns.occupancy.tolist()) == {1}


@pytest.mark.filterwarnings("ignore:WARNING. Residue")
def test_two_residues_at_one_place_come_through() -> None:
    rest = "   2.000   3.000  0.50 10.00           "
    mutation = "".join(
        f"ATOM  {serial:5}  {name:<3}{code}{residue} A   1    {serial:8.3f}{rest}{name[0]}\n"
        for serial, (code, residue, name) in enumerate(
            (code, residue, name) for code, residue in (("A", "SER"), ("B", "THR")) for name in ("N", "CA", "C", "O")
        )
    )
    expected = columns_of(of_gemmi(mutation))
    assert sorted(set(zip(expected.altloc, expected.residue_name, strict=True))) == [("A", "SER"), ("B", "THR")]
    for read in (of_biotite, of_biopython):
        assert columns_of(read(mutation)) == expected
    for write in (to_biotite, to_gemmi, to_biopython):
        assert columns_of(write(expected)) == expected


def test_atoms_without_coordinates_are_absent_and_named() -> None:
    atoms = of_biotite(MUTATED)
    atoms.coord[1] = np.nan
    with pytest.warns(FastMPNNWarning, match="1 atom of residue A10 without coordinates: left out"):
        columns = columns_of(atoms)
    assert len(columns) == len(atoms) - 1
    assert columns.atom_name[:2] == ["N", "C"]


def test_dictionaries_have_the_names_of_columns_or_those_of_the_packages() -> None:
    columns = columns_of(of_biotite(MUTATED))
    by_name = {name: getattr(columns, name) for name in columns.__dataclass_fields__}
    assert columns_of(by_name) == columns
    atoms = to_biotite(columns)
    categories = {category: atoms.get_annotation(category) for category in atoms.get_annotation_categories()}
    assert columns_of({**categories, "coord": atoms.coord}) == columns
    least = {key: by_name[key] for key in ("chain", "residue_number", "residue_name", "atom_name", "position")}
    assert columns_of(least).hetatm.tolist() == columns.hetatm.tolist()
    with pytest.raises(InputError, match="with the unknown key plddt; the columns are chain, residue_number"):
        columns_of({**by_name, "plddt": 1})
    with pytest.raises(InputError, match="column chain is given twice, the second time as chain_id"):
        columns_of({**by_name, "chain_id": columns.chain})
    with pytest.raises(InputError, match="lacks residue_number, position"):
        columns_of({key: by_name[key] for key in ("chain", "residue_name", "atom_name")})


def test_backbones_are_arrays_with_a_sequence() -> None:
    backbone = np.arange(60, dtype=np.float64).reshape(5, 4, 3)
    columns = columns_of({"backbone": backbone, "sequence": "ACD/-w"})
    assert columns.chain == ["A"] * 12 + ["B"] * 8
    assert columns.residue_number[::4].tolist() == [1, 2, 3, 1, 2]
    assert columns.residue_name[::4] == ["ALA", "CYS", "ASP", "UNK", "TRP"]
    assert columns.atom_name[:4] == ["N", "CA", "C", "O"]
    assert columns.element[:4] == ["N", "C", "C", "O"]
    assert not columns.hetatm.any()
    np.testing.assert_array_equal(columns.position, backbone.reshape(-1, 3))
    given = backbone_columns(
        backbone, "ACDEF", chain=["H"] * 5, residue_number=[99, 100, 100, 101, 105], insertion=["", "", "A", "", ""]
    )
    assert given.chain == ["H"] * 20
    assert given.residue_number[::4].tolist() == [99, 100, 100, 101, 105]
    assert given.insertion[::4] == ["", "", "A", "", ""]
    assert columns_of(backbone).residue_name == ["UNK"] * 20
    assert columns_of(backbone[:, :3]).atom_name[:4] == ["N", "CA", "C", "N"]


def test_missing_atoms_of_backbones_are_nan() -> None:
    backbone = np.arange(36, dtype=np.float32).reshape(3, 4, 3)
    backbone[0, 3] = backbone[1] = np.nan
    with pytest.warns(FastMPNNWarning, match="all atoms of residue A2 without coordinates: left out"):
        columns = backbone_columns(backbone, "ACD")
    assert columns.residue_number.tolist() == [1, 1, 1, 3, 3, 3, 3]
    assert columns.residue_name == ["ALA"] * 3 + ["ASP"] * 4


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (np.zeros((3, 37, 3)), r"a backbone of shape \(3, 37, 3\); it is \(N, 4, 3\)"),
        ({"backbone": np.zeros((2, 4, 3)), "sequence": "AAA"}, "sequence is of 3 residues, the backbone of 2"),
        ({"backbone": np.zeros((2, 4, 3)), "chain": ["A"]}, "chain is of 1 residues, the backbone of 2"),
        ({"backbone": np.zeros((2, 4, 3)), "sequence": "AZ"}, "the sequence holds Z; its letters are"),
        ({"backbone": np.zeros((2, 4, 3)), "letters": "AA"}, "with the unknown key letters; a backbone has the keys"),
        ({"backbone": "1abc"}, "a backbone that is no array of numbers"),
        (np.zeros((0, 4, 3)), "numpy.ndarray holds no atoms"),
    ],
)
def test_backbones_that_do_not_fit_are_errors(source: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        columns_of(source)


def test_what_is_no_structure_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"not of builtins\.int"):
        columns_of(3)


def test_empty_structures_are_errors() -> None:
    gemmi = pytest.importorskip("gemmi")
    biotite = pytest.importorskip("biotite.structure")
    for empty in (gemmi.Structure(), gemmi.Model(1), biotite.AtomArray(0)):
        with pytest.raises(InputError):
            columns_of(empty)


def test_classes_that_derive_from_those_of_a_package_are_known() -> None:
    biotite = pytest.importorskip("biotite.structure")

    class Mine(biotite.AtomArray):  # type: ignore[misc, name-defined]
        pass

    atoms = of_biotite(MUTATED)
    mine = Mine(len(atoms))
    mine.coord = atoms.coord
    for category in atoms.get_annotation_categories():
        mine.set_annotation(category, atoms.get_annotation(category))
    assert columns_of(mine) == columns_of(atoms)


def test_no_package_is_imported_for_arrays() -> None:
    code = (
        "import sys, numpy as np\n"
        "from fastmpnn.interop import columns_of\n"
        "assert len(columns_of(np.zeros((2, 4, 3)))) == 8\n"
        "loaded = {'gemmi', 'biotite', 'Bio'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("reader", READERS)
def test_objects_are_read_as_their_files_are(reader: str, file: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        by_file = fm.read(EXAMPLES / file)
        by_object = fm.read(READERS[reader](text_of(file)), name=by_file.name)
    assert by_object.sequence == by_file.sequence
    for name in ("letters", "chain_index", "residue_numbers", "resolved", "backbone"):
        np.testing.assert_array_equal(getattr(by_object, name), getattr(by_file, name))
    for name in ("name", "chains", "chain_ids", "insertion_codes", "residue_names"):
        assert getattr(by_object, name) == getattr(by_file, name)
    assert sorted(rows_of(by_object.columns())) == sorted(rows_of(by_file.columns()))
    if reader == "biotite":
        assert by_object.columns() == by_file.columns()


@pytest.mark.parametrize("file", FILES)
def test_columns_of_a_structure_read_again_give_the_same(file: str) -> None:
    structure = fm.read(EXAMPLES / file)
    columns = structure.columns()
    assert columns_of(structure) == columns
    again = fm.read(columns, name=structure.name)
    assert again.sequence == structure.sequence
    assert again.columns() == columns
    for write in (to_gemmi, to_biotite, to_biopython):
        pytest.importorskip({"to_gemmi": "gemmi", "to_biotite": "biotite", "to_biopython": "Bio"}[write.__name__])
        # A chain of gemmi or Biopython has its ligands, too.
        found = columns_of(write(columns))
        assert sorted(rows_of(found)) == sorted(rows_of(columns))
        assert fm.read(found, name=structure.name).sequence == structure.sequence


@pytest.mark.parametrize("reader", READERS)
def test_designs_of_an_object_are_those_of_its_file(reader: str) -> None:
    model = fm.Model("protein")
    designs = [
        model.encode(fm.read(source, name="5L33")).design(num_seqs=2, seed=37)
        for source in (EXAMPLES / "5L33.pdb", READERS[reader](text_of("5L33.pdb")))
    ]
    assert designs[0].sequences == designs[1].sequences
    np.testing.assert_array_equal(designs[0].scores, designs[1].scores)


def test_a_backbone_is_read_as_its_file_is() -> None:
    structure = fm.read(EXAMPLES / "5L33.pdb")
    again = fm.read({"backbone": structure.backbone, "sequence": structure.sequence}, name="5L33")
    assert again.sequence == structure.sequence
    np.testing.assert_array_equal(again.backbone, structure.backbone)


def test_coordinates_that_are_not_finite_are_errors_of_the_reader() -> None:
    backbone = np.zeros((2, 4, 3))
    backbone[1, 2, 0] = np.inf
    with pytest.raises(fm.InputError, match="column position, row 6, residue A2: the x coordinate is inf"):
        fm.read({"backbone": backbone, "sequence": "AA"})
