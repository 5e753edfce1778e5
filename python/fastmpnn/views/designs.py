"""What notebooks show of designs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from .checks import chain_numbers, chain_parts, column_of, expect_shape, letters_of, mean_of, names_of
from .fragments import Line, alignment, details, note, plural, table, value_text, view, warning_list
from .heatmap import heatmap_svg
from .letters import GROUPED, LETTERS
from .logo import logo_svg
from .svg import MAX_RESIDUES, left_out

MAX_SEQUENCES = 20


def designs_html(
    sequences: Sequence[str],
    scores: npt.ArrayLike,
    recovery: npt.ArrayLike,
    native: str,
    designed_mask: npt.ArrayLike,
    residue_labels: Sequence[str],
    *,
    name: str = "",
    chains: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    temperatures: npt.ArrayLike | None = None,
    global_scores: npt.ArrayLike | None = None,
    probabilities: npt.ArrayLike | None = None,
    log_probabilities: npt.ArrayLike | None = None,
    warnings: Sequence[str] = (),
    max_sequences: int = MAX_SEQUENCES,
    max_residues: int = MAX_RESIDUES,
) -> str:
    """Designs of a structure: their scores, their sequences under the native one, a logo and a heat map.

    Chains of which nothing was designed are left out of sequences and pictures, and named.

    Parameters
    ----------
    sequences : sequence of str, [S]
        The designs, ``/`` between chains.
    scores : array_like, [S]
        Mean −ln p of the designed residues, nats.
    recovery : array_like, [S]
        Share of the designed residues that have the native letter, 0 to 1; NaN where there is none to compare with.
    native : str
        The native sequence, with ``/`` where the designs have it.
    designed_mask : array_like of bool, [N]
        Which residues were designed.
    residue_labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    name : str
        The structure's name.
    chains : sequence of str, optional
        The ids of the chains, in the order of the sequences.
    names : sequence of str, [S], optional
        What each design is called; 1, 2, … unless given.
    temperatures, global_scores : array_like, [S], optional
        Further columns: the temperature, and the mean −ln p of all residues in nats.
    probabilities : array_like, [N, 21] or [S, N, 21], optional
        For the logo, which is drawn of the mean over the designs.
    log_probabilities : array_like, [N, 21] or [S, N, 21], optional
        For the heat map: ln p, nats, the mean over the designs.
    warnings : sequence of str
        What the run warned of.
    max_sequences, max_residues : int
        How many designs and residues to show.

    Returns
    -------
    str
        HTML.
    """
    count, residues = len(sequences), len(residue_labels)
    designed = np.asarray(designed_mask, dtype=bool)
    expect_shape(designed, "designed_mask", (residues,))
    columns = {
        "T": column_of(temperatures, "temperatures", count),
        "score": column_of(scores, "scores", count),
        "global score": column_of(global_scores, "global_scores", count),
        "recovery": column_of(recovery, "recovery", count),
    }
    titles = names_of(names, count)
    native_letters = native.replace("/", "")
    parts = chain_parts(native, chains, residues)
    letters = [
        letters_of(sequence, residues, f"sequence {title}") for sequence, title in zip(sequences, titles, strict=True)
    ]

    kept, sentence = _designed_chains(parts, designed)
    places = np.concatenate([np.arange(start, stop) for _, (start, stop) in kept])
    labels = [residue_labels[place] for place in places]
    stops = np.cumsum([stop - start for _, (start, stop) in kept]).tolist()

    shown = min(count, max_sequences)
    rows, lines = [], [Line("native", _chosen(native_letters, places), ~designed[places])]
    for index in range(shown):
        changed = np.array([a != b for a, b in zip(letters[index], native_letters, strict=True)], dtype=bool)
        row = [titles[index]]
        row += [value_text(values[index], key) for key, values in columns.items() if values is not None]
        row.append(f"{int(changed.sum()):,}")
        rows.append(row)
        lines.append(Line(titles[index], _chosen(letters[index], places), changed[places]))
    header = ["design", *(key for key, values in columns.items() if values is not None), "mutations"]

    of = f" of {name}" if name else ""
    body = [
        f"<p><strong>{escape(plural(count, 'design') + of)}</strong>: {int(designed.sum()):,} of "
        f"{plural(residues, 'residue')} designed</p>",
        table(header, rows, text={0}),
        note(
            "Score: mean −ln p of the designed residues in nats; lower is likelier.", left_out(shown, count, "designs")
        ),
    ]
    window = min(len(places), max_residues)
    body.append(
        note(
            "Orange: letters that differ from the native one." if count else "",
            "Gray: residues that were not designed." if not designed[places].all() else "",
            sentence,
            left_out(window, len(places), "residues"),
        )
    )
    body.append(alignment(lines, labels, stops, window))
    ids = [chain_numbers(parts)[place] for place in places]
    native_shown = _chosen(native_letters, places)
    if probabilities is not None:
        picture = logo_svg(
            mean_of(probabilities, "probabilities", residues)[places],
            labels,
            native=native_shown,
            designed_mask=designed[places],
            chain_ids=ids,
            max_residues=max_residues,
        )
        body.append(details("Sequence logo", picture, opened=True))
    if log_probabilities is not None:
        picture = _letters_heatmap(
            mean_of(log_probabilities, "log_probabilities", residues)[places], labels, native_shown, ids, max_residues
        )
        body.append(details("ln p of each letter", picture))
    body.append(warning_list(warnings))
    return view(body)


def _designed_chains(
    parts: list[tuple[str, tuple[int, int]]], designed: npt.NDArray[np.bool_]
) -> tuple[list[tuple[str, tuple[int, int]]], str]:
    """The chains of which something was designed, or else all, and a sentence that names the others."""
    kept = [part for part in parts if designed[part[1][0] : part[1][1]].any()]
    if not kept or len(kept) == len(parts):
        return parts, ""
    others = [chain for chain, _ in parts if chain not in {name for name, _ in kept}]
    if len(others) == 1:
        return kept, f"Chain {others[0]} was not designed and is left out."
    if len(others) <= 10:
        return kept, f"Chains {', '.join(others)} were not designed and are left out."
    return kept, f"{len(others)} chains were not designed and are left out."


def _chosen(letters: str, places: npt.NDArray[np.int64]) -> str:
    return "".join(letters[place] for place in places)


def _letters_heatmap(
    matrix: npt.NDArray[np.float64],
    residue_labels: Sequence[str],
    native: str,
    ids: list[str],
    max_residues: int,
) -> str:
    """ln p of the letters, those of similar chemistry beside each other."""
    columns = [LETTERS.index(letter) for letter in GROUPED]
    return heatmap_svg(
        matrix[:, columns],
        residue_labels,
        list(GROUPED),
        scale="sequential",
        low=-6.0,
        high=0.0,
        native=native,
        chain_ids=ids,
        max_residues=max_residues,
    )
