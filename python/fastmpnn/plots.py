"""Sequence logos, heat maps and scores as matplotlib pictures; matplotlib is needed for these alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .views import information
from .views.heatmap import HIGH_COLOR, LOW_COLOR, Scale
from .views.letters import COLORS, LETTERS, OUTLINES
from .views.svg import matrix_of, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

__all__ = ["plot_heatmap", "plot_logo", "plot_scores"]


def plot_logo(
    probabilities: npt.ArrayLike,
    labels: Sequence[str],
    *,
    designed_mask: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A sequence logo: at each residue the amino acids, the likeliest on top, as tall as their information is great.

    Parameters
    ----------
    probabilities : array_like, [N, 21]
        Probabilities of the letters ACDEFGHIKLMNPQRSTVWYX. A residue with NaN is left empty.
    labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    designed_mask : array_like of bool, [N], optional
        Residues that are designed; the others are drawn pale.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    matplotlib.axes.Axes
        Heights in bits; residue `i` is from `i` − 0.5 to `i` + 0.5.

    Raises
    ------
    ImportError
        Where matplotlib is not installed.
    """
    axes = _axes(ax, width=max(3.0, min(0.16 * len(labels), 24.0)), height=1.8)
    from matplotlib.patches import PathPatch
    from matplotlib.transforms import Affine2D

    heights = information(probabilities)
    _expect_labels(labels, len(heights))
    designed = np.ones(len(heights), dtype=bool) if designed_mask is None else np.asarray(designed_mask, dtype=bool)
    if designed.shape != (len(heights),):
        raise ValueError(f"designed_mask has the shape {list(designed.shape)}, not [{len(heights)}]")
    outlines = {letter: _path(outline) for letter, outline in OUTLINES.items()}
    for residue, row in enumerate(heights):
        bottom = 0.0
        for index in np.argsort(row, kind="stable"):
            tall = float(row[index])
            if tall < 0.01:
                bottom += tall
                continue
            # Outlines have y downwards in a box of 100 × 100.
            place = Affine2D().scale(0.0092, -tall / 100).translate(residue - 0.46, bottom + tall)
            axes.add_patch(
                PathPatch(
                    place.transform_path(outlines[LETTERS[index]]),
                    facecolor=COLORS[LETTERS[index]],
                    edgecolor="none",
                    alpha=1.0 if designed[residue] else 0.4,
                )
            )
            bottom += tall
    axes.set_xlim(-0.5, max(len(heights), 1) - 0.5)
    axes.set_ylim(0, 4.4)
    axes.set_yticks([0, 2, 4])
    axes.set_ylabel("bits")
    _label_residues(axes, labels)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def plot_heatmap(
    matrix: npt.ArrayLike,
    labels: Sequence[str],
    column_labels: Sequence[str] = LETTERS,
    *,
    unit: str = "nats",
    scale: Scale = "diverging",
    low: float | None = None,
    high: float | None = None,
    native: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A heat map with residues from left to right and letters, or sequences, from top to bottom.

    Parameters
    ----------
    matrix : array_like, [N, K]
        The values; NaN is shown gray.
    labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    column_labels : sequence of str, [K]
        The alphabet unless given. What each column of the matrix is called: letters, or names of sequences.
    unit : str
        The unit of the values, for the color bar.
    scale : {"diverging", "sequential"}
        ``"diverging"``: orange below zero, blue above, white at zero. ``"sequential"``: from white at `low` to blue at
        `high`.
    low, high : float, optional
        The ends of the scale; by default those of the finite values. A diverging scale reaches as far below
        zero as above.
    native : str, optional
        The native letters, N of them (``/`` between chains is skipped); a dot marks them where a column has that label.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError
        Where matplotlib is not installed.
    """
    values = matrix_of(matrix, "matrix")
    count, columns = values.shape
    _expect_labels(labels, count)
    if len(column_labels) != columns:
        raise ValueError(f"{len(column_labels)} labels for {columns} columns")
    axes = _axes(ax, width=max(3.5, min(0.14 * count + 1.2, 24.0)), height=max(1.2, 0.16 * columns + 0.6))
    from matplotlib.colors import LinearSegmentedColormap

    from .views.heatmap import ends_of, native_columns

    least, most = ends_of(values, scale, low, high)
    colors = [LOW_COLOR, "#ffffff", HIGH_COLOR] if scale == "diverging" else ["#ffffff", HIGH_COLOR]
    colormap = LinearSegmentedColormap.from_list("fastmpnn", colors).with_extremes(bad="#bbbbbb")
    clipped = np.ma.masked_invalid(np.where(np.isinf(values), np.clip(values, least, most), values))
    image = axes.imshow(clipped.T, aspect="auto", cmap=colormap, vmin=least, vmax=most, interpolation="nearest")
    names = [str(label) for label in column_labels]
    marks = native_columns(native, names, count)
    if marks is not None:
        points = [(residue, column) for residue, column in enumerate(marks) if column is not None]
        axes.scatter([x for x, _ in points], [y for _, y in points], s=4, color="black", linewidths=0)
    axes.set_yticks(range(columns), names, fontsize=7)
    axes.tick_params(axis="y", length=0)
    for label in axes.get_yticklabels():
        label.set_color(COLORS.get(label.get_text(), label.get_color()))
    _label_residues(axes, labels)
    below = bool((values < least - 1e-6).any())
    above = bool((values > most + 1e-6).any())
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    figure = axes.get_figure()
    if figure is not None:
        figure.colorbar(image, ax=axes, label=unit, extend=extend, pad=0.02)
    return axes


def plot_scores(
    names: Sequence[str],
    scores: npt.ArrayLike,
    *,
    deviations: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores of sequences as points, in their order, with bars for their deviations.

    Parameters
    ----------
    names : sequence of str, [S]
        What each sequence is called; written where there are at most 40.
    scores : array_like, [S]
        Mean −ln p, nats.
    deviations : array_like, [S], optional
        Standard deviations over decoding orders, nats.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError
        Where matplotlib is not installed.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != (len(names),):
        raise ValueError(f"scores has the shape {list(values.shape)}, not [{len(names)}]")
    spread = None if deviations is None else np.asarray(deviations, dtype=np.float64)
    if spread is not None and spread.shape != values.shape:
        raise ValueError(f"deviations has the shape {list(spread.shape)}, not [{len(names)}]")
    axes = _axes(ax, width=max(3.0, min(0.3 * len(names) + 1.0, 12.0)), height=2.6)
    places = np.arange(len(names))
    axes.errorbar(places, values, yerr=spread, fmt="o", markersize=4, color=HIGH_COLOR, capsize=2)
    if len(names) <= 40:
        axes.set_xticks(
            places, [str(name) for name in names], rotation=90 if max(map(len, names), default=0) > 3 else 0, fontsize=7
        )
    else:
        axes.set_xlabel("sequence")
    axes.set_ylabel("score (mean −ln p), nats")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes to draw in; a figure of `width` × `height` inches where there are none."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib, which is not installed: pip install matplotlib. "
            "Notebooks show logos and heat maps without it."
        ) from error
    if ax is not None:
        return ax
    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]


def _path(outline: str) -> Path:
    """SVG path data of the commands M, L, C and Z as matplotlib's path."""
    from matplotlib.path import Path

    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    for command, text in re.findall(r"([MLCZ])([^MLCZ]*)", outline):
        numbers = [float(number) for number in text.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "Z":
            vertices.append((0.0, 0.0))
            codes.append(Path.CLOSEPOLY)
        else:
            code = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4}[command]
            vertices += points
            codes += [code] * len(points)
    return Path(vertices, codes)


def _label_residues(axes: Axes, labels: Sequence[str]) -> None:
    texts = [str(label) for label in labels]
    # About as many labels as the axis has room for: a character is some 0.06 inches wide.
    wide = max(axes.get_window_extent().width / axes.figure.dpi, 1.0)
    chosen = ticks(texts, range(len(texts)), 0.07 * len(texts) / wide) if texts else []
    axes.set_xticks(chosen, [texts[index] for index in chosen], fontsize=8)


def _expect_labels(labels: Sequence[str], count: int) -> None:
    if len(labels) != count:
        raise ValueError(f"{len(labels)} labels for {count} residues")
