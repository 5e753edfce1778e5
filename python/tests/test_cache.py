"""Encodings that a model keeps in a folder."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import EXAMPLES, program

import fastmpnn as fm


def everything(model: fm.Model) -> list[Any]:
    encoding = model.encode(EXAMPLES / "6MRR.pdb")
    designs = encoding.design(num_seqs=2)
    scores = encoding.score(["A" * 68], num_orders=2)
    return [designs.letters, designs.scores, scores.scores, encoding.unconditional(), encoding.scan().change]


def entries(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(one: list[Any], other: list[Any]) -> bool:
    return all(np.array_equal(first, second) for first, second in zip(one, other))


def test_results_do_not_depend_on_the_cache(model: fm.Model, tmp_path: Path) -> None:
    expected = everything(model)
    folder = tmp_path / "new" / "cache"
    cached = fm.Model(cache=folder)
    assert same(everything(cached), expected)
    ((name, content),) = entries(folder).items()
    # Another model, another process's copy of it, and the program find the entry.
    assert same(everything(fm.Model(cache=str(folder), threads=1)), expected)
    assert same(everything(pickle.loads(pickle.dumps(cached))), expected)
    program("scan", str(EXAMPLES / "6MRR.pdb"), "--cache", str(folder), "-q")
    assert entries(folder) == {name: content}
    damaged = next(folder.rglob(name))
    damaged.write_bytes(content[:5000])
    assert same(everything(fm.Model(cache=folder)), expected)
    assert len(damaged.read_bytes()) == len(content)


def test_halves_take_half_the_space(model: fm.Model, tmp_path: Path) -> None:
    encoding = model.encode(EXAMPLES / "6MRR.pdb")
    fm.Model(cache=tmp_path / "f32").encode(EXAMPLES / "6MRR.pdb").unconditional()
    first, second = (
        fm.Model(cache=tmp_path / "f16", cache_precision="f16").encode(EXAMPLES / "6MRR.pdb").unconditional()
        for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert 0 < np.abs(first - encoding.unconditional()).max() < 0.02
    sizes = [sum(map(len, entries(tmp_path / name).values())) for name in ("f16", "f32")]
    assert sizes[0] < 0.52 * sizes[1]


def test_a_cache_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(fm.Error, match="file"):
        fm.Model(cache=tmp_path / "file" / "cache")
    with pytest.raises(fm.SettingError, match="cache_precision"):
        fm.Model(cache=tmp_path, cache_precision="f64")
    with pytest.raises(fm.SettingError, match="give cache"):
        fm.Model(cache_precision="f16")
