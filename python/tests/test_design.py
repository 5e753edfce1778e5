"""Designs, scores, scans and their arrays."""

from __future__ import annotations

import pickle
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

import fastmpnn as fm


def test_arrays_fit_each_other(encoding: fm.Encoding, structure: fm.Structure) -> None:
    designs = encoding.design(num_seqs=4, fix=[0, 1, 2])
    count = len(structure)
    assert designs.letters.shape == designs.rank.shape == designs.negative_log_likelihood.shape == (4, count)
    assert designs.log_probabilities.shape == (4, count, 21)
    assert designs.log_probabilities.dtype == np.float32
    own = np.take_along_axis(designs.log_probabilities, designs.letters[..., None].astype(int), axis=2)[..., 0]
    assert np.array_equal(-own, designs.negative_log_likelihood)
    assert np.allclose(designs.probabilities.sum(axis=2), 1, atol=1e-5)
    assert designs.designed.sum() == count - 3
    assert np.allclose(designs.scores, designs.negative_log_likelihood[:, designs.designed].mean(axis=1), atol=1e-6)
    assert (designs.letters[:, :3] == structure.letters[:3]).all()
    text = ["".join(fm.ALPHABET[letter] for letter in row) for row in designs.letters]
    assert text == designs.sequences
    assert designs.best().score == designs.scores.min()
    assert [design.sequence for design in designs] == designs.sequences
    assert designs[-1].sample == 3
    with pytest.raises(IndexError):
        designs[4]


def test_a_report_is_written(encoding: fm.Encoding, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    designs = encoding.design(num_seqs=2, report=path)
    # Tables, in a program that was built without Node, mark differences.
    page = path.read_text().replace("<mark>", "").replace("</mark>", "")
    assert all(sequence in page for sequence in designs.sequences)


def test_residues_are_chosen_by_text_index_and_mask(encoding: fm.Encoding, structure: fm.Structure) -> None:
    text = encoding.design(fix="A1-3")
    assert text.structure.residue_ids[2:5] == ["A1", "A2", "A3"]
    mask = np.zeros(len(structure), bool)
    mask[2:5] = True
    for fix in ([2, 3, 4], np.array([4, 3, 2]), mask):
        assert encoding.design(fix=fix).sequences == text.sequences
    assert encoding.design(redesign=mask).designed.tolist() == mask.tolist()
    with pytest.raises(fm.SettingError, match="no residue index"):
        encoding.design(fix=[-1])
    with pytest.raises(fm.SelectionError, match="index 4000"):
        encoding.design(fix=[4000])


def test_scores_take_text_letters_and_designs(encoding: fm.Encoding, structure: fm.Structure) -> None:
    designs = encoding.design(num_seqs=2)
    expected = encoding.score(designs.sequences, orders=2).scores
    for given in (designs, designs.letters, list(designs), [design.letters for design in designs]):
        assert np.array_equal(encoding.score(given, orders=2).scores, expected)
    native = encoding.score()
    assert native.names == ["native"]
    assert np.array_equal(encoding.score(structure.sequence).scores, native.scores)
    assert encoding.score({"mine": structure.sequence}).names == ["mine"]
    assert native.log_probabilities.shape == (1, len(structure), 21)


def test_biases_omissions_orders_and_temperatures(encoding: fm.Encoding, structure: fm.Structure) -> None:
    count = len(structure)
    bias = np.zeros((count, 20), np.float32)
    bias[7, fm.ALPHABET.index("W")] = 50
    assert encoding.design(bias=bias).sequences[0][7] == "W"
    assert encoding.design(logits=bias).sequences == encoding.design(bias=bias).sequences
    omit = np.zeros((count, 21), bool)
    omit[:, fm.ALPHABET.index("E")] = True
    assert "E" not in encoding.design(omit=omit).sequences[0]
    order = np.arange(count)[::-1]
    backwards = encoding.design(order=order, num_seqs=2)
    assert (backwards.rank == count - 1 - np.arange(count)).all()
    cold = np.full(count, np.nan)
    cold[:] = 0
    assert encoding.design(residue_temperature=cold, order="chain").sequences == (
        encoding.design(temperature=0, order="chain").sequences
    )


def test_goals_are_met_as_text_and_as_numbers(encoding: fm.Encoding) -> None:
    designs = encoding.design(num_seqs=3, charge=(-2, 0), count={"C": 0, "W": (1, None)}, no_motif="N[^P][ST]")
    for design in designs:
        charge = sum(map(design.sequence.count, "KR")) - sum(map(design.sequence.count, "DE"))
        assert -2 <= charge <= 0
        assert "C" not in design.sequence
        assert "W" in design.sequence
    assert np.isfinite(designs.constraint_costs).all()
    text = encoding.design(num_seqs=3, charge="-2..0", count="C=0,W=1..", no_motif=["N[^P][ST]"])
    assert text.sequences == designs.sequences
    assert {"charge", "constraint_cost"} <= designs.rows()[0].keys()
    plain = encoding.design()
    assert plain[0].constraint_cost == 0
    assert "charge" not in plain.rows()[0]
    with pytest.raises(fm.SettingError, match="least and the most"):
        encoding.design(charge=1.5)
    with pytest.raises(fm.Error, match="cannot be met"):
        encoding.design(charge=900)


def test_hooks_see_and_change_the_logits(encoding: fm.Encoding, structure: fm.Structure) -> None:
    seen: list[int] = []

    def watch(level: fm.Level) -> None:
        assert level.logits.shape == (len(level.residues), 21)
        assert level.letters.shape == (len(level.residues), len(structure))
        seen.extend(residue for residues in level.residues for residue in residues)

    plain = encoding.design(num_seqs=2)
    assert encoding.design(num_seqs=2, logits=watch).sequences == plain.sequences
    assert sorted(seen) == sorted(2 * list(range(len(structure))))

    def only_leucine(level: fm.Level) -> np.ndarray:
        logits = np.full_like(level.logits, -np.inf)
        logits[:, fm.ALPHABET.index("L")] = 0
        return logits

    assert set(encoding.design(logits=only_leucine).sequences[0]) == {"L"}

    def in_place(level: fm.Level) -> None:
        level.logits[:, fm.ALPHABET.index("K")] += 1000

    assert set(encoding.design(logits=in_place).sequences[0]) == {"K"}

    def wrong(level: fm.Level) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        encoding.design(logits=wrong)
    with pytest.raises(ValueError, match="shape"):
        encoding.design(logits=lambda level: np.zeros((1, 3), np.float32))
    assert encoding.design(num_seqs=2).sequences == plain.sequences


def test_pair_bias_and_pssm(encoding: fm.Encoding, structure: fm.Structure) -> None:
    table = np.zeros((21, 21), np.float32)
    letter = fm.ALPHABET.index("C")
    table[letter, letter] = 100
    bias_at = [f"{structure.residue_ids[4]}:C=100"]
    designs = encoding.design(pair_bias=[(4, 60, table)], num_seqs=4, bias_at=bias_at, order="chain")
    assert {sequence[4] + sequence[60] for sequence in designs.sequences} == {"CC"}
    profile = np.zeros((len(structure), 21), np.float32)
    profile[:, fm.ALPHABET.index("A")] = 1
    pssm = fm.Pssm(profile, np.ones(len(structure), np.float32))
    assert set(encoding.design(pssm=pssm).sequences[0]) == {"A"}


def test_logits_are_what_probabilities_are_made_of(encoding: fm.Encoding, structure: fm.Structure) -> None:
    def log_softmax(logits: np.ndarray) -> np.ndarray:
        shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    assert np.allclose(log_softmax(encoding.logits(mode="unconditional")), encoding.unconditional(), atol=1e-5)
    assert np.allclose(log_softmax(encoding.logits()), encoding.autoregressive(), atol=1e-5)
    assert np.allclose(log_softmax(encoding.logits(mode="conditional")), encoding.conditional(), atol=1e-5)
    design = encoding.design()[0]
    order = np.argsort(design.rank)
    assert np.allclose(log_softmax(encoding.logits(design, order=order)), design.log_probabilities, atol=1e-4)
    with pytest.raises(fm.SettingError, match="order"):
        encoding.logits(order=[0, 0])


def test_embeddings(encoding: fm.Encoding, model: fm.Model, structure: fm.Structure) -> None:
    count = len(structure)
    assert encoding.nodes.shape == (count, 128)
    assert encoding.edges.shape == (count, model.neighbors, 128)
    assert encoding.neighbors.shape == (count, model.neighbors)
    assert (encoding.neighbors[:, 0] == np.arange(count)).all()
    assert encoding.decoder_states().shape == (count, 128)
    assert model.letter_embedding.shape == (21, 128)
    assert np.array_equal(encoding.decoder_states(layer=2), encoding.decoder_states())
    assert not np.allclose(encoding.decoder_states(layer=-2), encoding.decoder_states())
    with pytest.raises(fm.SettingError, match="the decoder has 3"):
        encoding.decoder_states(layer=3)
    assert not np.allclose(encoding.decoder_states(mode="unconditional"), encoding.nodes)


def test_mutants_are_compared_as_whole_sequences(encoding: fm.Encoding, structure: fm.Structure) -> None:
    sites = [index for index in range(len(structure)) if structure.sequence.replace("/", "")[index] not in "VX"][:2]
    one, other = (f"{structure.residue_ids[site]}V" for site in sites)
    scan = encoding.scan(mutations=[one, f"{one}+{other}"], num_orders=2)
    assert [len(mutant.name.split("+")) for mutant in scan.mutants] == [1, 2] and len(scan) == 0
    native = structure.sequence.replace("/", "")
    mutant = "".join("V" if index in sites else letter for index, letter in enumerate(native))
    scores = encoding.score([native, mutant], num_orders=2).negative_log_likelihood.sum(axis=1)
    assert scan.mutants[1].change == pytest.approx(scores[0] - scores[1], abs=1e-2)
    assert scan.mutants[0].coupling is None and scan.mutants[1].coupling is not None
    assert scan.rows()[0]["change"] == max(mutant.change for mutant in scan.mutants)
    assert scan.mutants[0].name in scan._repr_html_()
    doubles = encoding.scan(double=",".join(structure.residue_ids[site] for site in sites), mode="unconditional")
    assert len(doubles.mutants) == 361


def test_scan_and_pack(encoding: fm.Encoding, structure: fm.Structure) -> None:
    scan = encoding.scan(mode="unconditional", redesign="A1-10")
    first = structure.residue_ids.index("A1")
    assert scan.residues == structure.residue_ids[first : first + 10]
    assert scan.change.shape == (10, 21)
    assert np.allclose(np.take_along_axis(scan.change, scan.native[:, None].astype(int), axis=1), 0)
    best = scan.best(1)[0]
    twenty = scan.change[:, :20]
    assert best.change == pytest.approx(twenty.max())
    log_p = encoding.unconditional()[first : first + 10]
    own = np.take_along_axis(log_p, scan.native[:, None].astype(int), axis=1)
    assert np.allclose(scan.change, log_p - own, atol=1e-6)


def test_several_states_share_a_sequence(model: fm.Model, structure: fm.Structure) -> None:
    both = model.encode([structure, structure.with_name("other")])
    alone = model.encode(structure)
    assert both.design().sequences == alone.design().sequences


def test_everything_is_pickled(model: fm.Model, encoding: fm.Encoding, structure: fm.Structure) -> None:
    designs = encoding.design(num_seqs=2)
    again = pickle.loads(pickle.dumps(designs))
    assert again.sequences == designs.sequences
    assert np.array_equal(again.log_probabilities, designs.log_probabilities)
    assert pickle.loads(pickle.dumps(designs[1])).sequence == designs.sequences[1]
    assert pickle.loads(pickle.dumps(structure)).sequence == structure.sequence
    other = structure.with_sequence("A" * len(structure))
    assert set(pickle.loads(pickle.dumps(other)).sequence) == {"A"}
    assert pickle.loads(pickle.dumps(model)).sha256 == model.sha256
    assert pickle.loads(pickle.dumps(encoding)).design(num_seqs=2).sequences == designs.sequences
    assert pickle.loads(pickle.dumps(encoding.score())).scores == encoding.score().scores
    assert len(pickle.loads(pickle.dumps(encoding.scan(mode="unconditional"))).best(3)) == 3
    error = pickle.loads(pickle.dumps(fm.InputError("a sentence", file="x.pdb", line=3)))
    assert (str(error), error.file, error.line) == ("a sentence", "x.pdb", 3)


def test_tables(encoding: fm.Encoding) -> None:
    designs = encoding.design(num_seqs=2)
    rows = designs.rows()
    assert [row["sequence"] for row in rows] == designs.sequences
    pandas = pytest.importorskip("pandas")
    table = designs.to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert table["score"].tolist() == designs.scores.tolist()


def test_structures_with_a_sequence(encoding: fm.Encoding, structure: fm.Structure) -> None:
    design = encoding.design()[0]
    again = fm.read(design.to_structure())
    assert again.sequence == design.sequence
    assert np.allclose(again.backbone, structure.backbone, atol=1e-3)
    assert fm.read(design.to_structure("cif")).sequence == design.sequence


def test_many_structures(model: fm.Model, examples: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdb"
    bad.write_text("nothing\n")
    inputs = [examples / "5L33.pdb", bad, {"inputs": examples / "5L33.pdb", "num_seqs": 3}]
    rows = list(fm.design_many(inputs, model=model, num_seqs=2))
    assert [row.designs is None for row in rows] == [False, True, False]
    assert isinstance(rows[1].error, fm.InputError)
    assert rows[0].designs is not None and rows[2].designs is not None
    assert (len(rows[0].designs), len(rows[2].designs)) == (2, 3)
    manifest = tmp_path / "runs.csv"
    manifest.write_text(f"inputs,num_seqs,temperature,fix\n{examples / '5L33.pdb'},2,0.5,A1-10\n")
    row = next(iter(fm.design_many(manifest, model=model)))
    assert row.designs is not None
    expected = model.encode(fm.read(examples / "5L33.pdb")).design(num_seqs=2, temperature=0.5, fix="A1-10")
    assert row.designs.sequences == expected.sequences


def test_manifests_are_those_of_the_program(model: fm.Model, examples: Path, tmp_path: Path) -> None:
    for name in ("5L33", "6MRR"):
        shutil.copy(examples / f"{name}.pdb", tmp_path)
    manifest = tmp_path / "runs.jsonl"
    manifest.write_text(
        '{"path": "5L33.pdb", "name": "warm", "temperature": [0.5], "num_seqs": 2}\n{"path": "6MRR.pdb"}\n'
    )
    rows = list(fm.design_many(manifest=manifest, model=model, num_seqs=1))
    assert [row.settings["name"] for row in rows] == ["warm", "6MRR"]
    structure = fm.read(examples / "5L33.pdb", name="warm")
    expected = model.encode(structure).design(num_seqs=2, temperature=0.5)
    assert rows[0].designs is not None and rows[0].designs.sequences == expected.sequences
    assert rows[1].designs is not None and len(rows[1].designs) == 1
    manifest.write_text('{"path": "5L33.pdb", "nam": 1}\n')
    with pytest.raises(fm.Error, match="a manifest has no column nam; the nearest is name"):
        list(fm.design_many(manifest=manifest, model=model))
    with pytest.raises(fm.SettingError, match="give one"):
        next(iter(fm.design_many(model=model)))


def test_archives_are_read_in_place(model: fm.Model, examples: Path, tmp_path: Path) -> None:
    archive = tmp_path / "runs.tar.gz"
    with tarfile.open(archive, "w:gz") as out:
        out.add(examples / "6MRR.pdb", "deep/6MRR.pdb")
    (row,) = fm.design_many(archive, model=model)
    assert row.input == f"{archive}:deep/6MRR.pdb"
    expected = model.encode(fm.read(examples / "6MRR.pdb")).design()
    assert row.designs is not None and row.designs.sequences == expected.sequences
