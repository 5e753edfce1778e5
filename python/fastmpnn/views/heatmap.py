"""Heat maps of letters, or of sequences, over residues as SVG text.

Zero is transparent, so the maps can be read on light and dark pages alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Literal

import numpy as np
import numpy.typing as npt

from .letters import COLORS
from .svg import CELL, MAX_RESIDUES, MONO, RESIDUES_PER_ROW, axis_of, heading, left_out, matrix_of, svg, text_width

Scale = Literal["diverging", "sequential"]

HIGH_COLOR = "#2f86d6"
LOW_COLOR = "#dc5200"
_LEVELS = 12  # shades of a color


def heatmap_svg(
    matrix: npt.ArrayLike,
    residue_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    unit: str = "nats",
    scale: Scale = "diverging",
    low: float | None = None,
    high: float | None = None,
    low_words: str = "",
    high_words: str = "",
    native: str | None = None,
    chain_ids: Sequence[str] | None = None,
    title: str = "",
    max_residues: int = MAX_RESIDUES,
    per_row: int = RESIDUES_PER_ROW,
) -> str:
    """A heat map with residues from left to right and letters, or sequences, from top to bottom.

    Parameters
    ----------
    matrix : array_like, [N, K]
        The values. NaN is shown gray; values beyond the scale have the color of its end.
    residue_labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    column_labels : sequence of str, [K]
        What each column of the matrix is called: letters, or names of sequences.
    unit : str
        The unit of the values, for the legend.
    scale : {"diverging", "sequential"}
        ``"diverging"``: orange below zero, blue above, nothing at zero. ``"sequential"``: from nothing at `low` to
        blue at `high`.
    low, high : float, optional
        The ends of the scale; by default those of the finite values. A diverging scale reaches as far below
        zero as above.
    low_words, high_words : str
        What low and high values mean, for the legend, such as ``"worse"`` and ``"better"``.
    native : str, optional
        The native letters, N of them (``/`` between chains is skipped); a dot marks them where a column has that label.
    chain_ids : sequence of str, [N], optional
        The chain of each residue; a dashed line stands between chains.
    title : str
        What stands above the picture.
    max_residues : int
        Where there are more residues, the first of them are shown and a sentence says how many are left out.
    per_row : int
        Residues in a row.

    Returns
    -------
    str
        SVG.
    """
    values = matrix_of(matrix, "matrix")
    count, columns = values.shape
    if len(column_labels) != columns:
        raise ValueError(f"{len(column_labels)} labels for {columns} columns")
    axis = axis_of(count, residue_labels, chain_ids, max_residues, per_row)
    names = [_shortened(str(label), 24) for label in column_labels]
    marks = native_columns(native, names, count)
    ends = ends_of(values, scale, low, high)
    shades = _shades(values, scale, ends)

    tall = 11 if columns <= 40 else 7
    left = 10 + math.ceil(max((text_width(name, 10) for name in names), default=0.0))
    notes = [left_out(len(axis.labels), count, "residues")]
    if marks is not None:
        notes.append("Dots: native letters.")
    above, top = heading(title, " ".join(note for note in notes if note))
    legend, legend_width = _legend(scale, ends, unit, (low_words, high_words), values, top + 4)
    top += 24
    body = [above, legend]
    for row in axis.rows():
        body.append(_panel(shades, marks, row, left, top, tall))
        body.append(_column_names(names, left, top, tall))
        body.append(axis.ticks(row, left, top + columns * tall))
        body.append(axis.breaks(row, left, top - 3, columns * tall + 6))
        top += columns * tall + 26
    return svg(
        max(left + axis.width() + 10, legend_width), max(top - 6, 20), title or f"Heat map, {unit}", "".join(body)
    )


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def native_columns(native: str | None, names: list[str], count: int) -> list[int | None] | None:
    """The column of each residue's native letter."""
    if native is None:
        return None
    letters = native.replace("/", "")
    if len(letters) != count:
        raise ValueError(f"{len(letters)} native letters for {count} residues")
    columns = {name: index for index, name in enumerate(names)}
    return [columns.get(letter) for letter in letters]


def ends_of(
    values: npt.NDArray[np.float64], scale: Scale, low: float | None, high: float | None
) -> tuple[float, float]:
    """The values at the two ends of the scale."""
    if scale not in ("diverging", "sequential"):
        raise ValueError(f"scale is {scale!r}, not 'diverging' or 'sequential'")
    finite = values[np.isfinite(values)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    least, most = (least if low is None else float(low)), (most if high is None else float(high))
    if scale == "diverging":
        reach = max(abs(least), abs(most)) or 1.0
        return -reach, reach
    if least == most:
        most = least + 1.0
    if not least < most:
        raise ValueError(f"the scale ends at {most:g}, which is below its start, {least:g}")
    return least, most


def _shades(values: npt.NDArray[np.float64], scale: Scale, ends: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Shades of cells, −12 … 12: 0 transparent, below 0 orange, above 0 blue; 99 without a value. [N, K]"""
    low, high = ends
    clipped = np.clip(np.where(np.isnan(values), low, values), low, high)
    if scale == "sequential":
        fraction = (clipped - low) / (high - low)
    else:
        fraction = clipped / high
    shades: npt.NDArray[np.int64] = np.rint(fraction * _LEVELS).astype(np.int64)
    shades[np.isnan(values)] = 99
    return shades


def _paint(shade: int) -> str:
    if shade == 99:
        return 'fill="#808080" fill-opacity="0.45"'
    color = HIGH_COLOR if shade > 0 else LOW_COLOR
    return f'fill="{color}" fill-opacity="{abs(shade) / _LEVELS:.2f}"'


def _panel(
    shades: npt.NDArray[np.int64],
    marks: list[int | None] | None,
    row: range,
    left: int,
    top: float,
    tall: int,
) -> str:
    """A row of residues: a path for all cells of a shade, a frame, and dots at the native letters."""
    columns = shades.shape[1]
    paths: dict[int, list[str]] = {}
    for column in range(columns):
        shade_row = shades[row.start : row.stop, column]
        edges = np.flatnonzero(np.diff(shade_row)) + 1
        for start, stop in zip([0, *edges], [*edges, len(row)], strict=True):
            if shade_row[start] != 0:
                wide = (stop - start) * CELL
                path = f"M{left + start * CELL} {top + column * tall:g}h{wide}v{tall}h-{wide}z"
                paths.setdefault(int(shade_row[start]), []).append(path)
    parts = [
        f'<path shape-rendering="crispEdges" {_paint(shade)} d="{"".join(cells)}"/>'
        for shade, cells in sorted(paths.items())
    ]
    parts.append(
        f'<path d="M{left} {top:g}h{len(row) * CELL}v{columns * tall}h-{len(row) * CELL}z" fill="none" '
        f'stroke="currentColor" stroke-opacity="0.3"/>'
    )
    if marks is not None:
        dots = "".join(
            f"M{left + (i - row.start + 0.5) * CELL - 2:g} {top + (mark + 0.5) * tall:g}a2 2 0 1 0 4 0a2 2 0 1 0 -4 0z"
            for i in row
            if (mark := marks[i]) is not None
        )
        parts.append(f'<path d="{dots}" fill="currentColor"/>')
    return "".join(parts)


def _column_names(names: list[str], left: int, top: float, tall: int) -> str:
    size = min(10, tall - 1)
    texts = "".join(
        f'<text x="{left - 5}" y="{top + (index + 0.5) * tall + 0.35 * size:.1f}" '
        f'fill="{COLORS.get(name, "currentColor")}">{escape(name)}</text>'
        for index, name in enumerate(names)
    )
    return f'<g font-size="{size}" text-anchor="end" style="{MONO}">{texts}</g>'


def _legend(
    scale: Scale,
    ends: tuple[float, float],
    unit: str,
    words: tuple[str, str],
    values: npt.NDArray[np.float64],
    top: float,
) -> tuple[str, float]:
    """The bar of shades with its ends, and its width in px."""
    low, high = ends
    below = "≤ " if (values < low - 1e-6).any() else ""
    above = "≥ " if (values > high + 1e-6).any() else ""
    before = f"{words[0]} {below}{_number(low)}".strip()
    after = f"{above}{_number(high)} {unit} {words[1]}".replace("  ", " ").strip()
    start = 10 + text_width(before, 11)
    shades = range(-_LEVELS, _LEVELS + 1) if scale == "diverging" else range(_LEVELS + 1)
    cells = "".join(
        f'<rect x="{start + 6 * i:.1f}" y="{top:g}" width="6" height="10" {_paint(shade)}/>'
        for i, shade in enumerate(shades)
        if shade != 0
    )
    wide = 6 * len(shades)
    end = start + wide + 5 + text_width(after, 11)
    parts = [
        f'<g font-size="11" fill="currentColor"><text x="{start - 5:.1f}" y="{top + 9:g}" text-anchor="end">'
        f'{escape(before)}</text><g shape-rendering="crispEdges">{cells}</g>'
        f'<rect x="{start:.1f}" y="{top:g}" width="{wide}" height="10" fill="none" stroke="currentColor" '
        f'stroke-opacity="0.4"/><text x="{start + wide + 5:.1f}" y="{top + 9:g}">{escape(after)}</text>'
    ]
    if np.isnan(values).any():
        parts.append(
            f'<rect x="{end + 12:.1f}" y="{top:g}" width="10" height="10" {_paint(99)}/>'
            f'<text x="{end + 27:.1f}" y="{top + 9:g}">no value</text>'
        )
        end += 27 + text_width("no value", 11)
    parts.append("</g>")
    return "".join(parts), end


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
