"""BindCraft2's calls of its sequence model, on proteins of its layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastmpnn as fm
from fastmpnn.compat import colabdesign
from fastmpnn.compat._haiku_weights import (
    from_published,
    haiku_name,
    published_name,
    read_safetensors,
    safetensors,
    to_published,
)
from fastmpnn.compat.bindcraft2 import ProteinMPNNSequenceModel, read_mpnn_checkpoint

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CHECKPOINT = EXAMPLES.parent / "crates" / "fastmpnn" / "weights" / "v_48_020.safetensors"
LETTERS = "ARNDCQEGHILKMFPSTWYV"
DESIGN = 1


@dataclass
class Protein:
    sequence: np.ndarray
    atoms: np.ndarray
    atom_mask: np.ndarray
    flags: np.ndarray
    residue_index: np.ndarray

    def __len__(self) -> int:
        return len(self.sequence)

    def replace(self, **changes: Any) -> Protein:
        return replace(self, **changes)


def chains_of(name: str) -> dict[str, Protein]:
    structure = fm.read(EXAMPLES / f"{name}.pdb")
    chains = {}
    for chain in structure.chains:
        own = np.array([other == chain for other in structure.chain_ids])
        if not own.any():
            continue
        count = int(own.sum())
        atoms = np.zeros((count, 37, 3), np.float32)
        atoms[:, [0, 1, 2, 4]] = structure.backbone[own]
        mask = np.zeros((count, 37), bool)
        mask[:, [0, 1, 2, 4]] = True
        letters = [LETTERS.index(fm.ALPHABET[letter]) for letter in structure.letters[own]]
        chains[chain] = Protein(
            np.eye(20, dtype=np.float16)[letters],
            atoms,
            mask,
            np.zeros(count, np.uint8),
            structure.residue_numbers[own],
        )
    return chains


def designed(protein: Protein, residues: slice = slice(None)) -> Protein:
    flags = protein.flags.copy()
    flags[residues] |= DESIGN
    return protein.replace(flags=flags)


def text(protein: Protein) -> str:
    return "".join(LETTERS[letter] for letter in np.asarray(protein.sequence).argmax(-1))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The default network in BindCraft2's form, as its variant `negative`."""
    folder = tmp_path_factory.mktemp("proteinmpnn")
    (folder / "weights_negative").mkdir()
    parameters = from_published(read_safetensors(CHECKPOINT.read_bytes()))
    arrays = {f"{module}|{name}": value for module, own in parameters.items() for name, value in own.items()}
    np.savez(folder / "weights_negative" / "v_48_020.npz", num_edges=48, **arrays)
    return str(folder / "weights_neutral")


def test_candidates(weights: str) -> None:
    chains = chains_of("4GYT")
    complexes = {"state": {"A": chains["A"], "B": designed(chains["B"], slice(20, None))}}
    model = ProteinMPNNSequenceModel(data_dir=weights, variant="negative", omitted_amino_acids="C", key=3)
    candidates = model.predict_candidates(complexes, candidate_count=4)
    assert len(candidates) == 4
    for candidate in candidates:
        prediction = candidate["state"]
        assert text(prediction.protein_complex["A"]) == text(chains["A"])
        binder = prediction.protein_complex["B"]
        assert text(binder)[:20] == text(chains["B"])[:20] and "C" not in text(binder)[20:]
        assert binder.sequence.shape == (177, 20) and binder.sequence.dtype == np.float16
        assert 0.3 < prediction.metrics["score"] < 3.0 and 0.5 < prediction.metrics["seqid"] < 1.0
    assert len({text(candidate["state"].protein_complex["B"]) for candidate in candidates}) == 4
    again = ProteinMPNNSequenceModel(data_dir=weights, variant="negative", omitted_amino_acids="C", key=3)
    assert text(again.predict(complexes)["state"].protein_complex["B"]) == text(
        candidates[0]["state"].protein_complex["B"]
    )
    with pytest.raises(ValueError, match="v_48_002"):
        model.predict_candidates(complexes, model="v_48_002")


def test_the_score_is_that_of_all_residues(weights: str) -> None:
    chains = chains_of("6MRR")
    model = ProteinMPNNSequenceModel(data_dir=weights, variant="negative", temperature=0.0)
    prediction = model.predict({"state": {"A": chains["A"]}})["state"]
    assert text(prediction.protein_complex["A"]) == text(chains["A"])
    assert prediction.metrics["seqid"] == pytest.approx(1.0)
    native = colabdesign.mk_mpnn_model()
    native.prep_inputs(EXAMPLES / "6MRR.pdb", chain="A")
    expected = native.score(decoding_order=np.arange(68))["score"]
    assert prediction.metrics["score"] == pytest.approx(expected, abs=1e-4)


def test_tied_states(weights: str) -> None:
    chains = chains_of("4GYT")
    binder = designed(chains["A"])
    # The binder with two targets; its name is the same in both.
    states = {
        "first": {"binder": binder, "target_first": chains["B"]},
        "second": {"binder": binder.replace(atoms=binder.atoms + np.float32(3.0))},
    }
    model = ProteinMPNNSequenceModel(data_dir=weights, variant="negative")
    for candidate in model.predict_tied_candidates(states, 3):
        first, second = candidate["first"], candidate["second"]
        assert set(first.protein_complex) == {"binder", "target_first"} and set(second.protein_complex) == {"binder"}
        assert text(first.protein_complex["binder"]) == text(second.protein_complex["binder"]) != text(binder)
        assert text(first.protein_complex["target_first"]) == text(chains["B"])
        assert np.array_equal(second.protein_complex["binder"].atoms, states["second"]["binder"].atoms)
        assert first.metrics == second.metrics


def test_multi_chain_binders(weights: str) -> None:
    chains = chains_of("4GYT")
    both = {"state": {"binder": designed(chains["A"]), "binder_2": designed(chains["B"])}}
    model = ProteinMPNNSequenceModel(
        data_dir=weights,
        variant="negative",
        multi_chain_binders=(("binder", "binder_2"),),
        amino_acid_bias={"W": 4.0},
    )
    prediction = model.predict(both)["state"]
    assert text(prediction.protein_complex["binder"]) == text(prediction.protein_complex["binder_2"])
    assert text(prediction.protein_complex["binder"]).count("W") > 5


def test_checkpoints(weights: str, tmp_path: Path) -> None:
    parameters, neighbors = read_mpnn_checkpoint(Path(weights).parent / "weights_negative" / "v_48_020.npz")
    assert neighbors == 48 and parameters["protein_mpnn/~/W_out"]["w"].shape == (128, 21)
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(fm.CheckpointError, match="module"):
        read_mpnn_checkpoint(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError, match="weights_positive"):
        ProteinMPNNSequenceModel(data_dir=weights, variant="positive")
    with pytest.raises(fm.SettingError, match="variant"):
        ProteinMPNNSequenceModel(data_dir=weights, variant="sour")


def test_names_of_parameters_go_both_ways() -> None:
    root = "protein_mpnn/~/"
    names = {
        "enc_layer_1/~/position_wise_feed_forward/~/enc1_dense_W_in|w": "encoder_layers.1.dense.W_in.weight",
        "dec_layer/~/dec0_norm2|scale": "decoder_layers.0.norm2.weight",
        "dec_layer_2/~/dec2_W3|b": "decoder_layers.2.W3.bias",
        "embed_token|W_s": "W_s.weight",
        "protein_features/~/positional_encodings/~/embedding_linear|w": "features.embeddings.linear.weight",
        "protein_features/~/norm_edges|offset": "features.norm_edges.bias",
    }
    for haiku, published in names.items():
        module, _, parameter = f"{root}{haiku}".partition("|")
        assert published_name(module, parameter) == published
        assert haiku_name(published) == (module, parameter)
    table = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensors = to_published({"protein_mpnn/~/W_out": {"w": table, "b": table[0]}})
    assert np.array_equal(tensors["W_out.weight"], table.T)
    read = read_safetensors(safetensors(tensors, {"neighbours": "48"}))
    assert np.array_equal(from_published(read)["protein_mpnn/~/W_out"]["w"], table)
    with pytest.raises(fm.CheckpointError, match="no parameter"):
        published_name("protein_mpnn/~/W_else", "w")
