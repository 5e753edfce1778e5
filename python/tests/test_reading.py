"""What structures are read of, and what is said of those that cannot be."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastmpnn as fm


def test_every_form_of_a_file(examples: Path) -> None:
    path = examples / "5L33.pdb"
    text = path.read_text()
    expected = fm.read(path)
    assert expected.name == "5L33"
    with path.open() as opened:
        forms = [str(path), text, text.encode(), gzip.compress(text.encode()), opened]
        found = [fm.read(form, name="5L33") for form in forms]
    for structure in found:
        assert structure.sequence == expected.sequence
        assert np.array_equal(structure.backbone, expected.backbone)
    assert len(expected) == 106
    assert expected.residue_ids[0].startswith("A")
    assert expected.to_pdb().count(" CA ") == 106
    assert fm.read(expected.to_cif()).sequence == expected.sequence


def test_errors_say_where(tmp_path: Path, examples: Path) -> None:
    with pytest.raises(fm.InputError, match="no_such.pdb") as caught:
        fm.read("no_such.pdb")
    assert caught.value.file == "no_such.pdb"
    broken = tmp_path / "broken.pdb"
    lines = (examples / "5L33.pdb").read_text().splitlines(keepends=True)
    place = next(index for index, line in enumerate(lines) if line.startswith("ATOM"))
    lines[place] = lines[place][:30] + "  xx.xxx" + lines[place][38:]
    broken.write_text("".join(lines))
    with pytest.raises(fm.InputError) as caught:
        fm.read(broken)
    assert (caught.value.file, caught.value.line, caught.value.chain) == (str(broken), place + 1, "A")
    assert caught.value.residue
    with pytest.raises(ValueError, match="broken.pdb"):
        fm.read(broken)
    with pytest.raises(TypeError, match="int"):
        fm.read(3)


def test_settings_are_the_programs(encoding: fm.Encoding, model: fm.Model, structure: fm.Structure) -> None:
    with pytest.raises(fm.SettingError, match="num_seq; the nearest is num_seqs"):
        encoding.design(num_seq=3)
    with pytest.raises(fm.SettingError, match="argument of Model"):
        encoding.design(noise=0.1)
    with pytest.raises(fm.SelectionError, match="A9999") as caught:
        encoding.design(fix="A9999")
    assert caught.value.residue == "A9999"
    with pytest.raises(fm.SelectionError, match="no chain Q") as caught:
        encoding.design(chains="Q")
    assert caught.value.chain == "Q"
    with pytest.raises(fm.SettingError):
        encoding.design(temperature=-1)
    with pytest.raises(fm.SettingError, match="no setting"):
        model.encode(structure, nothing=3)
    with pytest.raises(fm.CheckpointError):
        fm.Model("no_such_file.pt")
    with pytest.raises(fm.SettingError):
        fm.Model("protien")


def test_another_sequence_on_the_same_backbone(structure: fm.Structure) -> None:
    other = structure.with_sequence("G" * len(structure))
    assert set(other.sequence) == {"G"}
    assert np.array_equal(other.backbone, structure.backbone)
    with pytest.raises(fm.SettingError, match="106 residues"):
        structure.with_sequence("GG")


WRONG: list[tuple[str, Any]] = [
    ("num_seqs", -1),
    ("num_seqs", 1.5),
    ("num_seqs", "many"),
    ("seed", -1),
    ("temperature", float("nan")),
    ("temperature", []),
    ("bias", np.zeros((3, 21))),
    ("bias", np.full((106, 21), np.nan)),
    ("omit", 5),
    ("omit", np.ones((106, 21), bool)),
    ("order", "zigzag"),
    ("order", np.arange(106) + 0.5),
    ("order", [0, 0]),
    ("order", -np.arange(106)),
    ("residue_temperature", "warm"),
    ("residue_temperature", np.full(106, -1.0)),
    ("pair_bias", 5),
    ("pair_bias", [(0, 9999, np.zeros((21, 21)))]),
    ("pair_bias", [(0, 0, np.zeros((21, 21)))]),
    ("pair_bias", [(0, 1, np.zeros((2, 2)))]),
    ("pssm", 5),
    ("pssm", fm.Pssm(np.zeros((2, 21)), np.zeros(2))),
    ("fix", [0.5]),
    ("fix", range(106)),
    ("fix", ["A1", 2]),
    ("states", True),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}-{place}" for place, (name, _) in enumerate(WRONG)])
def test_a_wrong_argument_is_an_error_that_names_it(encoding: fm.Encoding, name: str, value: Any) -> None:
    with pytest.raises(fm.Error) as caught:
        encoding.design(**{name: value})
    words = {"residue_temperature": "temperature", "omit": "omit", "fix": "fix", "pair_bias": "pair bias"}
    assert name in str(caught.value) or words.get(name, name) in str(caught.value)


@pytest.mark.parametrize("answer", ["text", 3, [[1.0]], None, np.zeros((1, 21, 1))])
def test_a_hook_that_returns_something_else(encoding: fm.Encoding, answer: Any) -> None:
    if answer is None:
        assert encoding.design(logits=lambda level: answer).sequences == encoding.design().sequences
        return
    with pytest.raises(ValueError, match="hook"):
        encoding.design(logits=lambda level: answer)


def test_a_set_of_residues(encoding: fm.Encoding) -> None:
    assert encoding.design(fix={3, 1, 2}).sequences == encoding.design(fix=[1, 2, 3]).sequences
