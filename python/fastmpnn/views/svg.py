"""The parts that all pictures share: residues wrapped into rows, their labels, headings, and the SVG element itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt

RESIDUES_PER_ROW = 60
MAX_RESIDUES = 360
"""How many residues a picture shows unless told otherwise."""


CELL = 12
"""The width of a residue, px."""

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',sans-serif"
MONO = "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"


@dataclass(frozen=True)
class Axis:
    """The residues that a picture shows, wrapped into rows."""

    labels: list[str]
    chain_ids: list[str]
    per_row: int

    def rows(self) -> list[range]:
        """The residues of each row."""
        count = len(self.labels)
        return [range(start, min(start + self.per_row, count)) for start in range(0, count, self.per_row)]

    def width(self) -> int:
        """px, of the longest row."""
        return CELL * max(1, min(self.per_row, len(self.labels)))

    def starts_chain(self, index: int) -> bool:
        """Whether a residue is the first of a chain, and not of the picture."""
        return index > 0 and self.chain_ids[index] != self.chain_ids[index - 1]

    def ticks(self, row: range, left: int, y: float) -> str:
        """The labels of some residues of a row, with a stroke up to each; `y` is where the strokes begin."""
        strokes, texts = [], []
        for i in ticks(self.labels, row, 5.8 / CELL, [j for j in row if self.starts_chain(j)]):
            x = left + (i - row.start + 0.5) * CELL
            strokes.append(f"M{x:g} {y:g}v3")
            texts.append(f'<text x="{x:g}" y="{y + 12:g}" text-anchor="middle">{escape(self.labels[i])}</text>')
        return (
            f'<path d="{"".join(strokes)}" stroke="currentColor" stroke-opacity="0.6" fill="none"/>'
            f'<g font-size="10" fill="currentColor" fill-opacity="0.75">{"".join(texts)}</g>'
        )

    def breaks(self, row: range, left: int, top: float, height: float) -> str:
        """Dashed lines where a chain ends within a row."""
        lines = [
            f"M{left + (i - row.start) * CELL:g} {top:g}v{height:g}"
            for i in row
            if i > row.start and self.starts_chain(i)
        ]
        if not lines:
            return ""
        return f'<path d="{"".join(lines)}" stroke="currentColor" stroke-dasharray="3 2" fill="none"/>'


def ticks(labels: Sequence[str], row: range, width: float, starts: Sequence[int] = ()) -> list[int]:
    """The residues of a row whose labels are written: the first, that of each chain, and tens.

    Tens are labels that end in 0; where residues are numbered in another way, each tenth after the last. Residues that
    follow a gap of the numbering count as tens. Labels are
    centered, and `width` is that of a character, in residues. Of two labels that would touch, the first of a row or
    chain is written, or else the left one.
    """
    needed = {row.start, *starts}
    chosen: list[int] = []
    last = row.start

    def reach(index: int) -> float:
        return (len(labels[index]) + 1) * width / 2

    for i in row:
        skips = i > row.start and _skips(labels[i - 1], labels[i])
        if i not in needed and not skips and not labels[i].endswith("0") and i - last < 10:
            continue
        last = i
        while i in needed and chosen and chosen[-1] not in needed and chosen[-1] + reach(chosen[-1]) > i - reach(i):
            chosen.pop()
        if not chosen or chosen[-1] + reach(chosen[-1]) <= i - reach(i):
            chosen.append(i)
    return chosen


def _skips(before: str, label: str) -> bool:
    """Whether numbers are missing between two labels of the same chain, such as ``A58`` and ``A116``."""
    one, other = (re.fullmatch(r"(.*?)(-?\d+)\D?", text) for text in (before, label))
    return one is not None and other is not None and one[1] == other[1] and int(other[2]) - int(one[2]) > 1


def axis_of(
    count: int, residue_labels: Sequence[str], chain_ids: Sequence[str] | None, max_residues: int, per_row: int
) -> Axis:
    """The axis of the residues that are shown, the first of `count`."""
    if len(residue_labels) != count:
        raise ValueError(f"{len(residue_labels)} labels for {count} residues")
    if chain_ids is not None and len(chain_ids) != count:
        raise ValueError(f"{len(chain_ids)} chain ids for {count} residues")
    if per_row < 1 or max_residues < 1:
        raise ValueError("a picture shows at least one residue in a row")
    shown = min(count, max_residues)
    ids = [""] * shown if chain_ids is None else [str(name) for name in chain_ids[:shown]]
    return Axis([str(label) for label in residue_labels[:shown]], ids, per_row)


def matrix_of(values: npt.ArrayLike, name: str, columns: int | None = None) -> npt.NDArray[np.float64]:
    """A matrix of the caller, checked."""
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or (columns is not None and matrix.shape[1] != columns):
        wanted = "[N, K]" if columns is None else f"[N, {columns}]"
        raise ValueError(f"{name} has the shape {list(matrix.shape)}, not {wanted}")
    return matrix


def left_out(shown: int, count: int, noun: str) -> str:
    """The sentence that says what is not shown; empty where all is."""
    if shown >= count:
        return ""
    rest = count - shown
    return f"The first {shown:,} of {count:,} {noun} are shown; {rest:,} {'is' if rest == 1 else 'are'} left out."


def svg(width: float, height: float, title: str, body: str) -> str:
    """The SVG element, with its title for readers who do not see it."""
    # On narrow pages the picture shrinks by a fifth, which is still legible, then the box around it scrolls.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" '
        f'role="img" aria-label="{escape(title)}" '
        f'style="display:block;width:100%;min-width:{0.8 * width:.0f}px;max-width:{width:.0f}px;height:auto;{_FONT}">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )


def heading(title: str, note: str) -> tuple[str, int]:
    """Title and note above a picture, and their height in px."""
    parts, height = [], 0
    if title:
        height += 18
        parts.append(f'<text x="0" y="13" font-size="13" font-weight="600" fill="currentColor">{escape(title)}</text>')
    if note:
        height += 16
        parts.append(f'<text x="0" y="{height - 4}" font-size="11" fill="currentColor">{escape(note)}</text>')
    return "".join(parts), height


def text_width(text: str, size: float) -> float:
    """A generous guess of the width of text, px: fonts differ."""
    return 0.6 * size * len(text)
