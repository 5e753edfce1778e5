"""The calls that pipelines make of ColabDesign's MPNN, in their order, with FastMPNN in its place.

Each test is written after what the pipeline's public source does; none is a copy of it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import fastmpnn as fm
from fastmpnn.compat import colabdesign
from fastmpnn.compat._haiku_weights import from_published, read_safetensors

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
COMPLEX = str(EXAMPLES / "4GYT.pdb")
LETTERS = "ARNDCQEGHILKMFPSTWYV"


@pytest.fixture
def installed() -> Iterator[None]:
    colabdesign.install()
    yield
    colabdesign.uninstall()


def native(chain: str) -> str:
    structure = fm.read(COMPLEX)
    own = [fm.ALPHABET[letter] for letter, name in zip(structure.letters, structure.chain_ids) if name == chain]
    return "".join(own)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("interface", ["", "B10,B11,B15"])
def test_bindcraft(interface: str) -> None:
    """mpnn_gen_sequence, and what bindcraft.py reads of its result: n * n sequences are drawn, n are read."""
    from colabdesign.mpnn import mk_mpnn_model

    settings = {"backbone_noise": 0.0, "model_path": "v_48_020", "mpnn_weights": "original", "num_seqs": 4}
    model = mk_mpnn_model(
        backbone_noise=settings["backbone_noise"],
        model_name=settings["model_path"],
        weights=settings["mpnn_weights"],
    )
    model.prep_inputs(pdb_filename=COMPLEX, chain="A,B", fix_pos=("A," + interface).rstrip(","), rm_aa="C")
    sequences = model.sample(temperature=0.1, num=settings["num_seqs"], batch=settings["num_seqs"])

    binder = native("B")
    length = len(binder)
    assert len(sequences["seq"]) == 16
    designs = {
        sequences["seq"][n][-length:]: {
            "seq": sequences["seq"][n][-length:],
            "score": sequences["score"][n],
            "seqid": sequences["seqid"][n],
        }
        for n in range(settings["num_seqs"])
    }
    best = sorted(designs.values(), key=lambda design: design["score"])
    for design in best:
        assert set(design["seq"]) <= set(LETTERS) - {"C"}
        assert 0.3 < design["score"] < 2.0 and 0.2 < design["seqid"] < 0.8
        assert f"{round(design['score'], 2)} {round(design['seqid'], 2)}".count(".") == 2
    if interface:
        numbers = [number for number, name in zip(*places()) if name == "B"]
        for residue in (10, 11, 15):
            index = numbers.index(residue)
            assert all(design["seq"][index] == binder[index] for design in best)


def places() -> tuple[list[int], list[str]]:
    structure = fm.read(COMPLEX)
    return structure.residue_numbers.tolist(), structure.chain_ids


@pytest.mark.usefixtures("installed")
def test_freebindcraft() -> None:
    from colabdesign.mpnn import mk_mpnn_model

    model = mk_mpnn_model(backbone_noise=0.0, model_name="v_48_020", weights="original")
    model.prep_inputs(pdb_filename=COMPLEX, chain="A,B", fix_pos="A", rm_aa="C")
    sequences = model.sample(temperature=0.1, num=1, batch=5)
    assert len(sequences["seq"]) == len(sequences["score"]) == len(sequences["seqid"]) == 5
    assert all(text[: len(native("A"))] == native("A") for text in sequences["seq"])


def abmpnn_worker(pdb: str, fixed: str, folder: str, path: str) -> None:
    """What Germinal's spawned process does: it imports ColabDesign's module, redesigns, and pickles the result."""
    from colabdesign.mpnn import mk_mpnn_model

    model = mk_mpnn_model(backbone_noise=0.0, model_name="abmpnn", weights=folder)
    model.prep_inputs(pdb_filename=pdb, chain="A,B", fix_pos=",".join(["A", fixed]).rstrip(","), rm_aa="C")
    sequences = model.sample(temperature=0.1, num=1, batch=3)
    del model
    with open(path, "wb") as file:
        pickle.dump(sequences, file)


def test_germinal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process finds FastMPNN's module because install() was called in its parent."""
    save_as_npz(tmp_path / "abmpnn.npz")
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    colabdesign.install()
    try:
        binder = native("B")
        numbers = [number for number, name in zip(*places()) if name == "B"]
        # Joined of a set, as there: in any order.
        fixed = ",".join({f"B{number}" for number in numbers[:100]})
        output = tmp_path / "result.pickle"
        process = multiprocessing.get_context("spawn").Process(
            target=abmpnn_worker, args=(COMPLEX, fixed, str(tmp_path), str(output))
        )
        process.start()
        process.join()
    finally:
        colabdesign.uninstall()
    assert process.exitcode == 0
    sequences = pickle.loads(output.read_bytes())
    assert {type(value) for value in sequences.values()} == {np.ndarray}
    for n in range(len(sequences["seq"])):
        text = sequences["seq"][n][-len(binder) :]
        assert text[:100] == binder[:100] and text != binder
        assert np.isfinite(sequences["score"][n]) and np.isfinite(sequences["seqid"][n])


def save_as_npz(path: Path) -> None:
    """Save the default network as BindCraft2 keeps networks, under another name."""
    checkpoint = EXAMPLES.parent / "crates" / "fastmpnn" / "weights" / "v_48_020.safetensors"
    parameters = from_published(read_safetensors(checkpoint.read_bytes()))
    arrays = {f"{module}|{name}": value for module, own in parameters.items() for name, value in own.items()}
    np.savez(path, num_edges=48, **arrays)


@pytest.mark.usefixtures("installed")
def test_proto_tools() -> None:
    """Its sample and score: paths by position, keys, parameters that are taken out and put back."""
    from colabdesign.mpnn import mk_mpnn_model

    model = mk_mpnn_model(model_name="v_48_020", weights="original", backbone_noise=0.0)
    params = model._model.params
    fixed = {"A": [7, 8], "B": [20]}
    fix_pos = ",".join(f"{chain}{number}" for chain, numbers in fixed.items() for number in numbers)
    model.prep_inputs(COMPLEX, fix_pos=fix_pos, chain="A,B", rm_aa="C,M")
    key = np.array([0, 42], np.uint32)
    sequences = model.sample_parallel(batch=2, temperature=1.0, key=key)
    assert sequences["logits"].shape == (2, 354, 21)
    assert not set("CM") & set(sequences["seq"][0].replace("/", "")[4:20])
    model._model.params = params
    assert model.sample_parallel(batch=2, temperature=1.0, key=key)["seq"].tolist() == sequences["seq"].tolist()

    model.prep_inputs(COMPLEX, fix_pos=fix_pos, chain="A,B")
    inputs = model._inputs
    sequence = "".join(LETTERS[letter] for letter in inputs["S"])
    output = model.score(seq=sequence, key=key)
    mask = np.asarray(inputs["mask"], np.float32).copy()
    mask[np.asarray(inputs["fix_pos"], int)] = 0
    assert mask.sum() == 351
    assert 0.5 < float(output["score"]) < 2.5
    assert output["logits"].shape == (354, 21)
    mutated = "C" * 100 + sequence[100:]
    assert model.score(seq=mutated, key=key)["score"] > output["score"]
    assert model.score(seq=sequence, key=key)["score"] == output["score"]


@pytest.mark.usefixtures("installed")
def test_proto_tools_other_parameters() -> None:
    from colabdesign.mpnn import mk_mpnn_model

    model = mk_mpnn_model(seed=0)
    model.prep_inputs(COMPLEX, chain="A")
    before = model.get_unconditional_logits()
    params = {module: dict(values) for module, values in model._model.params.items()}
    params["protein_mpnn/~/W_out"]["b"] = params["protein_mpnn/~/W_out"]["b"] + 1.0
    model._model.params = params
    after = model.get_unconditional_logits()
    assert np.allclose(after, before + 1.0, atol=1e-4)
    assert np.allclose(pickle.loads(pickle.dumps(model)).get_unconditional_logits(), after)


class AfModel:
    """What mk_mpnn_model takes from a model of AfDesign."""

    def __init__(self, protocol: str, copies: int = 1) -> None:
        structure = fm.read(COMPLEX)
        chosen = np.array([name in ("A", "B") for name in structure.chain_ids])
        count = int(chosen.sum())
        positions = np.zeros((count, 37, 3))
        positions[:, [0, 1, 2, 4]] = structure.backbone[chosen]
        mask = np.zeros((count, 37))
        mask[:, [0, 1, 2, 4]] = 1
        letters = [LETTERS.index(fm.ALPHABET[letter]) for letter in structure.letters[chosen]]
        lengths = [count // 2] * 2
        designed = lengths[1] if protocol == "binder" or copies > 1 else count
        numbers = np.arange(count // 2)
        self.protocol, self._lengths, self._len = protocol, lengths, designed
        self._target_len = lengths[0]
        self._args = {"homooligomer": copies > 1}
        self.opt: dict[str, Any] = {"fix_pos": np.arange(5)} if protocol == "fixbb" else {}
        self._inputs = {
            "residue_index": np.concatenate([numbers, numbers + count // 2 + 50]),
            "asym_id": np.repeat([0, 1], count // 2),
            "bias": np.zeros((designed, 20)) - 1e6 * (np.arange(20) == 4),
            "batch": {"all_atom_positions": positions, "all_atom_mask": mask, "aatype": np.array(letters)},
        }


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("protocol", "copies"), [("binder", 1), ("fixbb", 1), ("fixbb", 2)])
def test_designability_test(protocol: str, copies: int) -> None:
    """ColabDesign's rf/designability_test.py: inputs of AfDesign, num * batch sequences, the last residues read."""
    from colabdesign.mpnn import mk_mpnn_model

    af_model = AfModel(protocol, copies)
    num_seqs, batch = 8, 4
    model = mk_mpnn_model(weights="original")
    outs = []
    for _ in range(2):
        model.get_af_inputs(af_model)
        outs.append(model.sample(num=num_seqs // batch, batch=batch, temperature=0.1))
    for out in outs:
        for n in range(num_seqs):
            text = out["seq"][n].replace("/", "")[-af_model._len :]
            assert len(text) == af_model._len and "C" not in text[5:]
            assert float(f"{out['score'][n]:.3f}") > 0
        if protocol == "binder":
            assert {text[: af_model._target_len] for text in out["seq"]} == {native("A")}


@pytest.mark.usefixtures("installed")
def test_notebooks_bias_letters_and_score_them() -> None:
    from colabdesign.mpnn.model import aa_order, mk_mpnn_model

    model = mk_mpnn_model(verbose=False)
    model.set_seed(None)
    model.prep_inputs(pdb_filename=COMPLEX, chain="A,B", fix_pos="A", rm_aa="C")
    target, binder = model._lengths
    base = model._inputs["bias"].copy()
    drawn = {}
    for strength in (0.0, 3.0):
        model._inputs["bias"] = base.copy()
        model._inputs["bias"][target:, aa_order["H"]] += strength
        drawn[strength] = model.sample(num=2, batch=2, temperature=0.2)
    share = {strength: np.mean([text[-binder:].count("H") for text in out["seq"]]) for strength, out in drawn.items()}
    assert share[3.0] > share[0.0] + 5
    assert model.get_logits().shape == model.get_unconditional_logits().shape == (target + binder, 21)


def test_install_without_colabdesign() -> None:
    """All the ways to import it, in a fresh process in which ColabDesign is not installed."""
    program = """
        import sys
        from fastmpnn.compat import _take_over
        # Also where it is installed.
        _take_over.find_real = lambda: None
        from fastmpnn.compat.colabdesign import install, mk_mpnn_model as ours, uninstall
        install()
        from colabdesign import mk_mpnn_model, clear_mem
        from colabdesign.mpnn import mk_mpnn_model as second
        from colabdesign.mpnn.model import aa_order, mk_mpnn_model as third
        from colabdesign.shared.utils import copy_dict
        import colabdesign.mpnn
        assert mk_mpnn_model is second is third is colabdesign.mpnn.mk_mpnn_model is ours
        assert aa_order["V"] == 19 and "jax" not in sys.modules
        try:
            import colabdesign.af
        except ModuleNotFoundError:
            pass
        else:
            raise AssertionError("there is no colabdesign.af")
        uninstall()
        assert not any(name.partition(".")[0] == "colabdesign" for name in sys.modules)
        print("passed")
    """
    assert run(program) == "passed"


#: A package that stands for the real one.
REAL = {
    "__init__.py": "from colabdesign.mpnn.model import mk_mpnn_model\nfrom colabdesign.af import mk_af_model\n",
    "af.py": "mk_af_model = 'the real one'\n",
    "mpnn/__init__.py": "from .model import mk_mpnn_model\n",
    "mpnn/model.py": "mk_mpnn_model = 'the real one'\naa_order = {}\n",
}


@pytest.fixture
def real(tmp_path: Path) -> Path:
    for name, text in REAL.items():
        path = tmp_path / "site" / "colabdesign" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "site"


@pytest.mark.parametrize("before", [False, True])
def test_install_beside_colabdesign(real: Path, before: bool) -> None:
    program = f"""
        import sys
        sys.path.insert(0, {str(real)!r})
        if {before}:
            import colabdesign
            assert colabdesign.mk_mpnn_model == "the real one"
        from fastmpnn.compat.colabdesign import install, mk_mpnn_model as ours, uninstall
        install()
        assert {before} or "colabdesign" not in sys.modules, "it is not imported"
        from colabdesign.mpnn.model import mk_mpnn_model
        assert mk_mpnn_model is ours
        import colabdesign
        from colabdesign import mk_mpnn_model as first, mk_af_model
        assert first is ours is colabdesign.mpnn.mk_mpnn_model is colabdesign.mpnn.model.mk_mpnn_model
        assert mk_af_model == "the real one" and colabdesign.__file__.startswith({str(real)!r})
        print("passed")
    """
    assert run(program) == "passed"


@pytest.mark.parametrize("beside", [False, True])
def test_programs_run_unedited(real: Path, tmp_path: Path, beside: bool) -> None:
    """With the folder in PYTHONPATH, a program and the processes that it spawns get FastMPNN's module."""
    script = tmp_path / "pipeline.py"
    script.write_text(
        textwrap.dedent(
            """
            import multiprocessing, sys
            from colabdesign.mpnn import mk_mpnn_model

            def work(queue):
                from colabdesign.mpnn.model import mk_mpnn_model
                queue.put(mk_mpnn_model.__module__)

            if __name__ == "__main__":
                context = multiprocessing.get_context("spawn")
                queue = context.Queue()
                process = context.Process(target=work, args=(queue,))
                process.start()
                import colabdesign
                print(mk_mpnn_model.__module__, queue.get(), hasattr(colabdesign, "mk_af_model"))
                process.join()
            """
        )
    )
    folder = subprocess.run(
        [sys.executable, "-m", "fastmpnn.compat.colabdesign"], capture_output=True, text=True, check=True
    ).stdout.strip()
    paths = [folder, *([str(real)] if beside else [])]
    ran = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    )
    assert ran.returncode == 0, ran.stderr
    module = "fastmpnn.compat.colabdesign"
    if not beside:
        assert ran.stdout.split()[:2] == [module, module]
    else:
        assert ran.stdout.split() == [module, module, "True"]


def run(program: str) -> str:
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_install_twice_and_back() -> None:
    before = SimpleNamespace(modules=set(sys.modules), path=list(sys.path), finders=list(sys.meta_path))
    for _ in range(2):
        colabdesign.install()
    from colabdesign.mpnn import mk_mpnn_model

    assert mk_mpnn_model is colabdesign.mk_mpnn_model
    colabdesign.uninstall()
    assert sys.path == before.path and sys.meta_path == before.finders
    assert not {name for name in set(sys.modules) - before.modules if name.startswith("colabdesign")}
