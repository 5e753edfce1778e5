"""BindCraft2's sequence model, without JAX and Haiku.

BindCraft2 redesigns binders with the methods ``predict_candidates`` and ``predict_tied_candidates`` of its
``ProteinMPNNSequenceModel``. The class of that name here takes the same arguments and works on the same proteins:
objects with ``sequence`` [N, 20], ``atoms`` [N, 37, 3] in Å, ``atom_mask`` [N, 37], ``flags`` [N], ``residue_index``
[N] and ``replace``::

    import bindcraft.proteinmpnn
    from fastmpnn.compat.bindcraft2 import ProteinMPNNSequenceModel

    bindcraft.proteinmpnn.ProteinMPNNSequenceModel = ProteinMPNNSequenceModel

Its weight files, ``NAME.npz`` with keys ``module|parameter``, are read where they are.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import fastmpnn as fm
from fastmpnn.compat._backbone import Backbone, BackboneModel, Draw, Samples
from fastmpnn.compat._colabdesign_inputs import BACKBONE, IN_COLABDESIGN, IN_FASTMPNN
from fastmpnn.compat._haiku_weights import model_of, read_parameters
from fastmpnn.compat._jax_random import KeyStream

__all__ = ["ProteinMPNNSequenceModel", "StructurePrediction", "read_mpnn_checkpoint"]

#: Names of the folders of weights, beside each other.
VARIANTS = {"neutral": "weights_neutral", "negative": "weights_negative", "positive": "weights_positive"}

#: The bit of ``flags`` of residues that are designed.
DESIGN = 1

#: The bias of letters that are left out, nats.
OMITTED = -1e4

#: How far apart the states of a binder are put, so that they do not see each other, Å.
SEPARATION = 1000.0

read_mpnn_checkpoint = read_parameters


@dataclass
class StructurePrediction:
    """What BindCraft2 calls a prediction, where BindCraft2 itself is not loaded.

    Attributes
    ----------
    protein_complex : dict of str to protein
        The chains.
    metrics : dict of str to float
        ``score``, the mean −ln p over resolved residues, nats; ``seqid``, the share of letters that did not change.
    """

    protein_complex: dict[str, Any]
    metrics: dict[str, Any]


def _prediction(protein_complex: dict[str, Any], score: float, seqid: float) -> Any:
    loaded = sys.modules.get("bindcraft.protein")
    kind = StructurePrediction if loaded is None else loaded.StructurePrediction
    return kind(protein_complex=protein_complex, metrics={"score": score, "seqid": seqid})


class ProteinMPNNSequenceModel:
    """A network of ProteinMPNN that redesigns proteins as BindCraft2 has them.

    Parameters
    ----------
    data_dir : str
        The folder of one variant's weights; those of the others are beside it.
    model_name : str
        The name of the file, without its ending.
    temperature : float
        The temperature of sampling.
    key : optional
        A key of JAX, or a number.
    max_cache_size, length_bucket_size, target_pad_length : int
        Ignored: nothing is compiled, so nothing is padded.
    variant : str
        ``neutral``, ``negative`` or ``positive``.
    omitted_amino_acids : str
        Letters that are not drawn.
    amino_acid_bias : dict of str to float, optional
        What is added to the logits of letters, nats.
    multi_chain_binders : tuple of tuple of str
        Chains that carry one sequence.
    checkpoint : str, optional
        Any checkpoint that FastMPNN reads, instead of the file in ``data_dir``.
    """

    def __init__(
        self,
        data_dir: str = "",
        model_name: str = "v_48_020",
        temperature: float = 0.1,
        key: Any = None,
        max_cache_size: int = 8,
        variant: str = "neutral",
        omitted_amino_acids: str = "",
        amino_acid_bias: Mapping[str, float] | None = None,
        multi_chain_binders: Sequence[Sequence[str]] = (),
        length_bucket_size: int = 0,
        target_pad_length: int = 0,
        *,
        checkpoint: str | None = None,
    ) -> None:
        self.model_name = model_name
        self.variant = variant.lower()
        self.temperature = float(temperature)
        self.multi_chain_binders = tuple(tuple(group) for group in multi_chain_binders)
        self.bias = np.zeros(21, np.float32)
        for letter, bias in (amino_acid_bias or {}).items():
            self.bias[fm.ALPHABET.index(letter)] = bias
        for letter in omitted_amino_acids:
            self.bias[fm.ALPHABET.index(letter)] = OMITTED
        self._keys = KeyStream(0 if key is None else key)
        self._network = BackboneModel(fm.Model(checkpoint) if checkpoint else self._load(data_dir))

    def _load(self, data_dir: str) -> fm.Model:
        if self.variant not in VARIANTS:
            raise fm.SettingError(f"variant: {', '.join(VARIANTS)}, not {self.variant!r}")
        path = Path(data_dir).parent / VARIANTS[self.variant] / f"{self.model_name}.npz"
        if not path.exists():
            raise FileNotFoundError(f"MPNN weights not found: {path}")
        return model_of(*read_parameters(path))

    def predict(self, protein_states: Mapping[str, Mapping[str, Any]], model: str | None = None) -> dict[str, Any]:
        """Redesign each state once."""
        return self.predict_candidates(protein_states, model)[0]

    def predict_candidates(
        self,
        protein_states: Mapping[str, Mapping[str, Any]],
        model: str | None = None,
        candidate_count: int = 1,
    ) -> list[dict[str, Any]]:
        """Redesign each state by itself.

        Parameters
        ----------
        protein_states : dict of str to dict of str to protein
            The chains of each state; residues with the flag DESIGN are designed.
        model : str, optional
            The name of the network, which must be the one that is loaded.
        candidate_count : int
            How many designs.

        Returns
        -------
        list of dict of str to StructurePrediction
            The designs, state by state in each.
        """
        if model not in (None, self.model_name):
            raise ValueError(f"{self.model_name!r} is loaded, and not {model!r}")
        drawn = {
            name: self._redesigned(chains, self.multi_chain_binders, candidate_count)
            for name, chains in protein_states.items()
        }
        return [{name: designs[index] for name, designs in drawn.items()} for index in range(candidate_count)]

    def predict_tied_candidates(
        self, protein_states: Mapping[str, Mapping[str, Any]], candidate_count: int = 1
    ) -> list[dict[str, Any]]:
        """Redesign all states together: chains that all states have carry one sequence, drawn from their mean logits.

        Arguments and result are those of :meth:`predict_candidates`.
        """
        states = sorted(protein_states)
        shared = sorted(set.intersection(*(set(chains) for chains in protein_states.values())))
        apart = {
            f"{chain}.{state}": protein.replace(
                atoms=np.asarray(protein.atoms, np.float32) + np.array([place * SEPARATION, 0, 0], np.float32)
            )
            for place, state in enumerate(states)
            for chain, protein in protein_states[state].items()
        }
        groups = [
            [f"{chain}.{state}" for chain in group for state in states]
            for group in self.multi_chain_binders or [(chain,) for chain in shared]
        ]
        designs = self._redesigned(apart, groups, candidate_count)
        return [
            {
                state: _prediction(
                    {
                        chain: protein.replace(sequence=design.protein_complex[f"{chain}.{state}"].sequence)
                        for chain, protein in protein_states[state].items()
                    },
                    **design.metrics,
                )
                for state in states
            }
            for design in designs
        ]

    def _redesigned(self, chains: Mapping[str, Any], groups: Sequence[Sequence[str]], count: int) -> list[Any]:
        names = sorted(chains)
        proteins = [chains[name] for name in names]
        lengths = [len(protein.sequence) for protein in proteins]
        native = np.concatenate([np.asarray(protein.sequence, np.float32).argmax(-1) for protein in proteins])
        flags = np.concatenate([np.asarray(protein.flags) for protein in proteins])
        tied = [sorted(names.index(name) for name in group) for group in groups if set(group) <= set(names)]
        backbone = _backbone(proteins, lengths)
        first, second = self._keys().tolist()  # type: ignore[union-attr]
        draw = Draw(
            count,
            self.temperature,
            (first << 32) | second,
            (flags & DESIGN) == 0,
            IN_FASTMPNN[native].astype(np.int8),
            np.tile(self.bias, (len(native), 1)),
            tied=[chains for chains in tied if len(chains) > 1],
        )
        samples = self._network.draw(backbone, draw)
        return self._predictions(chains, names, lengths, native, backbone.resolved, samples)

    @staticmethod
    def _predictions(
        chains: Mapping[str, Any],
        names: list[str],
        lengths: list[int],
        native: npt.NDArray[np.int64],
        resolved: npt.NDArray[np.bool_],
        samples: Samples,
    ) -> list[Any]:
        own = np.take_along_axis(samples.log_probabilities, samples.letters[..., None].astype(np.int64), -1)[..., 0]
        letters = IN_COLABDESIGN[samples.letters]
        count = resolved.sum() + 1e-8
        scores = -(own * resolved).sum(-1) / count
        seqids = ((letters == native) * resolved).sum(-1) / count
        borders = np.cumsum(lengths)[:-1]
        predictions = []
        for row, score, seqid in zip(letters, scores, seqids):
            redesigned = {
                name: chains[name].replace(sequence=_like(chains[name].sequence, np.eye(20)[part]))
                for name, part in zip(names, np.split(row, borders))
            }
            predictions.append(_prediction(redesigned, float(score), float(seqid)))
        return predictions


def _backbone(proteins: Sequence[Any], lengths: Sequence[int]) -> Backbone:
    atoms = np.concatenate([np.asarray(protein.atoms, np.float64)[:, BACKBONE] for protein in proteins])
    known = np.concatenate([np.asarray(protein.atom_mask, bool)[:, BACKBONE] for protein in proteins])
    return Backbone(
        np.where(known[..., None], atoms, 0.0),
        np.logical_and.reduce(known[:, :3], axis=-1),
        np.concatenate([np.asarray(protein.residue_index, np.int64) for protein in proteins]),
        np.repeat(np.arange(len(lengths)), lengths),
    )


def _like(given: Any, letters: npt.NDArray[np.float64]) -> Any:
    """Give one-hot letters as an array of the kind and precision of another: of JAX, where that is."""
    half = letters.astype(np.float16)
    jax = sys.modules.get("jax")
    return jax.numpy.asarray(half) if jax is not None and isinstance(given, jax.Array) else half
