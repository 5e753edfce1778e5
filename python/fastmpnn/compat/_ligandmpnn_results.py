"""What the functions of :mod:`fastmpnn.compat.ligandmpnn` return."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt


class DesignedSequence(TypedDict, total=False):
    """A sequence that was drawn.

    Attributes
    ----------
    id : int
        Its number, from 1.
    T : float
        The temperature.
    seed : int
        That of the run.
    overall_confidence, ligand_confidence : float
        exp(mean ln p) over the designed residues, and over those of them near a ligand (four decimals).
    seq_rec : float
        The share of designed residues with the native letter (four decimals).
    seq : str
        The letters of all chains, sorted, with ``:`` between them.
    backbone : str
        PDB text: the backbone with these letters and what is not protein; B-factors are p of the letters.
    packed : list of str
        PDB texts: each packing of the side chains (``pack_side_chains``).
    """

    id: int
    T: float
    seed: int
    overall_confidence: float
    ligand_confidence: float
    seq_rec: float
    seq: str
    backbone: str
    packed: list[str]


class StructureDesigns(TypedDict, total=False):
    """The designs of a structure; what the published script writes to ``seqs/NAME.fa`` and beside it.

    Attributes
    ----------
    name : str
        The file's name without folder and ``.pdb``.
    pdb_path : str
        The file.
    T : float
        The temperature.
    seed : int
        That of the run; the one that was drawn where none was given.
    num_res, num_ligand_res : int
        How many residues were designed, and how many of them are near a ligand.
    use_ligand_context : bool
        Whether the network saw ligands.
    ligand_cutoff_distance : float
        Within what distance residues are near a ligand, Å.
    batch_size, number_of_batches : int
        As given.
    model_path : str
        The checkpoint, as the option names it.
    seq : str
        The native letters of all chains.
    designs : list of DesignedSequence
        In the order in which they were drawn.
    fasta : str
        The text of the file.
    stats : dict
        ``generated_sequences`` [S, N], ``sampling_probs`` [S, N, 20], ``log_probs`` [S, N, 21],
        ``decoding_order`` [S, N], ``native_sequence`` [N], ``mask`` [N], ``chain_mask`` [N], ``seed`` and
        ``temperature`` (``save_stats``).
    """

    name: str
    pdb_path: str
    T: float
    seed: int
    num_res: int
    num_ligand_res: int
    use_ligand_context: bool
    ligand_cutoff_distance: float
    batch_size: int
    number_of_batches: int
    model_path: str
    seq: str
    designs: list[DesignedSequence]
    fasta: str
    stats: dict[str, Any]


class StructureScores(TypedDict):
    """The scores of a structure; what the published script writes to ``NAME.pt``.

    Attributes
    ----------
    name : str
        The file's name without folder and ``.pdb``.
    pdb_path : str
        The file.
    logits, probs, log_probs : array of float32, shape (S, N, 21)
        Of each sample; temperature 1.
    decoding_order : array, shape (S, N), or (S, N, N) with ``single_aa_score``
        The orders.
    native_sequence : array of int32, shape (N,)
        Letters of the file, as indexes into ``alphabet``.
    mask, chain_mask : array of int, shape (N,)
        1 at residues with a backbone, and at those that come last in decoding orders.
    seed : int
        That of the run.
    alphabet : list of str
        Letters in the order of their indexes.
    residue_names : dict
        Index to name, ``{0: "A1"}``.
    sequence : list of str
        Letters of the file.
    mean_of_probs, std_of_probs : dict
        By residue name and letter, over the samples.
    """

    name: str
    pdb_path: str
    logits: npt.NDArray[np.float32]
    probs: npt.NDArray[np.float32]
    log_probs: npt.NDArray[np.float32]
    decoding_order: npt.NDArray[Any]
    native_sequence: npt.NDArray[np.int32]
    mask: npt.NDArray[np.int32]
    chain_mask: npt.NDArray[Any]
    seed: int
    alphabet: list[str]
    residue_names: dict[int, str]
    sequence: list[str]
    mean_of_probs: dict[str, dict[str, np.float32]]
    std_of_probs: dict[str, dict[str, np.float32]]
