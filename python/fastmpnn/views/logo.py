"""Sequence logos as SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from .letters import COLORS, LETTERS, OUTLINES
from .svg import CELL, MAX_RESIDUES, MONO, RESIDUES_PER_ROW, axis_of, heading, left_out, matrix_of, svg

BITS = math.log2(20)
"""The information content of a residue that can be one amino acid only, in bits."""


def information(probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Heights of the letters of a sequence logo.

    Parameters
    ----------
    probabilities : array_like, [N, 21]
        Probabilities of the letters ACDEFGHIKLMNPQRSTVWYX. X is left out and the others
        are scaled to the sum 1.

    Returns
    -------
    ndarray, [N, 20]
        Bits: the probability of each amino acid times (log2 20 − entropy). 0 where a residue has no
        probabilities (NaN).
    """
    matrix = np.nan_to_num(matrix_of(probabilities, "probabilities", 21)[:, :20], nan=0.0, posinf=0.0, neginf=0.0)
    matrix = np.clip(matrix, 0.0, None)
    total = matrix.sum(axis=1, keepdims=True)
    matrix = np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)
    logarithm = np.log2(matrix, out=np.zeros_like(matrix), where=matrix > 0)
    content = np.clip(BITS + (matrix * logarithm).sum(axis=1, keepdims=True), 0.0, BITS)
    heights: npt.NDArray[np.float64] = matrix * content
    return heights


def logo_svg(
    probabilities: npt.ArrayLike,
    residue_labels: Sequence[str],
    *,
    native: str | None = None,
    designed_mask: npt.ArrayLike | None = None,
    chain_ids: Sequence[str] | None = None,
    title: str = "",
    max_residues: int = MAX_RESIDUES,
    per_row: int = RESIDUES_PER_ROW,
) -> str:
    """A sequence logo: at each residue the amino acids, the likeliest on top, as tall as their information is great.

    Parameters
    ----------
    probabilities : array_like, [N, 21]
        Probabilities of the letters ACDEFGHIKLMNPQRSTVWYX. A residue with NaN is left empty.
    residue_labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    native : str, optional
        The native letters, N of them (``/`` between chains is skipped), written below the logo.
    designed_mask : array_like of bool, [N], optional
        Residues that are designed; the others are drawn pale.
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
        SVG. The full height of a row is log2 20 = 4.32 bits.
    """
    heights = information(probabilities)
    count = len(heights)
    axis = axis_of(count, residue_labels, chain_ids, max_residues, per_row)
    designed = np.ones(count, dtype=bool) if designed_mask is None else np.asarray(designed_mask, dtype=bool)
    if designed.shape != (count,):
        raise ValueError(f"designed_mask has the shape {list(designed.shape)}, not [{count}]")
    letters = None if native is None else native.replace("/", "")
    if letters is not None and len(letters) != count:
        raise ValueError(f"{len(letters)} native letters for {count} residues")

    left, tall = 34, 84
    foot = 32 if letters is not None else 18
    notes = [left_out(len(axis.labels), count, "residues")]
    if not designed[: len(axis.labels)].all():
        notes.append("Pale: residues that are not designed.")
    above, top = heading(title, " ".join(note for note in notes if note))
    top += 8
    body = [above]
    for row in axis.rows():
        body.append(_bits_axis(left, top, tall, CELL * len(row)))
        for i in row:
            body.append(
                _logo_column(
                    heights[i],
                    left + (i - row.start) * CELL,
                    top + tall,
                    tall / BITS,
                    axis.labels[i],
                    bool(designed[i]),
                )
            )
        if letters is not None:
            texts = "".join(
                f'<text x="{left + (i - row.start + 0.5) * CELL:g}" y="{top + tall + 12:g}">{escape(letters[i])}</text>'
                for i in row
            )
            body.append(
                f'<text x="{left - 4}" y="{top + tall + 12:g}" font-size="9" fill="currentColor" fill-opacity="0.75" '
                f'text-anchor="end">native</text><g font-size="10.5" fill="currentColor" text-anchor="middle" '
                f'style="{MONO}">{texts}</g>'
            )
        body.append(axis.ticks(row, left, top + tall + foot - 17))
        body.append(axis.breaks(row, left, top - 2, tall + foot - 16))
        top += tall + foot + 12
    return svg(left + axis.width() + 10, max(top - 8, 20), title or "Sequence logo", "".join(body))


def _bits_axis(left: int, top: float, tall: float, width: float) -> str:
    unit = tall / BITS
    ticks = [bits for bits in (0, 2, 4)]
    lines = "".join(f"M{left - 3} {top + tall - bits * unit:.1f}h{width + 3:g}" for bits in ticks)
    texts = "".join(f'<text x="{left - 6}" y="{top + tall - bits * unit + 3.5:.1f}">{bits}</text>' for bits in ticks)
    middle = top + tall / 2
    return (
        f'<path d="{lines}" stroke="currentColor" stroke-opacity="0.22" fill="none"/>'
        f'<g font-size="10" fill="currentColor" fill-opacity="0.75" text-anchor="end">{texts}</g>'
        f'<text x="9" y="{middle:.1f}" font-size="10" fill="currentColor" fill-opacity="0.75" text-anchor="middle" '
        f'transform="rotate(-90 9 {middle:.1f})">bits</text>'
    )


def _logo_column(
    heights: npt.NDArray[np.float64], x: float, bottom: float, unit: float, label: str, designed: bool
) -> str:
    """The letters of a residue, the smallest at the bottom; letters too low to be read are left out."""
    order = np.argsort(heights, kind="stable")
    content = heights.sum()
    parts = []
    y = bottom
    for index in order:
        tall = heights[index] * unit
        if tall < 1.5:
            y -= tall
            continue
        letter = LETTERS[index]
        y -= tall
        parts.append(
            f'<path fill="{COLORS[letter]}" '
            f'transform="matrix({(CELL - 1) / 100:g} 0 0 {tall / 100:.4f} {x + 0.5:g} {y:.2f})" '
            f'd="{OUTLINES[letter]}"/>'
        )
    if content > 0:
        likely = ", ".join(f"{LETTERS[index]} {heights[index] / content:.0%}" for index in order[:-4:-1])
        tip = f"{label}: {likely}; {content:.2f} bits"
    else:
        tip = f"{label}: {'any letter is equally likely' if designed else 'no letters'}"
    pale = "" if designed else ' opacity="0.4"'
    return f'<g fill-rule="evenodd"{pale}><title>{escape(tip)}</title>{"".join(parts)}</g>'
