"""``fastmpnn.compat.colabdesign`` beside ColabDesign itself, where it is installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastmpnn.compat.colabdesign import mk_mpnn_model

jax = pytest.importorskip("jax")
if not hasattr(jax, "tree_map"):
    # ColabDesign 1.1 calls it by the name it had before JAX 0.6.
    jax.tree_map = jax.tree_util.tree_map
pytest.importorskip("colabdesign", exc_type=ImportError)
from colabdesign.mpnn.model import mk_mpnn_model as published

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TOLERANCE = 1e-4


def both(structure: str, seed: int = 0, **arguments: Any) -> tuple[Any, Any]:
    models = []
    for kind in (mk_mpnn_model, published):
        model = kind("v_48_020", seed=seed)
        model.prep_inputs(pdb_filename=str(EXAMPLES / f"{structure}.pdb"), **arguments)
        models.append(model)
    return models[0], models[1]


@pytest.mark.parametrize(
    ("structure", "arguments"),
    [
        ("5L33", {"chain": "A"}),
        ("6MRR", {"chain": "A", "fix_pos": "A3-30", "rm_aa": "C"}),
        ("4GYT", {"chain": "B,A", "fix_pos": "A"}),
        ("3HTN", {"chain": "A,B,C", "ignore_missing": False}),
        ("4GYT", {"chain": "A,B", "homooligomer": True}),
    ],
)
def test_scores_and_logits_for_a_seed(structure: str, arguments: dict[str, Any]) -> None:
    ours, theirs = both(structure, seed=21, **arguments)
    for name in theirs._inputs:
        assert np.array_equal(ours._inputs[name], theirs._inputs[name]), name
    for _ in range(2):
        mine, yours = ours.score(), theirs.score()
        assert mine["decoding_order"].tolist() == yours["decoding_order"].tolist()
        assert np.abs(mine["logits"] - yours["logits"]).max() < TOLERANCE
        assert mine["score"] == pytest.approx(yours["score"], abs=TOLERANCE)
        assert mine["seqid"] == pytest.approx(yours["seqid"], abs=1e-6)
        assert np.array_equal(mine["S"], yours["S"])
    unconditional = ours.get_unconditional_logits() - theirs.get_unconditional_logits()
    assert np.abs(unconditional).max() < TOLERANCE
    assert set(ours.sample()) == set(theirs.sample())


def test_keys_of_jax() -> None:
    ours, theirs = both("6MRR", chain="A")
    for key in (jax.random.PRNGKey(5), jax.random.split(jax.random.PRNGKey(5))[0]):
        assert ours.score(key=key)["score"] == pytest.approx(theirs.score(key=key)["score"], abs=TOLERANCE)
    drawn = ours.sample_parallel(batch=2, temperature=1.0, key=jax.random.key(3))
    assert (
        drawn["seq"].tolist() == ours.sample_parallel(batch=2, temperature=1.0, key=jax.random.key(3))["seq"].tolist()
    )


def test_samples_are_of_the_same_distribution() -> None:
    ours, theirs = both("6MRR", chain="A", fix_pos="A1-10", rm_aa="C")
    mine, yours = ours.sample(batch=64, temperature=0.3), theirs.sample(batch=64, temperature=0.3)
    for name in ("score", "seqid"):
        error = np.hypot(mine[name].std(), yours[name].std()) / 8
        assert abs(mine[name].mean() - yours[name].mean()) < 4 * error + 1e-3, name
    letters = np.abs(mine["S"].mean((0, 1)) - yours["S"].mean((0, 1)))
    assert letters.max() < 0.03


def test_sampled_logits_are_theirs_but_for_a_constant() -> None:
    ours, theirs = both("6MRR", chain="A")
    order = np.random.default_rng(0).permutation(68)
    mine = ours.sample(temperature=1e-6, decoding_order=order)
    yours = theirs.sample(temperature=1e-6, decoding_order=order)
    assert mine["seq"].tolist() == yours["seq"].tolist()
    assert np.ptp(mine["logits"] - yours["logits"], axis=-1).max() < TOLERANCE
    assert mine["score"] == pytest.approx(yours["score"], abs=TOLERANCE)
    again = ours.sample(temperature=1e-6, decoding_order=order, rescore=True)
    assert np.abs(again["logits"] - yours["logits"]).max() < TOLERANCE


def test_parameters_are_theirs() -> None:
    ours, theirs = both("6MRR", chain="A")
    mine, yours = ours._model.params, theirs._model.params
    assert set(mine) == set(yours)
    for module, values in yours.items():
        assert set(mine[module]) == set(values)
        for name, value in values.items():
            assert np.array_equal(mine[module][name], value), f"{module}|{name}"


def test_tracing_is_refused() -> None:
    from fastmpnn.compat.colabdesign import GradientError

    model, _ = both("6MRR", chain="A")
    inputs = {name: value for name, value in model._inputs.items() if name != "S"}

    def loss(letters: Any) -> Any:
        return model._score(**inputs, key=jax.random.PRNGKey(0), S=letters)["logits"].sum()

    with pytest.raises(GradientError, match="traced by JAX"):
        jax.grad(loss)(jax.numpy.eye(20)[model._inputs["S"]])


def test_its_pickles_are_read(tmp_path: Path) -> None:
    path = Path(sys.modules["colabdesign"].__file__ or "").parent / "mpnn" / "weights" / "v_48_010.pkl"
    if not path.is_file():
        pytest.skip("this ColabDesign has no v_48_010.pkl")
    ours = mk_mpnn_model(weights=str(path), seed=0)
    theirs = published("v_48_010", seed=0)
    for model in (ours, theirs):
        model.prep_inputs(pdb_filename=str(EXAMPLES / "6MRR.pdb"), chain="A")
    assert np.abs(ours.get_logits() - theirs.get_logits()).max() < TOLERANCE
