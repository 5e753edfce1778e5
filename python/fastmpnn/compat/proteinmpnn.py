"""ProteinMPNN's functions on Python dictionaries, without torch.

For code that imports ``protein_mpnn_utils`` to parse structures, and starts ``protein_mpnn_run.py`` or repeats its loop
to design and score:

>>> from fastmpnn.compat.proteinmpnn import design, make_fixed_positions_dict, parse_PDB
>>> structures = parse_PDB("examples/5L33.pdb")
>>> fixed = make_fixed_positions_dict(structures, position_list=[[1, 2, 3]], chain_list=["A"])
>>> [result] = design(structures, fixed_positions_dict=fixed, num_seq_per_target=2, seed=37)
>>> [sequence["seq"] for sequence in result["designs"]]  # doctest: +SKIP

Dictionaries have the forms of the published scripts: positions count from 1 along each chain, gaps in the numbering
included. A seed gives the sequences that the published script gives on a CPU. Arguments have the names of the published
script's options; ``None``, the default of most, leaves an option out, so that it has the published default.

Where the published functions have tensors, these have NumPy's arrays. The network itself is :class:`fastmpnn.Model`.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from fastmpnn._errors import SettingError
from fastmpnn.compat._protein_dictionaries import (
    assign_fixed_chains,
    make_bias_AA,
    make_bias_per_res_dict,
    make_fixed_positions_dict,
    make_omit_AA,
    make_pos_neg_tied_positions_dict,
    make_pssm_dict,
    make_pssm_input_dict,
    make_tied_positions_dict,
)
from fastmpnn.compat._protein_structures import (
    ParsedStructures,
    StructureDataset,
    StructureDatasetPDB,
    _S_to_seq,
    _scores,
    alphabet,
    parse_fasta,
    parse_multiple_chains,
    parse_PDB,
    structures_of,
)
from fastmpnn.compat._proteinmpnn_results import DesignedSequence, LetterProbabilities, ScoredSequence, StructureDesigns
from fastmpnn.compat._scripts import PathLike, ScriptRun, Words, fasta, fields, joined, no_results, unique

__all__ = [
    "StructureDataset",
    "StructureDatasetPDB",
    "_S_to_seq",
    "_scores",
    "alphabet",
    "assign_fixed_chains",
    "conditional_probs",
    "design",
    "make_bias_AA",
    "make_bias_per_res_dict",
    "make_fixed_positions_dict",
    "make_omit_AA",
    "make_pos_neg_tied_positions_dict",
    "make_pssm_dict",
    "make_pssm_input_dict",
    "make_tied_positions_dict",
    "parse_PDB",
    "parse_fasta",
    "parse_multiple_chains",
    "score",
    "unconditional_probs",
]


class _Settings(TypedDict, total=False):
    """The arguments that all calls of the script have in common."""

    chain_id_dict: Mapping[str, Any] | None
    fixed_positions_dict: Mapping[str, Any] | None
    ca_only: bool
    use_soluble_model: bool
    model_name: str | None
    path_to_model_weights: PathLike | None
    num_seq_per_target: int | None
    batch_size: int | None
    backbone_noise: float | None
    seed: int | None
    max_length: int | None
    out_folder: PathLike | None


def _prepared(run: ScriptRun, structures: list[Mapping[str, Any]], settings: _Settings) -> None:
    unique(str(structure.get("name")) for structure in structures)
    run.option("out_folder", run.out)
    run.option("jsonl_path", run.write("parsed_pdbs.jsonl", structures, "pdb_dict_list"))
    run.json("chain_id_jsonl", settings.get("chain_id_dict"), "chain_id_dict")
    run.json("fixed_positions_jsonl", settings.get("fixed_positions_dict"), "fixed_positions_dict")
    run.option("ca_only", True if settings.get("ca_only") else None)
    run.option("use_soluble_model", True if settings.get("use_soluble_model") else None)
    run.option("model_name", settings.get("model_name"))
    weights = settings.get("path_to_model_weights")
    run.option("path_to_model_weights", None if weights is None else os.fspath(weights) or None)
    run.number("num_seq_per_target", settings.get("num_seq_per_target"))
    run.number("batch_size", settings.get("batch_size"))
    run.number("backbone_noise", settings.get("backbone_noise"))
    run.number("seed", settings.get("seed"))
    run.number("max_length", settings.get("max_length"))


_NATIVE = re.compile(
    r"(?P<name>.*), score=(?P<score>\S+), global_score=(?P<global_score>\S+), fixed_chains=(?P<fixed>\[.*?\]), "
    r"designed_chains=(?P<designed>\[.*?\]), (?:CA_)?model_name=(?P<model>.*), git_hash=(?P<hash>\S*), "
    r"seed=(?P<seed>\d+)"
)
_SAMPLE = re.compile(
    r"T=(?P<T>\S+), sample=(?P<sample>\d+), score=(?P<score>\S+), global_score=(?P<global_score>\S+), "
    r"seq_recovery=(?P<recovery>\S+)"
)


def _designs(text: str) -> StructureDesigns:
    """Give what a file of sequences says."""
    (header, native), *drawn = fasta(text)
    parts = fields(header, _NATIVE)
    designs: list[DesignedSequence] = []
    for line, sequence in drawn:
        own = fields(line, _SAMPLE)
        designs.append(
            {
                "T": float(own["T"]),
                "sample": int(own["sample"]),
                "score": float(own["score"]),
                "global_score": float(own["global_score"]),
                "seq_recovery": float(own["recovery"]),
                "seq": sequence,
            }
        )
    return {
        "name": parts["name"],
        "score": float(parts["score"]),
        "global_score": float(parts["global_score"]),
        "fixed_chains": ast.literal_eval(parts["fixed"]),
        "designed_chains": ast.literal_eval(parts["designed"]),
        "model_name": parts["model"],
        "seed": int(parts["seed"]),
        "seq": native,
        "designs": designs,
        "fasta": text,
    }


def design(
    pdb_dict_list: ParsedStructures,
    chain_id_dict: Mapping[str, Any] | None = None,
    fixed_positions_dict: Mapping[str, Any] | None = None,
    tied_positions_dict: Mapping[str, Any] | None = None,
    omit_AA_dict: Mapping[str, Any] | None = None,
    bias_AA_dict: Mapping[str, float] | None = None,
    bias_by_res_dict: Mapping[str, Any] | None = None,
    pssm_dict: Mapping[str, Any] | None = None,
    *,
    num_seq_per_target: int | None = None,
    batch_size: int | None = None,
    sampling_temp: str | float | Iterable[float] | None = None,
    seed: int | None = None,
    model_name: str | None = None,
    path_to_model_weights: PathLike | None = None,
    ca_only: bool = False,
    use_soluble_model: bool = False,
    omit_AAs: Words | None = None,
    backbone_noise: float | None = None,
    pssm_multi: float | None = None,
    pssm_threshold: float | None = None,
    pssm_log_odds_flag: bool | None = None,
    pssm_bias_flag: bool | None = None,
    max_length: int | None = None,
    save_score: bool = False,
    save_probs: bool = False,
    out_folder: PathLike | None = None,
) -> list[StructureDesigns]:
    """Draw sequences as ``protein_mpnn_run.py`` does.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures, or one; their order decides the random numbers.
    chain_id_dict : dict, optional
        Designed and fixed chains, ``{"3HTN": [["A"], ["B"]]}``; all chains are designed otherwise.
    fixed_positions_dict : dict, optional
        Residues that keep their letters, ``{"3HTN": {"A": [1, 2], "B": []}}``.
    tied_positions_dict : dict, optional
        Residues that share a letter, ``{"4GYT": [{"A": [1], "B": [1]}]}``, or with weights ``{"A": [[1], [1.0]]}``.
    omit_AA_dict : dict, optional
        Letters that are not drawn, ``{"5L33": {"A": [[[1, 2, 3], "GPL"]]}}``.
    bias_AA_dict : dict, optional
        Biases by letter, ``{"A": -1.1}``.
    bias_by_res_dict : dict, optional
        Biases by residue, ``{"5L33": {"A": array [N, 21]}}``.
    pssm_dict : dict, optional
        ``{"5L33": {"A": {"pssm_coef": [N], "pssm_bias": [N, 21], "pssm_log_odds": [N, 21]}}}``.
    num_seq_per_target, batch_size : int, optional
        Sequences at each temperature, and how many of them the published script would decode together: the batch size
        changes the random numbers, and sequences that do not fill a batch are left out. 1 and 1.
    sampling_temp : float, str or iterable of float, optional
        Temperatures; 0.1.
    seed : int, optional
        One below 999 is drawn where it is 0 or left out.
    model_name : str, optional
        ``"v_48_002"``, ``"v_48_010"``, ``"v_48_020"`` (the default) or ``"v_48_030"``.
    path_to_model_weights : path, optional
        A folder that holds ``MODEL_NAME.pt``.
    ca_only, use_soluble_model : bool
        The networks for CA atoms alone, and those trained on soluble proteins.
    omit_AAs : str or iterable of str, optional
        Letters that are not drawn anywhere; they replace the default X.
    backbone_noise : float, optional
        Standard deviation of noise on the coordinates, Å; 0.
    pssm_multi, pssm_threshold, pssm_log_odds_flag, pssm_bias_flag : optional
        The share of ``pssm_bias``, the log odds up to which letters are masked, and whether either is used.
    max_length : int, optional
        Longer structures are left out; 200000.
    save_score, save_probs : bool
        Whether the results have the arrays of the files ``scores/NAME.npz`` and ``probs/NAME.npz``.
    out_folder : path, optional
        A folder for the files of the published script, besides the result.

    Returns
    -------
    list of StructureDesigns
        A dictionary for each structure: what ``seqs/NAME.fa`` says.

    Raises
    ------
    InputError, SelectionError, SettingError, CheckpointError
        With the script's sentence; one line for each structure that cannot be used.
    """
    structures = structures_of(pdb_dict_list)
    settings: _Settings = {
        "chain_id_dict": chain_id_dict,
        "fixed_positions_dict": fixed_positions_dict,
        "ca_only": ca_only,
        "use_soluble_model": use_soluble_model,
        "model_name": model_name,
        "path_to_model_weights": path_to_model_weights,
        "num_seq_per_target": num_seq_per_target,
        "batch_size": batch_size,
        "backbone_noise": backbone_noise,
        "seed": seed,
        "max_length": max_length,
    }
    if isinstance(sampling_temp, (int, float)):
        sampling_temp = str(float(sampling_temp))
    elif sampling_temp is not None and not isinstance(sampling_temp, str):
        sampling_temp = " ".join(str(float(temperature)) for temperature in sampling_temp)
    with ScriptRun("protein_mpnn_run.py", out_folder) as run:
        _prepared(run, structures, settings)
        run.json("tied_positions_jsonl", tied_positions_dict, "tied_positions_dict")
        run.json("omit_AA_jsonl", omit_AA_dict, "omit_AA_dict")
        run.json("bias_AA_jsonl", bias_AA_dict, "bias_AA_dict")
        run.json("bias_by_res_jsonl", bias_by_res_dict, "bias_by_res_dict")
        run.json("pssm_jsonl", pssm_dict, "pssm_dict")
        run.option("sampling_temp", sampling_temp)
        run.option("omit_AAs", joined(omit_AAs, ""))
        run.number("pssm_multi", pssm_multi)
        run.number("pssm_threshold", pssm_threshold)
        run.number("pssm_log_odds_flag", pssm_log_odds_flag)
        run.number("pssm_bias_flag", pssm_bias_flag)
        run.number("save_score", save_score)
        run.number("save_probs", save_probs)
        printed = run.run()
        results = [_with_arrays(run, str(structure["name"]), save_score, save_probs) for structure in structures]
    found = [result for result in results if result is not None]
    if structures and not found:
        raise no_results(printed)
    return found


def _with_arrays(run: ScriptRun, name: str, save_score: bool, save_probs: bool) -> StructureDesigns | None:
    """Give what was drawn for a structure; ``None`` where it was too long."""
    if run.result("seqs", f"{name}.fa") is None:
        return None
    result = _designs(run.text("seqs", f"{name}.fa"))
    if save_score:
        arrays = run.arrays("scores", f"{name}.npz")
        result["scores"], result["global_scores"] = arrays["score"], arrays["global_score"]
    if save_probs:
        arrays = run.arrays("probs", f"{name}.npz")
        result["probs"], result["log_probs"] = arrays["probs"], arrays["log_probs"]
        result["S"], result["mask"], result["chain_order"] = arrays["S"], arrays["mask"], arrays["chain_order"]
    return result


def score(
    pdb_dict_list: ParsedStructures,
    sequences: Iterable[str] | Mapping[str, str] | None = None,
    chain_id_dict: Mapping[str, Any] | None = None,
    fixed_positions_dict: Mapping[str, Any] | None = None,
    *,
    path_to_fasta: PathLike | None = None,
    num_seq_per_target: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    model_name: str | None = None,
    path_to_model_weights: PathLike | None = None,
    ca_only: bool = False,
    use_soluble_model: bool = False,
    backbone_noise: float | None = None,
    max_length: int | None = None,
    out_folder: PathLike | None = None,
) -> list[ScoredSequence]:
    """Score sequences as ``protein_mpnn_run.py --score_only 1`` does.

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures, or one.
    sequences : iterable of str or dict, optional
        Sequences for each structure, besides its native one: the designed chains, sorted, with or without ``/`` between
        them. Of a dictionary the values count.
    path_to_fasta : path, optional
        The same, in a file.
    num_seq_per_target, batch_size : int, optional
        How many decoding orders each sequence is scored in, and how many the published script would take together.
    chain_id_dict, fixed_positions_dict, seed, model_name, path_to_model_weights, ca_only, use_soluble_model, \
backbone_noise, max_length, out_folder
        As for :func:`design`.

    Returns
    -------
    list of ScoredSequence
        For each structure its native sequence, then those that were given.
    """
    structures = structures_of(pdb_dict_list)
    if sequences is not None and path_to_fasta is not None:
        raise SettingError("sequences and path_to_fasta: give one of them")
    settings: _Settings = {
        "chain_id_dict": chain_id_dict,
        "fixed_positions_dict": fixed_positions_dict,
        "ca_only": ca_only,
        "use_soluble_model": use_soluble_model,
        "model_name": model_name,
        "path_to_model_weights": path_to_model_weights,
        "num_seq_per_target": num_seq_per_target,
        "batch_size": batch_size,
        "backbone_noise": backbone_noise,
        "seed": seed,
        "max_length": max_length,
    }
    with ScriptRun("protein_mpnn_run.py", out_folder) as run:
        _prepared(run, structures, settings)
        run.number("score_only", True)
        if sequences is not None:
            given = list(sequences.values()) if isinstance(sequences, Mapping) else list(sequences)
            path = run.path("sequences.fa", "sequences")
            text = "".join(f">{number}\n{sequence}\n" for number, sequence in enumerate(given, 1))
            Path(path).write_text(text, encoding="utf-8")
            run.option("path_to_fasta", path)
        elif path_to_fasta is not None:
            run.option("path_to_fasta", os.fspath(path_to_fasta))
        printed = run.run()
        results: list[ScoredSequence] = []
        for structure in structures:
            results.extend(_scored(run, str(structure["name"])))
    if structures and not results:
        raise no_results(printed)
    return results


def _scored(run: ScriptRun, name: str) -> Iterable[ScoredSequence]:
    number = 0
    while run.result("score_only", (file := f"{name}_fasta_{number}" if number else f"{name}_pdb") + ".npz"):
        arrays = run.arrays("score_only", f"{file}.npz")
        yield {
            "name": name,
            "file": file,
            "score": arrays["score"],
            "global_score": arrays["global_score"],
            "S": arrays["S"],
            "seq_str": str(arrays["seq_str"]),
        }
        number += 1


def conditional_probs(
    pdb_dict_list: ParsedStructures,
    chain_id_dict: Mapping[str, Any] | None = None,
    fixed_positions_dict: Mapping[str, Any] | None = None,
    *,
    backbone_only: bool = False,
    num_seq_per_target: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    model_name: str | None = None,
    path_to_model_weights: PathLike | None = None,
    ca_only: bool = False,
    use_soluble_model: bool = False,
    backbone_noise: float | None = None,
    max_length: int | None = None,
    out_folder: PathLike | None = None,
) -> list[LetterProbabilities]:
    """Give ln p of each designed residue, given all other letters (``--conditional_probs_only 1``).

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures, or one.
    backbone_only : bool
        Decode each residue before all others instead (``--conditional_probs_only_backbone 1``).
    chain_id_dict, fixed_positions_dict, num_seq_per_target, batch_size, seed, model_name, path_to_model_weights, \
ca_only, use_soluble_model, backbone_noise, max_length, out_folder
        As for :func:`design`.

    Returns
    -------
    list of LetterProbabilities
        A dictionary for each structure.
    """
    settings: _Settings = {
        "chain_id_dict": chain_id_dict,
        "fixed_positions_dict": fixed_positions_dict,
        "ca_only": ca_only,
        "use_soluble_model": use_soluble_model,
        "model_name": model_name,
        "path_to_model_weights": path_to_model_weights,
        "num_seq_per_target": num_seq_per_target,
        "batch_size": batch_size,
        "backbone_noise": backbone_noise,
        "seed": seed,
        "max_length": max_length,
        "out_folder": out_folder,
    }
    options = ["conditional_probs_only"] + ["conditional_probs_only_backbone"] * backbone_only
    return _probabilities(structures_of(pdb_dict_list), settings, options)


def unconditional_probs(
    pdb_dict_list: ParsedStructures,
    chain_id_dict: Mapping[str, Any] | None = None,
    fixed_positions_dict: Mapping[str, Any] | None = None,
    *,
    num_seq_per_target: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    model_name: str | None = None,
    path_to_model_weights: PathLike | None = None,
    ca_only: bool = False,
    use_soluble_model: bool = False,
    backbone_noise: float | None = None,
    max_length: int | None = None,
    out_folder: PathLike | None = None,
) -> list[LetterProbabilities]:
    """Give ln p of each residue, given the backbone alone (``--unconditional_probs_only 1``).

    Parameters
    ----------
    pdb_dict_list : list of dict
        Parsed structures, or one.
    chain_id_dict, fixed_positions_dict, num_seq_per_target, batch_size, seed, model_name, path_to_model_weights, \
ca_only, use_soluble_model, backbone_noise, max_length, out_folder
        As for :func:`design`.

    Returns
    -------
    list of LetterProbabilities
        A dictionary for each structure.
    """
    settings: _Settings = {
        "chain_id_dict": chain_id_dict,
        "fixed_positions_dict": fixed_positions_dict,
        "ca_only": ca_only,
        "use_soluble_model": use_soluble_model,
        "model_name": model_name,
        "path_to_model_weights": path_to_model_weights,
        "num_seq_per_target": num_seq_per_target,
        "batch_size": batch_size,
        "backbone_noise": backbone_noise,
        "seed": seed,
        "max_length": max_length,
        "out_folder": out_folder,
    }
    return _probabilities(structures_of(pdb_dict_list), settings, ["unconditional_probs_only"])


def _probabilities(
    structures: list[Mapping[str, Any]], settings: _Settings, options: list[str]
) -> list[LetterProbabilities]:
    with ScriptRun("protein_mpnn_run.py", settings.get("out_folder")) as run:
        _prepared(run, structures, settings)
        for option in options:
            run.number(option, True)
        printed = run.run()
        results: list[LetterProbabilities] = []
        for structure in structures:
            name = str(structure["name"])
            if run.result(options[0], f"{name}.npz"):
                arrays = run.arrays(options[0], f"{name}.npz")
                results.append(
                    {
                        "name": name,
                        "log_p": arrays["log_p"],
                        "S": arrays["S"],
                        "mask": arrays["mask"],
                        "design_mask": arrays["design_mask"],
                    }
                )
    if structures and not results:
        raise no_results(printed)
    return results
