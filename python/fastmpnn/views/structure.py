"""What notebooks show of structures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from .checks import chain_parts, expect_shape
from .fragments import Line, alignment, note, plural, table, view, warning_list
from .svg import left_out

MAX_ROWS = 50


def structure_html(
    name: str,
    sequence: str,
    residue_labels: Sequence[str],
    *,
    chains: Sequence[str],
    resolved: npt.ArrayLike | None = None,
    ligand_atoms: int = 0,
    warnings: Sequence[str] = (),
    max_residues: int = 1000,
) -> str:
    """A structure: its chains, their lengths and sequences, and what the reader warned of.

    Parameters
    ----------
    name : str
        The structure's name.
    sequence : str
        One letter a residue, ``/`` between chains.
    residue_labels : sequence of str, [N]
        What each residue is called, such as ``"A17"``.
    chains : sequence of str
        The ids of the chains, in the order of `sequence`.
    resolved : array_like of bool, [N], optional
        Which residues have a backbone; all unless given.
    ligand_atoms : int
        The number of atoms of ligands, nucleic acids and ions.
    warnings : sequence of str
        What the reader warned of.
    max_residues : int
        How many letters to show.

    Returns
    -------
    str
        HTML.
    """
    parts = chain_parts(sequence, chains, len(residue_labels))
    seen = np.ones(len(residue_labels), dtype=bool) if resolved is None else np.asarray(resolved, dtype=bool)
    expect_shape(seen, "resolved", (len(residue_labels),))
    rows = []
    for chain, (start, stop) in parts[:MAX_ROWS]:
        missing = int((~seen[start:stop]).sum())
        span = f"{residue_labels[start]} to {residue_labels[stop - 1]}" if stop > start else ""
        rows.append([chain, f"{stop - start:,}", span, f"{missing:,}"])
    count = len(residue_labels)
    words = [f"{plural(count, 'residue')} in {plural(len(parts), 'chain')}"]
    if ligand_atoms:
        words.append(plural(ligand_atoms, "ligand atom"))
    if warnings:
        words.append(plural(len(warnings), "warning"))
    body = [f"<p><strong>{escape(name)}</strong>: {escape(', '.join(words))}</p>"]
    body.append(table(["chain", "residues", "numbers", "without backbone"], rows, text={0, 2}))
    body.append(note(left_out(len(rows), len(parts), "chains")))
    shown = min(count, max_residues)
    fixed = "Gray: residues without a backbone." if not seen[:shown].all() else ""
    body.append(note(fixed, left_out(shown, count, "residues")))
    lines = [Line("", sequence.replace("/", ""), ~seen)]
    body.append(alignment(lines, residue_labels, [stop for _, (_, stop) in parts], shown, tag="u"))
    body.append(warning_list(warnings))
    return view(body)
