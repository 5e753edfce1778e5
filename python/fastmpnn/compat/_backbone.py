"""Backbones given as arrays, and what a network says of them."""

from __future__ import annotations

import itertools
import string
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

import fastmpnn as fm

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: The index of X, and the number of letters before it, which are those that can be drawn.
X = 20

#: Encodings that are kept of one model: those of one structure whose fixed letters change, or of two in turn.
KEPT = 2

BACKBONE_ATOMS = ("N", "CA", "C", "O")

THREE_LETTERS = dict(
    zip(
        "ACDEFGHIKLMNPQRSTVWYX",
        [
            "ALA",
            "CYS",
            "ASP",
            "GLU",
            "PHE",
            "GLY",
            "HIS",
            "ILE",
            "LYS",
            "LEU",
            "MET",
            "ASN",
            "PRO",
            "GLN",
            "ARG",
            "SER",
            "THR",
            "VAL",
            "TRP",
            "TYR",
            "UNK",
        ],
    )
)

HEADER = """data_backbone
loop_
_atom_site.group_PDB
_atom_site.id
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_alt_id
_atom_site.label_comp_id
_atom_site.label_asym_id
_atom_site.auth_asym_id
_atom_site.auth_seq_id
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
_atom_site.occupancy
_atom_site.pdbx_PDB_model_num
"""


@dataclass(frozen=True)
class Backbone:
    """Backbones of one or more chains.

    Attributes
    ----------
    positions : array of float, shape (L, 4, 3)
        N, CA, C and O in Å; an atom at the origin is missing.
    resolved : array of bool, shape (L,)
        Whether the residue has coordinates.
    numbers : array of int, shape (L,)
        The residue's number along its chain.
    chains : array of int, shape (L,)
        The residue's chain: a number, the same for residues that stand together.
    cyclic : tuple of int
        The chains whose ends are bonded to each other.
    """

    positions: Floats
    resolved: npt.NDArray[np.bool_]
    numbers: Integers
    chains: Integers
    cyclic: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def chain_ids(self) -> list[str]:
        """Give the ids by which requests name the chains, in the order of the residues."""
        return [chain_id(index) for index in range(len(self._runs()))]

    def key(self) -> bytes:
        """Give bytes that tell two backbones apart."""
        arrays = (self.positions, self.resolved, self.numbers, self.chains, np.array(self.cyclic))
        return b"|".join(np.ascontiguousarray(array).tobytes() for array in arrays)

    def _runs(self) -> list[slice]:
        """Give where the residues of each chain stand."""
        borders = [0, *(np.flatnonzero(np.diff(self.chains)) + 1).tolist(), len(self)]
        return [slice(first, last) for first, last in itertools.pairwise(borders)]

    def structure(self, letters: npt.NDArray[np.int8]) -> fm.Structure:
        """Give a structure of these backbones, with native letters as indexes into :data:`fastmpnn.ALPHABET`."""
        lines = []
        for index, run in enumerate(self._runs()):
            name = chain_id(index)
            for residue in range(run.start, run.stop):
                lines += self._atoms(residue, name, THREE_LETTERS[fm.ALPHABET[letters[residue]]])
        return fm.read(HEADER + "".join(lines), name="backbone")

    def _atoms(self, residue: int, chain: str, name: str) -> list[str]:
        """Give the rows of a residue. One that has a CA alone is masked; a missing O is built from the other atoms."""
        number = int(self.numbers[residue])
        rows: list[str] = []
        for atom, position in zip(BACKBONE_ATOMS, self.positions[residue]):
            if atom == "CA" or (self.resolved[residue] and position.any()):
                x, y, z = position.tolist()
                place = f"{name} {chain} {chain} {number} {x:.6f} {y:.6f} {z:.6f} 1.0 1\n"
                rows.append(f"ATOM {4 * residue + len(rows) + 1} {atom[:1]} {atom} . {place}")
        return rows


def chain_id(index: int) -> str:
    """Give the id of a chain by its place: A, …, Z, AA, AB, …"""
    letters = ""
    index += 1
    while index:
        index, last = divmod(index - 1, 26)
        letters = string.ascii_uppercase[last] + letters
    return letters


@dataclass
class Samples:
    """Sequences that were drawn.

    Attributes
    ----------
    letters : array of int8, shape (S, L)
        Indexes into :data:`fastmpnn.ALPHABET`.
    log_probabilities : array of float32, shape (S, L, 21)
        ln p of each letter at temperature 1 without biases, given the letters decoded before.
    rank : array of int, shape (S, L)
        The residue's place in the decoding order.
    """

    letters: npt.NDArray[np.int8]
    log_probabilities: npt.NDArray[np.float32]
    rank: npt.NDArray[np.int32]

    @staticmethod
    def joined(parts: Sequence[Samples]) -> Samples:
        """Join samples of one backbone."""
        return Samples(
            np.concatenate([part.letters for part in parts]),
            np.concatenate([part.log_probabilities for part in parts]),
            np.concatenate([part.rank for part in parts]),
        )


@dataclass
class Draw:
    """What is drawn.

    Attributes
    ----------
    count : int
        How many sequences.
    temperature : float
        The temperature of sampling.
    seed : int
        The seed of all random numbers.
    fixed : array of bool, shape (L,)
        Residues that keep the letter of ``letters``.
    letters : array of int8, shape (L,)
        Native letters.
    bias : array of float32, shape (L, 21)
        What is added to the logits, nats.
    order : array of int, shape (L,), optional
        Residues in the order of decoding; a random one for each sequence where it is None.
    tied : list of list of int
        Chains, by their place, whose residues carry the same letters.
    """

    count: int
    temperature: float
    seed: int
    fixed: npt.NDArray[np.bool_]
    letters: npt.NDArray[np.int8]
    bias: npt.NDArray[np.float32]
    order: Integers | None = None
    tied: list[list[int]] = field(default_factory=list)


class BackboneModel:
    """A network and the encodings of the backbones that it was asked about last."""

    def __init__(self, model: fm.Model) -> None:
        self.model = model
        #: By backbone and native letters; the last one used stands last.
        self._encodings: OrderedDict[tuple[bytes, bytes], fm.Encoding] = OrderedDict()

    def encoding(self, backbone: Backbone, letters: npt.NDArray[np.int8]) -> fm.Encoding:
        """Give the encoding of a backbone with native letters, which are those of residues that are not drawn."""
        key = (backbone.key(), letters.tobytes())
        found = self._encodings.pop(key, None)
        if found is None:
            rings = {"cyclic": ",".join(chain_id(index) for index in backbone.cyclic)} if backbone.cyclic else {}
            found = self.model.encode(backbone.structure(letters), **rings)
        self._encodings[key] = found
        while len(self._encodings) > KEPT:
            self._encodings.popitem(last=False)
        return found

    def logits(
        self,
        backbone: Backbone,
        letters: npt.NDArray[np.int8],
        order: Integers | None = None,
        known: npt.NDArray[np.bool_] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Give the network's logits at every residue, in the order of :data:`fastmpnn.ALPHABET`, shape (L, 21).

        They are given the letters of the residues earlier in ``order``; or those of the columns that are true in the
        residue's row of ``known``, [L, L]; the backbone alone without either.
        """
        own = backbone.key()
        # Letters are given here, so that any encoding of the backbone will do.
        encoding = next((known for (key, _), known in self._encodings.items() if key == own), None)
        if encoding is None:
            encoding = self.encoding(backbone, letters)
        if known is not None:
            return np.asarray(encoding.logits(letters, known=known))
        if order is None:
            return np.asarray(encoding.logits(mode="unconditional"))
        return np.asarray(encoding.logits(letters, order=order, mode="autoregressive"))

    def draw(self, backbone: Backbone, draw: Draw) -> Samples:
        """Draw sequences."""
        if draw.fixed.all():
            return self._nothing_to_draw(backbone, draw)
        request: dict[str, Any] = {
            "num_seqs": draw.count,
            "temperature": draw.temperature,
            "seed": draw.seed,
            "fix": np.flatnonzero(draw.fixed),
            "no_native_scores": True,
        }
        bias = np.where(draw.fixed[:, None], np.float32(0), draw.bias)
        if bias.any():
            request["bias"] = bias
        if draw.order is not None:
            request["order"] = draw.order
        if draw.tied:
            request["tie"] = ["=".join(chain_id(chain) for chain in chains) for chains in draw.tied]
        designs = self.encoding(backbone, draw.letters).design(**request)
        samples = Samples(
            np.array(designs.letters, np.int8),
            np.array(designs.log_probabilities, np.float32),
            np.asarray(designs.rank, np.int32),
        )
        self._draw_masked(backbone, draw, samples)
        return samples

    def _draw_masked(self, backbone: Backbone, draw: Draw, samples: Samples) -> None:
        """Draw the letters of masked residues, X so far, from what the network says without any backbone."""
        masked = np.flatnonzero((samples.letters == X).any(0))
        if not len(masked):
            return
        logits = self.logits(backbone, samples.letters[0])[masked]
        biased = (logits + draw.bias[masked])[None, :, :X]
        if draw.temperature:
            generator = np.random.default_rng([draw.seed, len(masked)])
            biased = biased / draw.temperature + generator.gumbel(size=(draw.count, len(masked), X))
        samples.letters[:, masked] = biased.argmax(-1)
        samples.log_probabilities[:, masked] = log_softmax(logits)

    def _nothing_to_draw(self, backbone: Backbone, draw: Draw) -> Samples:
        """Give the fixed sequence, as often as asked for, with what the network says of it."""
        order = np.arange(len(backbone)) if draw.order is None else draw.order
        log_p = log_softmax(self.logits(backbone, draw.letters, order))
        rank = np.argsort(order)
        return Samples(
            np.repeat(draw.letters[None], draw.count, 0),
            np.repeat(log_p[None], draw.count, 0),
            np.repeat(rank[None], draw.count, 0).astype(np.int32),
        )


def log_softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Give ln p of logits along the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    log_p: npt.NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return log_p


def as_numbers(values: Mapping[str, Any], name: str) -> npt.NDArray[Any]:
    """Give an input as an array of NumPy.

    Raises
    ------
    GradientError
        Where JAX is tracing it.
    """
    refuse_tracing(name, values[name])
    return np.asarray(values[name])


class GradientError(NotImplementedError):
    """Something that only JAX can do: gradients through the network."""


def refuse_tracing(name: str, value: Any) -> None:
    """Refuse a value that JAX is tracing, which has no numbers."""
    if type(value).__name__.endswith("Tracer") and type(value).__module__.startswith("jax"):
        raise GradientError(
            f"{name} is traced by JAX (jit, grad, vmap): FastMPNN computes numbers, and has no gradients. "
            "Use ColabDesign's own mk_mpnn_model for that"
        )
