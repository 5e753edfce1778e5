"""Pieces of HTML that the views are made of: tables, alignments, notes, warnings, and the style of them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from .svg import RESIDUES_PER_ROW, left_out, ticks

MAX_WARNINGS = 20

_STYLE = (
    "<style>"
    ".fastmpnn-view{container-type:inline-size;width:100%;max-width:860px;font-size:13px;line-height:1.4}"
    ".fastmpnn-view p{margin:4px 0}"
    ".fastmpnn-view .wide{overflow-x:auto;margin:6px 0}"
    ".fastmpnn-view table{border-collapse:collapse;margin:6px 0;font-size:12px}"
    ".fastmpnn-view th,.fastmpnn-view td{padding:2px 10px 2px 0;text-align:right;white-space:nowrap;border:0;"
    "background:none;font-variant-numeric:tabular-nums}"
    ".fastmpnn-view th{border-bottom:1px solid rgba(128,128,128,.5);font-weight:600;"
    "white-space:normal;vertical-align:bottom}"
    ".fastmpnn-view td.text,.fastmpnn-view th.text{text-align:left}"
    ".fastmpnn-view td.bar{background-repeat:no-repeat;padding-right:6px;min-width:66px;text-align:left}"
    ".fastmpnn-view td.bar i{display:inline-block;height:8px;background:#2f86d6;border-radius:1px}"
    ".fastmpnn-view pre{margin:0 0 10px;padding:0;background:none;border:0;overflow:visible;color:inherit;"
    "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px;"
    "font-size:clamp(8px,2.28cqw,12.5px);line-height:1.45}"
    ".fastmpnn-view pre b{background:rgba(220,82,0,.28);border-radius:2px}"
    ".fastmpnn-view pre u{text-decoration:none;background:rgba(128,128,128,.28)}"
    ".fastmpnn-view pre s{text-decoration:none;opacity:.65}"
    ".fastmpnn-view summary{cursor:pointer;margin:4px 0}"
    "</style>"
)


class Line:
    """A sequence of an alignment and the residues of it that are marked."""

    def __init__(self, name: str, letters: str, marked: npt.NDArray[np.bool_]) -> None:
        self.name = name if len(name) <= 14 else name[:13] + "…"
        self.letters = letters
        self.marked = marked


def alignment(
    lines: Sequence[Line],
    residue_labels: Sequence[str],
    chain_stops: Sequence[int],
    shown: int,
    tag: str = "b",
) -> str:
    """The sequences above each other in blocks of 60 residues; a block ends where a chain does."""
    starts = [0, *chain_stops]
    width = max((len(line.name) for line in lines), default=0)
    blocks = []
    for start, stop in zip(starts, starts[1:], strict=False):
        for first in range(start, min(stop, shown), RESIDUES_PER_ROW):
            last = min(first + RESIDUES_PER_ROW, stop, shown)
            indent = " " * (width + 1 if width else 0)
            ruler = f"<s>{escape(indent + _ruler(residue_labels, first, last))}</s>"
            rows = [ruler]
            for index, line in enumerate(lines):
                label = f"<s>{escape(line.name.rjust(width))}</s> " if width else ""
                # Only the first line of an alignment, the native one, tells what was kept.
                mark = "u" if index == 0 else tag
                rows.append(label + _marked(line.letters[first:last], line.marked[first:last], mark))
            blocks.append("\n".join(rows))
    return f'<div class="wide"><pre>{"</pre><pre>".join(blocks)}</pre></div>' if blocks else ""


def _ruler(residue_labels: Sequence[str], first: int, last: int) -> str:
    """Labels over the letters of a block; the residue is below a label's first character."""
    ruler = ""
    for index in ticks([str(label) for label in residue_labels], range(first, last), 1.0):
        # Labels begin, not center, at their residues here, so that two may still touch.
        if not ruler or len(ruler) < index - first:
            ruler = ruler.ljust(index - first) + str(residue_labels[index])
    return ruler


def _marked(letters: str, marked: npt.NDArray[np.bool_], tag: str) -> str:
    parts = []
    edges = [0, *(int(edge) + 1 for edge in np.flatnonzero(np.diff(marked))), len(letters)]
    for start, stop in zip(edges, edges[1:], strict=False):
        if stop > start:
            text = escape(letters[start:stop])
            parts.append(f"<{tag}>{text}</{tag}>" if marked[start] else text)
    return "".join(parts)


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], text: set[int], bars: Sequence[float] | None = None
) -> str:
    """A table; `text` are the columns that are not numbers, `bars` are shares of a bar behind each row."""

    def cell(tag: str, index: int, value: str) -> str:
        kind = ' class="text"' if index in text else ""
        return f"<{tag}{kind}>{escape(value)}</{tag}>"

    lines = []
    for number, row in enumerate(rows):
        bar = ""
        if bars is not None:
            share = bars[number] if math.isfinite(bars[number]) else 0.0
            bar = f'<td class="bar"><i style="width:{round(60 * min(max(share, 0.0), 1.0))}px"></i></td>'
        lines.append(f"<tr>{''.join(cell('td', i, value) for i, value in enumerate(row))}{bar}</tr>")
    if not lines:
        return ""
    head = "".join(cell("th", index, value) for index, value in enumerate(header)) + (
        "<th></th>" if bars is not None else ""
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def note(*sentences: str) -> str:
    """A paragraph of the sentences that are not empty."""
    text = " ".join(sentence for sentence in sentences if sentence)
    return f"<p>{escape(text)}</p>" if text else ""


def warning_list(warnings: Sequence[str]) -> str:
    """What was warned of, folded away."""
    if not warnings:
        return ""
    items = "".join(f"<li>{escape(warning)}</li>" for warning in warnings[:MAX_WARNINGS])
    rest = note(left_out(MAX_WARNINGS, len(warnings), "warnings"))
    return f"<details><summary>{plural(len(warnings), 'warning')}</summary><ul>{items}</ul>{rest}</details>"


def details(title: str, inside: str, opened: bool = False) -> str:
    """A part that the reader can fold away."""
    return (
        f"<details{' open' if opened else ''}><summary>{escape(title)}</summary>"
        f'<div class="wide">{inside}</div></details>'
    )


def view(parts: Iterable[str]) -> str:
    """The whole fragment with its style."""
    return f'{_STYLE}<div class="fastmpnn-view">{"".join(parts)}</div>'


def value_text(value: float, key: str) -> str:
    """A number of a table as its column has it; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    if key == "recovery":
        return f"{value:.1%}"
    return f"{value:g}" if key == "T" else f"{value:.4f}"


def signed_text(value: float) -> str:
    """A difference with its sign."""
    return f"{value:+.2f}".replace("-", "−")


def plural(count: int, noun: str) -> str:
    """A count and its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
