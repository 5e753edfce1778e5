"""The dictionaries that the published scripts beside ``protein_mpnn_run.py`` make."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from fastmpnn.compat._protein_structures import ParsedStructures, structures_of
from fastmpnn.compat._scripts import PathLike, ScriptRun, Words, joined, lists


def _dictionary(script: str, structures: ParsedStructures | None, **options: object) -> dict[str, Any]:
    """Run a script that makes a dictionary."""
    with ScriptRun(script) as run:
        if structures is not None:
            outlines = [
                {key: value for key, value in structure.items() if not key.startswith("coords_chain")}
                for structure in structures_of(structures)
            ]
            input_option = "jsonl_input_path" if script == "make_pssm_input_dict.py" else "input_path"
            run.option(input_option, run.write("parsed.jsonl", outlines, "pdb_dict_list"))
        run.option("output_path", os.path.join(run.out, "dictionary.jsonl"))
        for name, value in options.items():
            run.option(name, value)
        run.run()
        [dictionary] = run.lines("dictionary.jsonl")
    return dictionary


def assign_fixed_chains(pdb_dict_list: ParsedStructures, chain_list: Words = "") -> dict[str, list[list[str]]]:
    """Say which chains are designed, for ``chain_id_dict``.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures.
    chain_list : str or iterable of str
        Chains to design, ``"A C"``; chain A where there are none.

    Returns
    -------
    dict
        Designed and fixed chains by name, ``{"3HTN": [["A", "C"], ["B"]]}``.
    """
    return _dictionary("assign_fixed_chains.py", pdb_dict_list, chain_list=joined(chain_list))


def make_fixed_positions_dict(
    pdb_dict_list: ParsedStructures,
    position_list: str | Sequence[Words | Sequence[int]],
    chain_list: Words,
    specify_non_fixed: bool = False,
) -> dict[str, dict[str, list[int]]]:
    """Say which residues keep their letters, for ``fixed_positions_dict``.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures.
    position_list : str or list of lists
        Positions for each chain of ``chain_list``, from 1: ``"11 12, 1 2 3"`` or ``[[11, 12], [1, 2, 3]]``.
    chain_list : str or iterable of str
        The chains that these positions are of.
    specify_non_fixed : bool
        The positions are those to design, and all others are fixed.

    Returns
    -------
    dict
        Positions by name and chain, ``{"3HTN": {"A": [11, 12], "B": []}}``.
    """
    return _dictionary(
        "make_fixed_positions_dict.py",
        pdb_dict_list,
        position_list=lists(position_list, ", ", " "),
        chain_list=joined(chain_list),
        specify_non_fixed=True if specify_non_fixed else None,
    )


def make_tied_positions_dict(
    pdb_dict_list: ParsedStructures,
    chain_list: Words | None = None,
    position_list: str | Sequence[Words | Sequence[int]] | None = None,
    homooligomer: bool = False,
) -> dict[str, list[dict[str, list[int]]]]:
    """Say which residues share a letter, for ``tied_positions_dict``.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures.
    chain_list : str or iterable of str, optional
        The chains that the positions are of.
    position_list : str or list of lists, optional
        Positions for each of these chains, as many of each; those of one place share a letter.
    homooligomer : bool
        All chains share their letters, position by position.

    Returns
    -------
    dict
        Groups by name, ``{"4GYT": [{"A": [1], "B": [1]}]}``.
    """
    return _dictionary(
        "make_tied_positions_dict.py",
        pdb_dict_list,
        chain_list=joined(chain_list),
        position_list=lists(position_list, ", ", " "),
        homooligomer=int(homooligomer),
    )


def make_pos_neg_tied_positions_dict(
    pdb_dict_list: ParsedStructures,
    chain_list: Words | None = None,
    position_list: str | Sequence[Words | Sequence[int]] | None = None,
    homooligomer: bool = False,
    pos_neg_chain_list: str | Sequence[Words] | None = None,
    pos_neg_chain_betas: str | Sequence[Words | Sequence[float]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Say which residues share a letter and how much each counts, for ``tied_positions_dict``.

    Parameters
    ----------
    pdb_dict_list, chain_list, position_list, homooligomer
        As for :func:`make_tied_positions_dict`.
    pos_neg_chain_list : str or list of lists, optional
        With ``homooligomer``: groups of chains, ``"A B, C D"`` or ``[["A", "B"], ["C", "D"]]``.
    pos_neg_chain_betas : str or list of lists, optional
        A weight for each of these chains; negative ones are designed against.

    Returns
    -------
    dict
        Groups by name, ``{"4GYT": [{"A": [[1], [1.0]], "B": [[1], [-0.5]]}]}``.
    """
    return _dictionary(
        "make_pos_neg_tied_positions_dict.py",
        pdb_dict_list,
        chain_list=joined(chain_list),
        position_list=lists(position_list, ", ", " "),
        homooligomer=int(homooligomer),
        pos_neg_chain_list=lists(pos_neg_chain_list, ", ", " "),
        pos_neg_chain_betas=lists(pos_neg_chain_betas, ", ", " "),
    )


def make_bias_AA(AA_list: Words, bias_list: str | Iterable[float]) -> dict[str, float]:
    """Give letters a bias, for ``bias_AA_dict``.

    Parameters
    ----------
    AA_list : str or iterable of str
        Letters, ``"D E"``.
    bias_list : str or iterable of float
        What is added to the logits of each, at temperature 1.

    Returns
    -------
    dict
        Biases by letter.
    """
    biases = bias_list if isinstance(bias_list, str) else " ".join(str(float(bias)) for bias in bias_list)
    # A list that begins with a sign would be taken for an option.
    return _dictionary("make_bias_AA.py", None, AA_list=joined(AA_list), bias_list=f" {biases}")


def make_bias_per_res_dict(pdb_dict_list: ParsedStructures) -> dict[str, dict[str, list[list[float]]]]:
    """Give the published example of biases by residue: G and L in chain A, all but A in chain C.

    The published script is to be edited; a dictionary of your own has the same form.

    Returns
    -------
    dict
        Biases [N][21] by name and chain, for ``bias_by_res_dict``.
    """
    return _dictionary("make_bias_per_res_dict.py", pdb_dict_list)


def make_pssm_input_dict(pdb_dict_list: ParsedStructures, PSSM_input_path: PathLike) -> dict[str, dict[str, Any]]:
    """Read position-specific scores from ``NAME.npz`` of a folder, for ``pssm_dict``.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures.
    PSSM_input_path : path
        The folder; each file has ``X_coef`` [N], ``X_bias`` [N, 21] and ``X_odds`` [N, 21] for each chain X.

    Returns
    -------
    dict
        ``pssm_coef``, ``pssm_bias`` and ``pssm_log_odds`` by name and chain.
    """
    return _dictionary("make_pssm_input_dict.py", pdb_dict_list, PSSM_input_path=os.fspath(PSSM_input_path))


def make_pssm_dict(pdb_dict_list: ParsedStructures, pssm_path: PathLike) -> dict[str, dict[str, Any]]:
    """Read the position-specific scores that PSI-BLAST prints (``-out_ascii_pssm``), for ``pssm_dict``.

    Returns
    -------
    dict
        The same scores for every chain of every structure.
    """
    return _dictionary("make_pssm_dict.py", pdb_dict_list, pssm_path=os.fspath(pssm_path))


def make_omit_AA(pdb_dict_list: ParsedStructures, omit_list: str, name: str | None = None) -> dict[str, dict[str, Any]]:
    """Say which letters are not drawn at some positions, for ``omit_AA_dict``.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures.
    omit_list : str
        Chain, positions and letters, ``"A:1-3 7:GPL, B:4:C"``.
    name : str, optional
        The structure that it is for; all of them otherwise.

    Returns
    -------
    dict
        Positions and letters by name and chain, ``{"5L33": {"A": [[[1, 2, 3, 7], "GPL"]]}}``.
    """
    return _dictionary("make_omit_AA.py", pdb_dict_list, omit_list=omit_list, name=name)
