"""What notebooks show of scores, mutation scans and packings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from .checks import column_of, expect_shape, letters_of
from .fragments import details, note, plural, signed_text, table, value_text, view, warning_list
from .heatmap import heatmap_svg
from .letters import GROUPED, LETTERS
from .svg import MAX_RESIDUES, left_out

MAX_ROWS = 50
MAX_PICTURED = 20


def scores_html(
    names: Sequence[str],
    scores: npt.ArrayLike,
    *,
    global_scores: npt.ArrayLike | None = None,
    deviations: npt.ArrayLike | None = None,
    negative_log_likelihood: npt.ArrayLike | None = None,
    residue_labels: Sequence[str] = (),
    chain_ids: Sequence[str] | None = None,
    name: str = "",
    orders: int | None = None,
    warnings: Sequence[str] = (),
    max_rows: int = MAX_ROWS,
    max_residues: int = MAX_RESIDUES,
) -> str:
    """Scores of sequences on a structure, with bars, and where in the sequences they come from.

    Parameters
    ----------
    names : sequence of str, [S]
        What each sequence is called.
    scores : array_like, [S]
        Mean −ln p of the designed residues, nats.
    global_scores, deviations : array_like, [S], optional
        Mean −ln p of all residues, and the standard deviation of the score over decoding orders, nats.
    negative_log_likelihood : array_like, [S, N], optional
        −ln p of each residue, nats, for the heat map; `residue_labels` belong to it.
    residue_labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    chain_ids : sequence of str, [N], optional
        The chain of each residue.
    name : str
        The structure's name.
    orders : int, optional
        In how many decoding orders the sequences were scored.
    warnings : sequence of str
        What the run warned of.
    max_rows, max_residues : int
        How many sequences and residues to show.

    Returns
    -------
    str
        HTML.
    """
    count = len(names)
    values = column_of(scores, "scores", count)
    assert values is not None
    extra = {
        "± deviation": column_of(deviations, "deviations", count),
        "global score": column_of(global_scores, "global_scores", count),
    }
    finite = values[np.isfinite(values)]
    longest = float(finite.max()) if finite.size else 1.0
    shown = min(count, max_rows)
    rows, bars = [], []
    for index in range(shown):
        row = [names[index], value_text(values[index], "score")]
        row += [value_text(column[index], key) for key, column in extra.items() if column is not None]
        rows.append(row)
        bars.append(values[index] / longest if longest > 0 else 0.0)
    header = ["sequence", "score", *(key for key, column in extra.items() if column is not None)]
    of = f" on {name}" if name else ""
    over = f", mean of {plural(orders, 'decoding order')}" if orders is not None else ""
    body = [
        f"<p><strong>{escape(plural(count, 'score') + of)}</strong>{over}</p>",
        table(header, rows, text={0}, bars=bars),
    ]
    summary = ""
    if finite.size > 1:
        best = names[int(np.nanargmin(np.where(np.isfinite(values), values, np.inf)))]
        summary = f"Least {finite.min():.4f} ({best}), median {np.median(finite):.4f}, greatest {finite.max():.4f}."
    body.append(
        note(
            "Score: mean −ln p of the designed residues in nats; lower is likelier.",
            summary,
            left_out(shown, count, "sequences"),
        )
    )
    if negative_log_likelihood is not None and count:
        matrix = np.asarray(negative_log_likelihood, dtype=np.float64)
        expect_shape(matrix, "negative_log_likelihood", (count, len(residue_labels)))
        picture = _by_residue(
            matrix,
            residue_labels,
            names,
            "sequences",
            low=0.0,
            high=5.0,
            chain_ids=chain_ids,
            max_residues=max_residues,
        )
        body.append(details("−ln p of each residue", picture))
    body.append(warning_list(warnings))
    return view(body)


def _by_residue(
    matrix: npt.NDArray[np.float64],
    residue_labels: Sequence[str],
    names: Sequence[str],
    noun: str,
    **options: Any,
) -> str:
    """The heat map of a number for each residue of the first rows, and how many rows are left out."""
    pictured = min(len(matrix), MAX_PICTURED)
    names = list(names[:pictured])
    picture = heatmap_svg(matrix[:pictured].T, residue_labels, names, scale="sequential", **options)
    return note(left_out(pictured, len(matrix), noun)) + picture


def scan_html(
    change: npt.ArrayLike,
    residue_labels: Sequence[str],
    native: str,
    *,
    name: str = "",
    chain_ids: Sequence[str] | None = None,
    top: int = 10,
    warnings: Sequence[str] = (),
    max_residues: int = MAX_RESIDUES,
) -> str:
    """A mutation scan: the changes that the network finds likelier than the native letters, and a heat map of all.

    Parameters
    ----------
    change : array_like, [M, 21]
        ln p of each letter minus ln p of the native one, nats: positive where a letter is likelier.
    residue_labels : sequence of str, [M]
        What each scanned residue is called, such as ``"A17"``.
    native : str
        The native letters of the scanned residues, M of them.
    name : str
        The structure's name.
    chain_ids : sequence of str, [M], optional
        The chain of each residue.
    top : int
        How many mutations the table has.
    warnings : sequence of str
        What the run warned of.
    max_residues : int
        How many residues the heat map has.

    Returns
    -------
    str
        HTML.
    """
    count = len(residue_labels)
    matrix = np.asarray(change, dtype=np.float64)
    expect_shape(matrix, "change", (count, len(LETTERS)))
    letters = letters_of(native, count, "native")
    ranked = matrix.copy()
    ranked[:, LETTERS.index("X")] = -np.inf
    for index, letter in enumerate(letters):
        if letter in LETTERS:
            ranked[index, LETTERS.index(letter)] = -np.inf
    ranked[~np.isfinite(ranked)] = -np.inf
    order = np.argsort(-ranked, axis=None, kind="stable")[:top]
    rows = []
    for flat in order:
        residue, column = divmod(int(flat), len(LETTERS))
        if np.isfinite(ranked[residue, column]):
            label = residue_labels[residue]
            rows.append([label, letters[residue], LETTERS[column], signed_text(matrix[residue, column])])
    likelier = int((ranked > 0).sum())
    of = f" of {name}" if name else ""
    mutations = int(np.isfinite(ranked).sum())
    body = [
        f"<p><strong>{escape('Mutation scan' + of)}</strong>: {plural(count, 'residue')}, {likelier:,} of "
        f"{plural(mutations, 'mutation')} likelier than the native letter</p>",
        table(["residue", "native", "mutation", "change of ln p, nats"], rows, text={0, 1, 2}),
        note(left_out(len(rows), mutations, "mutations, ordered by change,") if rows else ""),
    ]
    columns = [LETTERS.index(letter) for letter in GROUPED]
    picture = heatmap_svg(
        matrix[:, columns],
        residue_labels,
        list(GROUPED),
        low=-5.0,
        high=5.0,
        low_words="less likely",
        high_words="likelier",
        native=letters,
        chain_ids=chain_ids,
        max_residues=max_residues,
    )
    body.append(f'<div class="wide">{picture}</div>')
    body.append(warning_list(warnings))
    return view(body)


def mutants_html(
    names: Sequence[str],
    changes: npt.ArrayLike,
    couplings: Sequence[float | None],
    *,
    name: str = "",
    max_rows: int = MAX_ROWS,
) -> str:
    """Mutants compared with the native sequence, the most favorable first.

    Parameters
    ----------
    names : sequence of str, [M]
        The mutations of each mutant.
    changes : array_like, [M]
        ln p of each mutant's sequence minus ln p of the native one, nats.
    couplings : sequence of float or None, [M]
        What the single mutations leave unexplained, nats; None for a single mutation.
    name : str
        The structure's name.
    max_rows : int
        How many mutants to show.

    Returns
    -------
    str
        HTML.
    """
    values = column_of(changes, "changes", len(names))
    assert values is not None
    order = np.argsort(-values, kind="stable")[:max_rows]
    rows = []
    for index in order:
        coupling = couplings[index]
        rows.append([names[index], signed_text(values[index]), "" if coupling is None else signed_text(coupling)])
    of = f" of {name}" if name else ""
    body = [
        f"<p><strong>{escape('Mutants' + of)}</strong>: {plural(len(names), 'mutant')}, "
        f"{int((values > 0).sum()):,} likelier than the native sequence</p>",
        table(["mutant", "change of ln p, nats", "coupling, nats"], rows, text={0}),
        note(left_out(len(rows), len(names), "mutants, ordered by change,")),
    ]
    return view(body)


def packings_html(
    records: Sequence[str],
    clashes: npt.ArrayLike,
    log_densities: npt.ArrayLike,
    *,
    residues: int | None = None,
    name: str = "",
    residue_log_densities: npt.ArrayLike | None = None,
    residue_labels: Sequence[str] = (),
    chain_ids: Sequence[str] | None = None,
    warnings: Sequence[str] = (),
    max_rows: int = MAX_ROWS,
    max_residues: int = MAX_RESIDUES,
) -> str:
    """Packings of side chains: clashes, confidence, and where the network was unsure.

    Parameters
    ----------
    records : sequence of str, [P]
        What each packing is called, such as ``"design 1, packing 2"``.
    clashes : array_like of int, [P]
        Pairs of atoms that overlap.
    log_densities : array_like, [P]
        Mean ln of the density at the torsions that were chosen, density per radian.
    residues : int, optional
        How many residues were packed.
    name : str
        The structure's name.
    residue_log_densities : array_like, [P, N], optional
        The same for each residue, NaN where none was packed; `residue_labels` belong to it.
    residue_labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    chain_ids : sequence of str, [N], optional
        The chain of each residue.
    warnings : sequence of str
        What the run warned of.
    max_rows, max_residues : int
        How many packings and residues to show.

    Returns
    -------
    str
        HTML.
    """
    count = len(records)
    overlaps = column_of(clashes, "clashes", count)
    densities = column_of(log_densities, "log_densities", count)
    assert overlaps is not None and densities is not None
    shown = min(count, max_rows)
    rows = [[records[i], f"{overlaps[i]:,.0f}", value_text(densities[i], "log density")] for i in range(shown)]
    of = f" of {name}" if name else ""
    packed = "" if residues is None else f": {plural(residues, 'residue')} packed"
    body = [
        f"<p><strong>{escape(plural(count, 'packing') + of)}</strong>{packed}</p>",
        table(["packing", "clashes", "mean log density"], rows, text={0}),
        note(
            "Log density: ln of the density per radian at the torsions that were chosen; "
            "−1.84 is a torsion as good as unknown.",
            left_out(shown, count, "packings"),
        ),
    ]
    if residue_log_densities is not None and count:
        matrix = np.asarray(residue_log_densities, dtype=np.float64)
        expect_shape(matrix, "residue_log_densities", (count, len(residue_labels)))
        picture = _by_residue(
            matrix,
            residue_labels,
            records,
            "packings",
            unit="ln(1/rad)",
            low=-math.log(2 * math.pi),
            high=5.0,
            low_words="unsure",
            high_words="sure",
            chain_ids=chain_ids,
            max_residues=max_residues,
        )
        body.append(details("Confidence of each residue", picture))
    body.append(warning_list(warnings))
    return view(body)
