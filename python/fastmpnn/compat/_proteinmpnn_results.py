"""What the functions of :mod:`fastmpnn.compat.proteinmpnn` return."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import numpy.typing as npt


class DesignedSequence(TypedDict):
    """A sequence that was drawn.

    Attributes
    ----------
    T : float
        Its temperature.
    sample : int
        Its number among those of its temperature, from 1.
    score, global_score : float
        Mean −ln p over the designed residues, and over all that have a backbone (nats, four decimals).
    seq_recovery : float
        The share of designed residues with the native letter (four decimals).
    seq : str
        The letters of the designed chains, sorted by chain, with ``/`` between them.
    """

    T: float
    sample: int
    score: float
    global_score: float
    seq_recovery: float
    seq: str


class StructureDesigns(TypedDict, total=False):
    """The designs of a structure; what the published script writes to ``seqs/NAME.fa``.

    Attributes
    ----------
    name : str
        Of the structure.
    score, global_score : float
        Of the native sequence, in an order of its own.
    fixed_chains, designed_chains : list of str
        By letter.
    model_name : str
        Of the network.
    seed : int
        That of the run; the one that was drawn where none was given.
    seq : str
        The native letters of the designed chains.
    designs : list of DesignedSequence
        Temperature by temperature.
    fasta : str
        The text of the file.
    scores, global_scores : array of float32, shape (designs,)
        The same scores with all digits (``save_score``).
    probs : array of float32, shape (designs, N, 21)
        The probabilities that letters were drawn from (``save_probs``).
    log_probs : array of float32, shape (designs, N, 21)
        ln p at temperature 1, given the letters decoded before (``save_probs``).
    S : array of int32, shape (designs, N)
        Letters, as indexes into ``alphabet``; designed chains sorted, then fixed ones (``save_probs``).
    mask : array of float32, shape (1, N) or (batch, N)
        1 at residues that were designed (``save_probs``).
    chain_order : array of str
        The chains in the order of ``S`` (``save_probs``).
    """

    name: str
    score: float
    global_score: float
    fixed_chains: list[str]
    designed_chains: list[str]
    model_name: str
    seed: int
    seq: str
    designs: list[DesignedSequence]
    fasta: str
    scores: npt.NDArray[np.float32]
    global_scores: npt.NDArray[np.float32]
    probs: npt.NDArray[np.float32]
    log_probs: npt.NDArray[np.float32]
    S: npt.NDArray[np.int32]
    mask: npt.NDArray[np.float32]
    chain_order: npt.NDArray[np.str_]


class ScoredSequence(TypedDict):
    """The scores of a sequence; what the published script writes to ``score_only/FILE.npz``.

    Attributes
    ----------
    name : str
        Of the structure.
    file : str
        ``NAME_pdb`` for the native sequence, ``NAME_fasta_K`` for the given sequence K, from 1.
    score, global_score : array of float32, shape (orders,)
        Mean −ln p over the designed residues, and over all that have a backbone, in each decoding order (nats).
    S : array of int64, shape (N,)
        Letters, as indexes into ``alphabet``.
    seq_str : str
        The letters of the designed chains in a row.
    """

    name: str
    file: str
    score: npt.NDArray[np.float32]
    global_score: npt.NDArray[np.float32]
    S: npt.NDArray[np.int64]
    seq_str: str


class LetterProbabilities(TypedDict):
    """Log probabilities at each residue; what the published script writes to ``…_probs_only/NAME.npz``.

    Attributes
    ----------
    name : str
        Of the structure.
    log_p : array of float32, shape (orders, N, 21)
        ln p at temperature 1.
    S : array of int64, shape (N,)
        Native letters, as indexes into ``alphabet``.
    mask, design_mask : array of float32, shape (N,)
        1 at residues with a backbone, and at those of them that are designed.
    """

    name: str
    log_p: npt.NDArray[np.float32]
    S: npt.NDArray[np.int64]
    mask: npt.NDArray[np.float32]
    design_mask: npt.NDArray[np.float32]
