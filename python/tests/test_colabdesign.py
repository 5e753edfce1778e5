"""``fastmpnn.compat.colabdesign`` against what ColabDesign 1.1.1 answered (reference/make_colabdesign_goldens.py)."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastmpnn as fm
from fastmpnn.compat import colabdesign
from fastmpnn.compat._jax_random import KeyStream, as_key, key_of_seed, split, uniform
from fastmpnn.compat.colabdesign import GradientError, aa_order, mk_mpnn_model

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
GOLDENS = Path(__file__).parent / "golden" / "colabdesign.npz"
#: |logits|, |score|: sums of f32 in another order.
TOLERANCE = 1e-4


def goldens() -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    with np.load(GOLDENS) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(str(arrays.pop("cases"))), arrays


CASES, ARRAYS = goldens()


def prepared(structure: str, **arguments: Any) -> mk_mpnn_model:
    model = mk_mpnn_model(seed=arguments.pop("seed", 0))
    model.prep_inputs(str(EXAMPLES / f"{structure}.pdb"), **arguments)
    return model


@pytest.mark.parametrize("number", range(len(CASES)))
def test_equals_colabdesign(number: int) -> None:
    case = CASES[number]
    golden = {name.partition("/")[2]: array for name, array in ARRAYS.items() if name.startswith(f"{number}/")}
    model = mk_mpnn_model("v_48_020", seed=case.get("seed", 0))
    model.prep_inputs(pdb_filename=str(EXAMPLES / f"{case['structure']}.pdb"), **case["prepare"])
    inputs = model._inputs
    assert inputs["residue_idx"].tolist() == golden["residue_idx"].tolist()
    assert inputs["S"].tolist() == golden["native"].tolist()
    assert inputs["mask"].tolist() == golden["mask"].tolist()
    assert model._lengths == golden["lengths"].tolist()
    assert inputs["bias"].sum(-1).tolist() == golden["bias_sums"].tolist()
    if "fix_pos" in golden:
        assert inputs["fix_pos"].tolist() == golden["fix_pos"].tolist()

    arguments: dict[str, Any] = {}
    if "sequence" in golden:
        arguments["seq"] = str(golden["sequence"])
    if "given_order" in golden:
        arguments["decoding_order"] = golden["given_order"].astype(int)
    if "mask" in case:
        rows, columns = np.indices((len(inputs["S"]),) * 2)
        known = {"all others": rows != columns, "scattered": ((7 * rows + 3 * columns) % 5 < 2) & (rows != columns)}
        arguments["ar_mask"] = known[case["mask"]].astype(float)
    if case["call"] == "sample":
        arguments |= {"num": 1, "batch": 1, "temperature": case["temperature"], "rescore": True}
    answer = getattr(model, case["call"])(**arguments)
    if not isinstance(answer, dict):
        answer = {"logits": answer}
    if case["call"] == "sample":
        answer = {name: value[0] for name, value in answer.items()}

    if "order" in golden:
        assert answer["decoding_order"].reshape(-1).tolist() == golden["order"].tolist()
    if "letters" in golden:
        one_hot = answer["S"]
        assert (one_hot.argmax(-1) + (one_hot.sum(-1) - 1)).astype(int).tolist() == golden["letters"].tolist()
    if "seq" in golden:
        assert answer["seq"] == str(golden["seq"])
    step = round(len(answer["logits"]) / len(golden["logits"]))
    difference = np.abs(answer["logits"][::step] - golden["logits"])
    print(f"{case['call']} of {case['structure']}: largest difference of a logit {difference.max():.1e}")
    assert difference.max() < TOLERANCE
    for name in ("score", "seqid"):
        if name in golden:
            assert answer[name] == pytest.approx(float(golden[name]), abs=TOLERANCE)


def test_samples_have_the_keys_and_shapes_of_colabdesign() -> None:
    model = prepared("4GYT", chain="A,B", fix_pos="A", rm_aa="C")
    length = sum(model._lengths)
    drawn = model.sample(num=2, batch=3, temperature=0.1)
    assert {name: value.shape for name, value in drawn.items()} == {
        "S": (6, length, 21),
        "decoding_order": (6, length, 1),
        "logits": (6, length, 21),
        "seq": (6,),
        "score": (6,),
        "seqid": (6,),
    }
    target, binder = model._lengths
    native = "".join(colabdesign.order_aa[letter] for letter in model._inputs["S"])
    for text, one_hot, order in zip(drawn["seq"], drawn["S"], drawn["decoding_order"]):
        assert text[target] == "/"
        assert text[:target] == native[:target]
        assert "C" not in text[-binder:]
        assert "".join("ARNDCQEGHILKMFPSTWYVX"[letter] for letter in one_hot.argmax(-1)) == text.replace("/", "")
        assert sorted(order[:, 0].tolist()) == list(range(length))
        assert set(order[:target, 0].tolist()) == set(range(target)), "fixed positions are decoded first"
    assert len(set(drawn["seq"])) == 6
    plain = pickle.loads(pickle.dumps(drawn))
    assert all(np.array_equal(plain[name], drawn[name]) for name in drawn)


def test_scores_of_samples_are_those_of_their_sequences() -> None:
    model = prepared("6MRR", chain="A", fix_pos="A1-20")
    drawn = model.sample(batch=2, temperature=0.2)
    rescored = model.sample(batch=2, temperature=0.2, rescore=True, key=3)
    again = model.sample(batch=2, temperature=0.2, key=3)
    assert rescored["seq"].tolist() == again["seq"].tolist()
    assert np.allclose(rescored["score"], again["score"], atol=TOLERANCE)
    for index, text in enumerate(drawn["seq"]):
        scored = model.score(seq=text, decoding_order=drawn["decoding_order"][index, :, 0])
        assert scored["score"] == pytest.approx(drawn["score"][index], abs=TOLERANCE)
        assert scored["seqid"] == pytest.approx(drawn["seqid"][index], abs=1e-6)
        free = np.arange(20, 68)
        ours = drawn["logits"][index] - scored["logits"]
        assert np.ptp(ours[free], axis=-1).max() < TOLERANCE, "logits of samples, but for a constant a residue"


def test_every_mix_of_num_and_batch_draws_as_many_sequences() -> None:
    model = prepared("6MRR", chain="A")
    for num, batch in ((1, 4), (4, 1), (2, 2)):
        model.set_seed(5)
        drawn = model.sample(num=num, batch=batch, temperature=0.5)
        assert len(drawn["seq"]) == 4 and len(set(drawn["seq"])) == 4
    key = np.array([3, 4], np.uint32)
    repeated = model.sample(num=2, batch=2, temperature=0.5, key=key)
    assert repeated["seq"][:2].tolist() == repeated["seq"][2:].tolist()
    assert repeated["seq"][:2].tolist() == model.sample_parallel(2, 0.5, key=key)["seq"].tolist()


def test_a_seed_repeats_a_model() -> None:
    first, second = (prepared("6MRR", chain="A", seed=9) for _ in range(2))
    assert first.sample(batch=2)["seq"].tolist() == second.sample(batch=2)["seq"].tolist()
    assert first.score()["score"] == second.score()["score"]
    random.seed(4)
    first.set_seed(None)
    random.seed(4)
    second.set_seed(None)
    assert first.key().tolist() == second.key().tolist()


def test_inputs_are_live() -> None:
    model = prepared("6MRR", chain="A")
    inputs = model._inputs
    inputs["bias"][0, aa_order["W"]] = 1e7
    inputs["bias"][1:, aa_order["A"]] -= 1e6
    drawn = model.sample(batch=2, temperature=0.1)
    assert all(text[0] == "W" and "A" not in text[1:] for text in drawn["seq"])
    before = model.score(decoding_order=np.arange(68))
    inputs["S"] = np.where(np.arange(68) == 10, aa_order["W"], inputs["S"])
    assert model.score(decoding_order=np.arange(68))["score"] > before["score"]
    inputs["fix_pos"] = np.arange(60)
    assert model.sample(batch=1)["decoding_order"][0, :60, 0].max() == 59, "fixed positions go first"
    own = model.score()
    assert sorted(own["decoding_order"][:60].tolist()) == list(range(60))
    log_p = own["logits"] - np.log(np.exp(own["logits"]).sum(-1, keepdims=True))
    alone = -log_p[np.arange(60, 68), inputs["S"][60:]].mean()
    assert own["score"] == pytest.approx(alone, abs=1e-5), "only open positions count"
    inputs["mask"][67] = 0
    masked = model.score(decoding_order=np.arange(68))
    assert np.abs(masked["logits"][66] - before["logits"][66]).max() > 1e-3, "the residue is seen no more"
    assert "X" not in model.sample(batch=1)["seq"][0]


def test_a_homo_oligomer_has_one_sequence() -> None:
    model = prepared("4GYT", chain="A,B", homooligomer=True, fix_pos="A10-20", rm_aa="C")
    drawn = model.sample(batch=3, temperature=0.1)
    assert [len(text) for text in drawn["seq"]] == [177] * 3
    first, second = drawn["S"][:, :177], drawn["S"][:, 177:]
    assert np.array_equal(first, second)
    assert drawn["decoding_order"].shape == (3, 177, 2)
    assert (drawn["decoding_order"][..., 1] - drawn["decoding_order"][..., 0] == 177).all()
    native = "".join(colabdesign.order_aa[letter] for letter in model._inputs["S"])
    own = [index for index in range(177) if 10 <= model.pdb["idx"]["residue"][index] <= 20]
    assert all(text[index] == native[index] for text in drawn["seq"] for index in own)
    assert model.score(seq=drawn["seq"][0])["logits"].shape == (354, 21)
    with pytest.raises(fm.SelectionError, match="same number"):
        prepared("3HTN", chain="A,B", homooligomer=True)


def test_ties_take_the_mean_of_the_logits() -> None:
    """Two copies so far apart that neither sees the other draw what one alone draws."""
    one = prepared("6MRR", chain="A")
    two = prepared("6MRR", chain="A")
    length = 68
    inputs = one._inputs
    two._inputs = {
        "X": np.concatenate([inputs["X"], inputs["X"] + 1000.0]),
        "mask": np.tile(inputs["mask"], 2),
        "S": np.tile(inputs["S"], 2),
        "residue_idx": np.concatenate([inputs["residue_idx"], inputs["residue_idx"] + 200]),
        "chain_idx": np.repeat([0, 1], length),
        "lengths": np.array([length, length]),
        "bias": np.zeros((2 * length, 20)),
    }
    two._lengths, two._len, two._tied_lengths = [length, length], length, True
    order = np.arange(length)
    groups = np.stack([order, order + length], axis=1)
    single = one.sample(batch=1, temperature=0.0, decoding_order=order)
    tied = two.sample(batch=1, temperature=0.0, decoding_order=groups)
    assert tied["seq"][0] == single["seq"][0]
    assert tied["score"][0] == pytest.approx(single["score"][0], abs=1e-3)


def test_backbone_noise_moves_each_sample() -> None:
    model = mk_mpnn_model(backbone_noise=0.2, seed=1)
    model.prep_inputs(str(EXAMPLES / "6MRR.pdb"), chain="A")
    order = np.arange(68)
    drawn = model.sample(batch=3, temperature=0.0, decoding_order=order)
    still = prepared("6MRR", chain="A").sample(batch=2, temperature=0.0, decoding_order=order)
    assert len(set(still["seq"])) == 1 and len(set(drawn["seq"])) > 1
    first, second = (model.score(key=7)["score"] for _ in range(2))
    assert first == second != model.score(key=8)["score"]


def test_positions_are_read_as_colabdesign_reads_them() -> None:
    model = prepared("4GYT", chain="B,A", fix_pos="7-9,A10,A12-A13")
    assert model._inputs["fix_pos"].tolist() == [0, 1, 2, 177 + 3, 177 + 5, 177 + 6]
    open_alone = prepared("4GYT", chain="B,A", fix_pos="7-9,A10,A12-A13", inverse=True)
    assert len(open_alone._inputs["fix_pos"]) == 354 - 6
    # Germinal joins a set: positions come in any order, and more than once.
    again = prepared("4GYT", chain="A,B", fix_pos="B9,B7,A,B8,B9")
    drawn = again.sample(batch=1)["seq"][0].split("/")
    native = "".join(colabdesign.order_aa[letter] for letter in again._inputs["S"])
    assert drawn[0] == native[:177] and drawn[1][:3] == native[177:180]
    for wrong, word in (("A5000", "no residue A5000"), ("Q", "no chain Q"), ("A5x", "no position")):
        with pytest.raises(fm.SelectionError, match=word):
            prepared("4GYT", chain="A,B", fix_pos=wrong)
    with pytest.raises(fm.InputError, match="no protein chain Q"):
        prepared("4GYT", chain="Q")
    with pytest.raises(fm.SettingError, match="rm_aa"):
        prepared("4GYT", chain="A", rm_aa="CW")


def test_structures_come_as_text_and_paths() -> None:
    path = EXAMPLES / "5L33.pdb"
    model = mk_mpnn_model(seed=0)
    model.prep_inputs(path)
    by_path = {name: np.array(value) for name, value in model._inputs.items()}
    model.prep_inputs(path.read_text(), "A")
    assert all(np.array_equal(by_path[name], model._inputs[name]) for name in by_path)
    model.prep_inputs(EXAMPLES / "5L33.cif", chain="A", verbose=True)
    assert np.array_equal(by_path["S"], model._inputs["S"])
    batch = model.pdb["batch"]
    assert batch["all_atom_positions"].shape == (106, 37, 3) and batch["all_atom_mask"][:, :3].all()
    assert set(model.pdb["idx"]["chain"]) == {"A"}


def test_a_missing_carbonyl_is_built(tmp_path: Path) -> None:
    lines = (EXAMPLES / "6MRR.pdb").read_text().splitlines()
    without = [line for line in lines if line[12:16] != " O  " or line[:4] != "ATOM"]
    (tmp_path / "6MRR.pdb").write_text("\n".join(without))
    model = prepared("6MRR", chain="A")
    order = np.arange(68)
    complete = model.score(decoding_order=order)["score"]
    positions = model._inputs["X"].copy()
    model._inputs["X"][:, 3] = 0
    assert model.score(decoding_order=order)["score"] == pytest.approx(complete, abs=0.02)
    model.prep_inputs(str(tmp_path / "6MRR.pdb"), chain="A")
    assert np.abs(model._inputs["X"] - positions).max() < 0.2, "Å"
    assert model.score(decoding_order=order)["score"] == pytest.approx(complete, abs=0.02)


def test_residues_with_insertion_codes_are_left_out_aloud(tmp_path: Path) -> None:
    lines = (EXAMPLES / "6MRR.pdb").read_text().splitlines()
    # Residue 11 becomes 10A.
    renamed = [
        f"{line[:22]}  10A{line[27:]}" if line[:4] == "ATOM" and line[22:27] == "  11 " else line for line in lines
    ]
    (tmp_path / "inserted.pdb").write_text("\n".join(renamed))
    model = mk_mpnn_model(seed=0)
    with pytest.warns(fm.FastMPNNWarning, match="A10A"):
        model.prep_inputs(str(tmp_path / "inserted.pdb"), chain="A")
    assert model._lengths == [67]


def test_a_cyclic_offset_closes_the_chain() -> None:
    model = prepared("6MRR", chain="A")
    numbers = model._inputs["residue_idx"]
    plain = numbers[:, None] - numbers[None, :]
    open_chain = model.get_unconditional_logits()
    model._inputs["offset"] = plain
    assert np.array_equal(model.get_unconditional_logits(), open_chain)
    around = np.abs(plain) % 68
    model._inputs["offset"] = np.where(around > 34, np.sign(plain) * (around - 68), plain)
    assert np.abs(model.get_unconditional_logits() - open_chain).max() > 1e-2
    model._inputs["offset"] = plain * 2
    with pytest.raises(NotImplementedError, match="offset"):
        model.get_unconditional_logits()


def test_what_needs_jax_says_so() -> None:
    model = prepared("6MRR", chain="A")
    with pytest.raises(GradientError, match="no gradients"):
        model._model.score(model._model.params, None, {})
    soft = np.full((68, 20), 0.05)
    with pytest.raises(GradientError, match="relaxed"):
        model.score(S=soft)
    with pytest.raises(NotImplementedError, match="ar_mask"):
        model.score(ar_mask=np.full((68, 68), 0.5))
    with pytest.raises(fm.SettingError, match="dropout"):
        mk_mpnn_model(dropout=0.1)
    hard = np.eye(20)[model._inputs["S"]] + 1e-7
    order = np.arange(68)
    assert np.array_equal(model.score(S=hard, decoding_order=order)["logits"], model.get_logits(decoding_order=order))


def test_models_pickle() -> None:
    model = prepared("6MRR", chain="A", seed=3)
    copy = pickle.loads(pickle.dumps(model))
    assert copy.sample(batch=2)["seq"].tolist() == model.sample(batch=2)["seq"].tolist()


def test_words_name_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTMPNN_WEIGHTS", str(tmp_path))
    with pytest.raises(fm.CheckpointError, match="abmpnn"):
        mk_mpnn_model("abmpnn", weights="abmpnn")
    with pytest.raises(fm.CheckpointError, match="v_48_050"):
        mk_mpnn_model("v_48_050")


def test_random_numbers_are_those_of_jax() -> None:
    # What jax.random of JAX 0.10.2 gives for PRNGKey(7).
    keys = [[3625411723, 1954958720], [195045567, 4062205631], [966301609, 1948237315]]
    assert split(key_of_seed(7), 3).tolist() == keys
    assert uniform(key_of_seed(7), 3).tolist() == [0.6740899085998535, 0.9746168851852417, 0.3028435707092285]
    stream = KeyStream(7)
    assert stream().tolist() == split(key_of_seed(7))[1].tolist()
    assert len(stream(2)) == 2
    assert as_key(7).tolist() == [0, 7]
    with pytest.raises(ValueError, match="key"):
        as_key(object())
