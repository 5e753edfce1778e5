"""The pictures of matplotlib."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import numpy as np
import pytest

from fastmpnn import plots
from fastmpnn.views.letters import LETTERS


def labels(count: int) -> list[str]:
    return [f"A{number + 1}" for number in range(count)]


@pytest.fixture
def pyplot() -> Iterator[object]:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as module

    yield module
    module.close("all")


def test_a_logo_has_a_patch_for_each_letter(pyplot: object) -> None:
    certain, half = np.zeros(21), np.zeros(21)
    certain[LETTERS.index("W")] = 1
    half[[LETTERS.index("D"), LETTERS.index("E")]] = 0.5
    axes = plots.plot_logo([certain, half, np.full(21, np.nan)], labels(3), designed_mask=[True, False, True])
    heights = sorted(patch.get_path().get_extents().height for patch in axes.patches)
    bits = np.log2(20)
    assert heights == pytest.approx([(bits - 1) / 2, (bits - 1) / 2, bits])
    assert sorted(patch.get_alpha() for patch in axes.patches) == [0.4, 0.4, 1.0]
    tall = max(axes.patches, key=lambda patch: patch.get_path().get_extents().height)
    extents = tall.get_path().get_extents()
    assert -0.5 < extents.x0 < 0 < extents.x1 < 0.5 and extents.y0 == pytest.approx(0)
    axes.figure.canvas.draw()


def test_a_heat_map_shows_the_matrix_and_the_native_letters(pyplot: object) -> None:
    matrix = np.random.default_rng(0).normal(size=(30, 21))
    matrix[3, 4] = np.nan
    axes = plots.plot_heatmap(matrix, labels(30), list(LETTERS), native="ACD" * 10, low=-2, high=2)
    shown = axes.images[0].get_array()
    assert shown.shape == (21, 30) and bool(shown.mask[4, 3]) and shown.mask.sum() == 1
    assert axes.images[0].get_clim() == (-2, 2)
    assert len(axes.collections[0].get_offsets()) == 30
    assert [label.get_text() for label in axes.get_yticklabels()] == list(LETTERS)
    assert {label.get_text() for label in axes.get_xticklabels()} == {"A1", "A10", "A20", "A30"}
    assert axes.figure.axes[1].get_ylabel() == "nats"
    axes.figure.canvas.draw()


def test_scores_are_points_in_their_order(pyplot: object) -> None:
    axes = plots.plot_scores(["a", "b", "c"], [1.0, 0.5, 2.0], deviations=[0.1, 0.1, 0.1])
    assert list(axes.lines[0].get_ydata()) == [1.0, 0.5, 2.0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]
    many = plots.plot_scores(labels(100), np.arange(100.0))
    assert many.get_xlabel() == "sequence"


def test_plots_draw_into_the_axes_that_are_given(pyplot: object) -> None:
    _, axes = pyplot.subplots(3)  # type: ignore[attr-defined]
    assert plots.plot_logo(np.full((2, 21), 1 / 21), labels(2), ax=axes[0]) is axes[0]
    assert plots.plot_heatmap(np.zeros((2, 3)), labels(2), "ACD", scale="sequential", ax=axes[1]) is axes[1]
    assert plots.plot_scores(["a"], [1.0], ax=axes[2]) is axes[2]


def test_a_missing_matplotlib_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: object, **named: object) -> object:
        if name.split(".")[0] == "matplotlib":
            raise ImportError("No module named 'matplotlib'")
        return real(name, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    for call in (
        lambda: plots.plot_logo(np.zeros((1, 21)), ["A1"]),
        lambda: plots.plot_heatmap(np.zeros((1, 21)), ["A1"], list(LETTERS)),
        lambda: plots.plot_scores(["a"], [1.0]),
    ):
        with pytest.raises(ImportError, match="pip install matplotlib"):
            call()


def test_arrays_of_the_wrong_shape_are_refused(pyplot: object) -> None:
    with pytest.raises(ValueError, match="3 labels for 2 residues"):
        plots.plot_logo(np.zeros((2, 21)), labels(3))
    with pytest.raises(ValueError, match="not \\[N, 21\\]"):
        plots.plot_logo(np.zeros((2, 20)), labels(2))
    with pytest.raises(ValueError, match="2 labels for 3 columns"):
        plots.plot_heatmap(np.zeros((2, 3)), labels(2), "AC")
    with pytest.raises(ValueError, match="scores has the shape"):
        plots.plot_scores(["a"], [1.0, 2.0])
