"""What notebooks show of the package's own results."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import fastmpnn as fm
from fastmpnn import views

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.filterwarnings("ignore::fastmpnn.FastMPNNWarning")


@pytest.fixture(scope="module")
def pair() -> fm.Encoding:
    return fm.Model("protein").encode(fm.read(EXAMPLES / "4GYT.pdb"))


def cells(text: str) -> list[list[str]]:
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)][1:]


def test_structures_show_their_chains(pair: fm.Encoding) -> None:
    text = views.of_structure(pair.structure)
    assert "<strong>4GYT</strong>: 354 residues in 2 chains, 2 ligand atoms, 2 warnings" in text
    assert [row[:3] for row in cells(text)] == [["A", "177", "A7 to A183"], ["B", "177", "B7 to B183"]]
    letters = "".join(line for block in re.findall(r"</s>\n(.*?)</pre>", text) for line in block.split("\n"))
    assert letters == pair.structure.sequence.replace("/", "")


def test_designs_show_the_chain_that_was_designed(pair: fm.Encoding) -> None:
    designs = pair.design(num_seqs=2, temperature=[0.1, 0.5], chains="A", fix="A7-20")
    text = views.of_designs(designs)
    assert "163 of 354 residues designed" in text
    assert "Chain B was not designed and is left out." in text
    rows = cells(text)
    assert [row[0] for row in rows] == ["0.1, 1", "0.1, 2", "0.5, 1", "0.5, 2"]
    assert [row[2] for row in rows] == [f"{score:.4f}" for score in designs.scores]
    changed = (designs.letters != pair.structure.letters).sum(axis=1)
    assert [int(row[-1]) for row in rows] == changed.tolist()
    assert text.count("<svg") == 2
    assert "the model does not see 2 ligand atoms" in text


def test_scores_and_scans_show_their_numbers(pair: fm.Encoding) -> None:
    designs = pair.design(num_seqs=2, chains="A")
    scores = pair.score(designs, orders=2, chains="A")
    rows = cells(views.of_scores(scores))
    assert [row[1] for row in rows] == [f"{score:.4f}" for score in scores.scores]
    assert [row[2] for row in rows] == [f"{deviation:.4f}" for deviation in scores.deviations]
    scan = pair.scan(mode="unconditional", redesign="A30-39,B50")
    rows = cells(views.of_scan(scan))
    best = scan.best(10)
    assert [row[:3] for row in rows] == [[mutation.residue, mutation.native, mutation.to] for mutation in best]


def test_packings_show_clashes_and_confidence() -> None:
    packings = SimpleNamespace(
        records=["native", "native"],
        packs=np.array([2, 1]),
        clashes=np.array([0, 3]),
        log_density=np.array([2.5, 1.25]),
        structure=SimpleNamespace(name="5L33"),
    )
    text = views.of_packings(packings)  # type: ignore[arg-type]
    assert cells(text) == [["native, packing 2", "0", "2.5000"], ["native, packing 1", "3", "1.2500"]]
