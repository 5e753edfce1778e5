"""LigandMPNN's functions on Python values, without torch and ProDy.

For code that imports ``data_utils`` to parse structures, and starts ``run.py`` or ``score.py``, or repeats their loops:

>>> from fastmpnn.compat.ligandmpnn import design, parse_PDB
>>> protein_dict, backbone, other_atoms, icodes, water_atoms = parse_PDB("examples/5L33.pdb")
>>> protein_dict["X"].shape
(106, 4, 3)
>>> [result] = design("examples/5L33.pdb", redesigned_residues=["A12", "A13"], seed=111)
>>> [sequence["seq"] for sequence in result["designs"]]  # doctest: +SKIP

Residues are named by chain, number and insertion code: ``A12``, ``H100A``. A seed gives the sequences that the
published scripts give on a CPU. Arguments have the names of the published scripts' options; ``None``, the default of
most, leaves an option out, so that it has the published default. Options that name a JSON file take a dictionary, too.

Where the published functions have tensors, these have NumPy's arrays. The network itself is :class:`fastmpnn.Model`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from fastmpnn._errors import SettingError
from fastmpnn.compat import _torch_file
from fastmpnn.compat._atoms import Atoms
from fastmpnn.compat._ligand_structures import (
    ProteinDict,
    get_score,
    get_seq_rec,
    parse_PDB,
    write_full_PDB,
    writePDB,
)
from fastmpnn.compat._ligand_tables import (
    alphabet,
    element_dict_rev,
    element_list,
    restype_1to3,
    restype_3to1,
    restype_int_to_str,
    restype_name_to_atom14_names,
    restype_str_to_int,
)
from fastmpnn.compat._ligandmpnn_results import DesignedSequence, StructureDesigns, StructureScores
from fastmpnn.compat._scripts import PathLike, ScriptRun, Words, fasta, fields, joined, lists, no_results, unique

__all__ = [
    "Atoms",
    "ProteinDict",
    "alphabet",
    "design",
    "element_dict_rev",
    "element_list",
    "get_score",
    "get_seq_rec",
    "parse_PDB",
    "restype_1to3",
    "restype_3to1",
    "restype_int_to_str",
    "restype_name_to_atom14_names",
    "restype_str_to_int",
    "score",
    "writePDB",
    "write_full_PDB",
]

#: A dictionary, or the path of a JSON file that holds it.
Dictionary = Mapping[Any, Any] | PathLike
#: Residue names by the path of a structure, or the path of a JSON file that holds them.
ByPath = Mapping[Any, Words] | PathLike


_NATIVE = re.compile(
    r"(?P<name>.*), T=(?P<T>\S+), seed=(?P<seed>\d+), num_res=(?P<num_res>\d+), "
    r"num_ligand_res=(?P<num_ligand_res>\d+), use_ligand_context=(?P<context>True|False), "
    r"ligand_cutoff_distance=(?P<cutoff>\S+), batch_size=(?P<batch_size>\d+), "
    r"number_of_batches=(?P<batches>\d+), model_path=(?P<model_path>.*)"
)
_SAMPLE = re.compile(
    r".*, id=(?P<id>\d+), T=(?P<T>\S+), seed=(?P<seed>\d+), overall_confidence=(?P<overall>\S+), "
    r"ligand_confidence=(?P<ligand>\S+), seq_rec=(?P<seq_rec>\S+)"
)


def _paths(pdb_path: PathLike | None, pdb_path_multi: Iterable[PathLike] | Mapping[str, Any] | None) -> list[str]:
    if (pdb_path is None) == (pdb_path_multi is None):
        raise SettingError("pdb_path and pdb_path_multi: give one of them")
    paths = [pdb_path] if pdb_path is not None else list(pdb_path_multi or ())
    texts = [os.fspath(path) for path in paths]
    unique(_name(path) for path in texts)
    return texts


def _name(path: str) -> str:
    return path[path.rfind("/") + 1 :].removesuffix(".pdb")


def _file(run: ScriptRun, name: str, value: Dictionary | None) -> None:
    """Add an option that takes a JSON file."""
    if isinstance(value, (str, os.PathLike)):
        run.option(name, os.fspath(value) or None)
    elif value is not None:
        by_path = {os.fspath(key): item for key, item in value.items()}
        run.json(name, by_path, name)


def _prepared(run: ScriptRun, paths: list[str], pdb_path: PathLike | None, options: Mapping[str, Any]) -> None:
    """Add the options that both scripts have."""
    run.option("out_folder", run.out)
    run.number("verbose", False)
    if pdb_path is not None:
        run.option("pdb_path", paths[0])
    else:
        run.json("pdb_path_multi", dict.fromkeys(paths, ""), "pdb_path_multi")
    for name, value in options.items():
        if isinstance(value, (bool, int, float)):
            run.number(name, value)
        elif value is not None and os.fspath(value):
            run.option(name, os.fspath(value))


def design(
    pdb_path: PathLike | None = None,
    *,
    pdb_path_multi: Iterable[PathLike] | Mapping[str, Any] | None = None,
    model_type: str | None = None,
    checkpoint_protein_mpnn: PathLike | None = None,
    checkpoint_ligand_mpnn: PathLike | None = None,
    checkpoint_per_residue_label_membrane_mpnn: PathLike | None = None,
    checkpoint_global_label_membrane_mpnn: PathLike | None = None,
    checkpoint_soluble_mpnn: PathLike | None = None,
    fasta_seq_separation: str | None = None,
    fixed_residues: Words | None = None,
    fixed_residues_multi: ByPath | None = None,
    redesigned_residues: Words | None = None,
    redesigned_residues_multi: ByPath | None = None,
    bias_AA: str | Mapping[str, float] | None = None,
    bias_AA_per_residue: Dictionary | None = None,
    bias_AA_per_residue_multi: Dictionary | None = None,
    omit_AA: Words | None = None,
    omit_AA_per_residue: Dictionary | None = None,
    omit_AA_per_residue_multi: Dictionary | None = None,
    symmetry_residues: str | Sequence[Words] | None = None,
    symmetry_weights: str | Sequence[Words | Sequence[float]] | None = None,
    homo_oligomer: bool | None = None,
    out_folder: PathLike | None = None,
    file_ending: str | None = None,
    zero_indexed: bool = False,
    seed: int | None = None,
    batch_size: int | None = None,
    number_of_batches: int | None = None,
    temperature: float | None = None,
    save_stats: bool = False,
    ligand_mpnn_use_atom_context: bool | None = None,
    ligand_mpnn_cutoff_for_score: float | None = None,
    ligand_mpnn_use_side_chain_context: bool | None = None,
    chains_to_design: Words | None = None,
    parse_these_chains_only: Words | None = None,
    transmembrane_buried: Words | None = None,
    transmembrane_interface: Words | None = None,
    global_transmembrane_label: bool | None = None,
    parse_atoms_with_zero_occupancy: bool | None = None,
    pack_side_chains: bool | None = None,
    checkpoint_path_sc: PathLike | None = None,
    number_of_packs_per_design: int | None = None,
    sc_num_denoising_steps: int | None = None,
    sc_num_samples: int | None = None,
    repack_everything: bool | None = None,
    force_hetatm: bool | None = None,
    packed_suffix: str | None = None,
    pack_with_ligand_context: bool | None = None,
) -> list[StructureDesigns]:
    """Draw sequences as LigandMPNN's ``run.py`` does.

    Parameters
    ----------
    pdb_path : path
        A structure.
    pdb_path_multi : iterable of paths or dict
        Structures, instead; of a dictionary the keys count.
    model_type : str, optional
        ``"protein_mpnn"`` (the default), ``"ligand_mpnn"``, ``"soluble_mpnn"``,
        ``"per_residue_label_membrane_mpnn"`` or ``"global_label_membrane_mpnn"``.
    checkpoint_protein_mpnn, checkpoint_ligand_mpnn, checkpoint_per_residue_label_membrane_mpnn, \
checkpoint_global_label_membrane_mpnn, checkpoint_soluble_mpnn : path, optional
        The checkpoint of each of these networks, a file or the name of a published one.
    fixed_residues, redesigned_residues : str or iterable of str, optional
        Residues that keep their letters, or the only ones that are designed, ``"A12 A13"`` or ``["A12", "A13"]``.
    bias_AA : str or dict, optional
        Biases by letter, ``"A:-1.024,P:2.34"`` or ``{"A": -1.024}``.
    bias_AA_per_residue : dict or path, optional
        Biases by residue, ``{"A12": {"G": -0.3}}``.
    omit_AA : str, optional
        Letters that are not drawn.
    omit_AA_per_residue : dict or path, optional
        Letters that are not drawn at some residues, ``{"A12": "APQ"}``.
    fixed_residues_multi, redesigned_residues_multi, bias_AA_per_residue_multi, \
omit_AA_per_residue_multi : dict or path, optional
        The same by the path of the structure.
    symmetry_residues, symmetry_weights : str or list of lists, optional
        Residues that share a letter, ``"A12,A13|C2,C3"`` or ``[["A12", "A13"], ["C2", "C3"]]``, and the weight of each.
    homo_oligomer : bool, optional
        Residues of one number in all chains share a letter.
    zero_indexed : bool
        Number the designs from 0.
    seed : int, optional
        One below 99999 is drawn where it is 0 or left out.
    batch_size, number_of_batches : int, optional
        Their product is the number of designs; 1 and 1. The batch size changes the random numbers.
    temperature : float, optional
        0.1.
    save_stats : bool
        Whether the result has ``stats``.
    chains_to_design, parse_these_chains_only : str or iterable of str, optional
        Chains that are designed, and those that are read, ``"A,B"``.
    transmembrane_buried, transmembrane_interface : str or iterable of str, optional
        Residues, for the membrane network with labels by residue.
    global_transmembrane_label : bool, optional
        For the membrane network with one label.
    pack_side_chains : bool, optional
        Give ``packed``.
    number_of_packs_per_design : int, optional
        How many packings of each design; 4.
    out_folder : path, optional
        A folder for the files of the published script, besides the result.
    fasta_seq_separation, file_ending, ligand_mpnn_use_atom_context, ligand_mpnn_cutoff_for_score, \
ligand_mpnn_use_side_chain_context, parse_atoms_with_zero_occupancy, checkpoint_path_sc, sc_num_denoising_steps, \
sc_num_samples, repack_everything, force_hetatm, packed_suffix, pack_with_ligand_context
        As the options of ``run.py``.

    Returns
    -------
    list of StructureDesigns
        A dictionary for each structure.

    Raises
    ------
    InputError, SelectionError, SettingError, CheckpointError
        With the script's sentence; one line for each structure that cannot be used.
    """
    if isinstance(bias_AA, Mapping):
        bias_AA = ",".join(f"{letter}:{float(bias)}" for letter, bias in bias_AA.items())
    ending, suffix = file_ending or "", "_packed" if packed_suffix is None else packed_suffix
    paths = _paths(pdb_path, pdb_path_multi)
    with ScriptRun("run.py", out_folder) as run:
        _prepared(
            run,
            paths,
            pdb_path,
            {
                "model_type": model_type,
                "checkpoint_protein_mpnn": checkpoint_protein_mpnn,
                "checkpoint_ligand_mpnn": checkpoint_ligand_mpnn,
                "checkpoint_per_residue_label_membrane_mpnn": checkpoint_per_residue_label_membrane_mpnn,
                "checkpoint_global_label_membrane_mpnn": checkpoint_global_label_membrane_mpnn,
                "checkpoint_soluble_mpnn": checkpoint_soluble_mpnn,
                "fixed_residues": joined(fixed_residues),
                "redesigned_residues": joined(redesigned_residues),
                "bias_AA": bias_AA,
                "omit_AA": joined(omit_AA, ""),
                "symmetry_residues": lists(symmetry_residues, "|", ","),
                "symmetry_weights": lists(symmetry_weights, "|", ","),
                "homo_oligomer": homo_oligomer,
                "file_ending": file_ending,
                "zero_indexed": "1" if zero_indexed else None,
                "seed": seed,
                "batch_size": batch_size,
                "number_of_batches": number_of_batches,
                "temperature": temperature,
                "save_stats": save_stats,
                "ligand_mpnn_use_atom_context": ligand_mpnn_use_atom_context,
                "ligand_mpnn_cutoff_for_score": ligand_mpnn_cutoff_for_score,
                "ligand_mpnn_use_side_chain_context": ligand_mpnn_use_side_chain_context,
                "chains_to_design": joined(chains_to_design, ","),
                "parse_these_chains_only": joined(parse_these_chains_only, ","),
                "transmembrane_buried": joined(transmembrane_buried),
                "transmembrane_interface": joined(transmembrane_interface),
                "global_transmembrane_label": global_transmembrane_label,
                "parse_atoms_with_zero_occupancy": parse_atoms_with_zero_occupancy,
                "pack_side_chains": pack_side_chains,
                "checkpoint_path_sc": checkpoint_path_sc,
                "number_of_packs_per_design": number_of_packs_per_design,
                "sc_num_denoising_steps": sc_num_denoising_steps,
                "sc_num_samples": sc_num_samples,
                "repack_everything": repack_everything,
                "force_hetatm": force_hetatm,
                "pack_with_ligand_context": pack_with_ligand_context,
            },
        )
        # Empty texts count here: nothing between chains, no suffix.
        run.option("fasta_seq_separation", fasta_seq_separation)
        run.option("packed_suffix", packed_suffix)
        _file(run, "fixed_residues_multi", _as_texts(fixed_residues_multi))
        _file(run, "redesigned_residues_multi", _as_texts(redesigned_residues_multi))
        _file(run, "bias_AA_per_residue", bias_AA_per_residue)
        _file(run, "bias_AA_per_residue_multi", bias_AA_per_residue_multi)
        _file(run, "omit_AA_per_residue", omit_AA_per_residue)
        _file(run, "omit_AA_per_residue_multi", omit_AA_per_residue_multi)
        printed = run.run()
        if paths and run.result("seqs", f"{_name(paths[0])}{ending}.fa") is None:
            raise no_results(printed)
        return [_designs(run, path, ending, suffix, save_stats) for path in paths]


def _as_texts(value: ByPath | None) -> Dictionary | None:
    """Give residue names by path as texts, the only form that the published script has for them."""
    if isinstance(value, Mapping):
        return {os.fspath(key): joined(words) for key, words in value.items()}
    return value


def _designs(run: ScriptRun, path: str, ending: str, suffix: str, save_stats: bool) -> StructureDesigns:
    """Give what was drawn for a structure."""
    name = _name(path)
    text = run.text("seqs", f"{name}{ending}.fa")
    (header, native), *drawn = fasta(text)
    parts = fields(header, _NATIVE)
    designs: list[DesignedSequence] = []
    for line, sequence in drawn:
        own = fields(line, _SAMPLE)
        number = own["id"]
        one: DesignedSequence = {
            "id": int(number),
            "T": float(own["T"]),
            "seed": int(own["seed"]),
            "overall_confidence": float(own["overall"]),
            "ligand_confidence": float(own["ligand"]),
            "seq_rec": float(own["seq_rec"]),
            "seq": sequence,
            "backbone": run.text("backbones", f"{name}_{number}{ending}.pdb"),
        }
        packed: list[str] = []
        while run.result("packed", (file := f"{name}{suffix}_{number}_{len(packed) + 1}{ending}.pdb")):
            packed.append(run.text("packed", file))
        if packed:
            one["packed"] = packed
        designs.append(one)
    result: StructureDesigns = {
        "name": name,
        "pdb_path": path,
        "T": float(parts["T"]),
        "seed": int(parts["seed"]),
        "num_res": int(parts["num_res"]),
        "num_ligand_res": int(parts["num_ligand_res"]),
        "use_ligand_context": parts["context"] == "True",
        "ligand_cutoff_distance": float(parts["cutoff"]),
        "batch_size": int(parts["batch_size"]),
        "number_of_batches": int(parts["batches"]),
        "model_path": parts["model_path"],
        "seq": native,
        "designs": designs,
        "fasta": text,
    }
    if save_stats:
        result["stats"] = _torch_file.load(os.path.join(run.out, "stats", f"{name}{ending}.pt"))
    return result


def score(
    pdb_path: PathLike | None = None,
    *,
    pdb_path_multi: Iterable[PathLike] | Mapping[str, Any] | None = None,
    model_type: str | None = None,
    checkpoint_protein_mpnn: PathLike | None = None,
    checkpoint_ligand_mpnn: PathLike | None = None,
    checkpoint_per_residue_label_membrane_mpnn: PathLike | None = None,
    checkpoint_global_label_membrane_mpnn: PathLike | None = None,
    checkpoint_soluble_mpnn: PathLike | None = None,
    fixed_residues: Words | None = None,
    fixed_residues_multi: ByPath | None = None,
    redesigned_residues: Words | None = None,
    redesigned_residues_multi: ByPath | None = None,
    symmetry_residues: str | Sequence[Words] | None = None,
    homo_oligomer: bool | None = None,
    out_folder: PathLike | None = None,
    file_ending: str | None = None,
    seed: int | None = None,
    batch_size: int | None = None,
    number_of_batches: int | None = None,
    ligand_mpnn_use_atom_context: bool | None = None,
    ligand_mpnn_use_side_chain_context: bool | None = None,
    chains_to_design: Words | None = None,
    parse_these_chains_only: Words | None = None,
    transmembrane_buried: Words | None = None,
    transmembrane_interface: Words | None = None,
    global_transmembrane_label: bool | None = None,
    parse_atoms_with_zero_occupancy: bool | None = None,
    use_sequence: bool | None = None,
    autoregressive_score: bool | None = None,
    single_aa_score: bool | None = None,
) -> list[StructureScores]:
    """Score structures as LigandMPNN's ``score.py`` does.

    Parameters
    ----------
    pdb_path : path
        A structure.
    pdb_path_multi : iterable of paths or dict
        Structures, instead; of a dictionary the keys count.
    fixed_residues, redesigned_residues : str or iterable of str, optional
        Residues that come first in decoding orders, or the only ones that come last.
    fixed_residues_multi, redesigned_residues_multi : dict or path, optional
        The same by path. As in the published script any part of a text counts as a name, so that ``"C72"`` names C7,
        too; lists are taken name by name.
    batch_size, number_of_batches : int, optional
        Their product is the number of orders; 1 and 1.
    use_sequence : bool, optional
        What a residue is shown, true by default. With ``single_aa_score`` the published script has it the wrong way
        round, and so has this function: true shows the backbone alone, false the letters of all other residues.
    autoregressive_score, single_aa_score : bool, optional
        All residues along one order, or each in an order of its own; the latter by default. The former goes before.
    parse_these_chains_only : str or iterable of str, optional
        Letters of the chains that are read, ``"AB"``.
    model_type, checkpoint_protein_mpnn, checkpoint_ligand_mpnn, checkpoint_per_residue_label_membrane_mpnn, \
checkpoint_global_label_membrane_mpnn, checkpoint_soluble_mpnn, symmetry_residues, homo_oligomer, out_folder, \
file_ending, seed, ligand_mpnn_use_atom_context, ligand_mpnn_use_side_chain_context, chains_to_design, \
transmembrane_buried, transmembrane_interface, global_transmembrane_label, parse_atoms_with_zero_occupancy
        As for :func:`design`.

    Returns
    -------
    list of StructureScores
        A dictionary for each structure.

    Raises
    ------
    InputError, SelectionError, SettingError, CheckpointError
        With the script's sentence; one line for each structure that cannot be used.
    """
    ending = file_ending or ""
    paths = _paths(pdb_path, pdb_path_multi)
    with ScriptRun("score.py", out_folder) as run:
        _prepared(
            run,
            paths,
            pdb_path,
            {
                "model_type": model_type,
                "checkpoint_protein_mpnn": checkpoint_protein_mpnn,
                "checkpoint_ligand_mpnn": checkpoint_ligand_mpnn,
                "checkpoint_per_residue_label_membrane_mpnn": checkpoint_per_residue_label_membrane_mpnn,
                "checkpoint_global_label_membrane_mpnn": checkpoint_global_label_membrane_mpnn,
                "checkpoint_soluble_mpnn": checkpoint_soluble_mpnn,
                "fixed_residues": joined(fixed_residues),
                "redesigned_residues": joined(redesigned_residues),
                "symmetry_residues": lists(symmetry_residues, "|", ","),
                "homo_oligomer": homo_oligomer,
                "file_ending": file_ending,
                "seed": seed,
                "batch_size": batch_size,
                "number_of_batches": number_of_batches,
                "ligand_mpnn_use_atom_context": ligand_mpnn_use_atom_context,
                "ligand_mpnn_use_side_chain_context": ligand_mpnn_use_side_chain_context,
                "chains_to_design": joined(chains_to_design, ","),
                "parse_these_chains_only": joined(parse_these_chains_only, ""),
                "transmembrane_buried": joined(transmembrane_buried),
                "transmembrane_interface": joined(transmembrane_interface),
                "global_transmembrane_label": global_transmembrane_label,
                "parse_atoms_with_zero_occupancy": parse_atoms_with_zero_occupancy,
                "use_sequence": use_sequence,
                "autoregressive_score": autoregressive_score,
                "single_aa_score": single_aa_score,
            },
        )
        _file(run, "fixed_residues_multi", _as_lists(fixed_residues_multi))
        _file(run, "redesigned_residues_multi", _as_lists(redesigned_residues_multi))
        printed = run.run()
        if paths and run.result(f"{_name(paths[0])}{ending}.pt") is None:
            raise no_results(printed)
        results: list[StructureScores] = []
        for path in paths:
            saved = _torch_file.load(os.path.join(run.out, f"{_name(path)}{ending}.pt"))
            results.append(cast(StructureScores, {"name": _name(path), "pdb_path": path} | saved))
    return results


def _as_lists(value: ByPath | None) -> Dictionary | None:
    """Give residue names by path as texts or lists, as they are."""
    if isinstance(value, Mapping):
        return {os.fspath(key): words if isinstance(words, str) else list(words) for key, words in value.items()}
    return value
