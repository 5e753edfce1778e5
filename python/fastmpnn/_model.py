"""Networks, and what they are asked of a structure."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union

import numpy as np
import numpy.typing as npt

from fastmpnn import _fastmpnn
from fastmpnn._designs import Design, Designs
from fastmpnn._errors import SettingError
from fastmpnn._packings import Packings
from fastmpnn._request import Pssm, Request, _order, build, defaults, fasta_of, letters_of, warn
from fastmpnn._scan import Scan
from fastmpnn._scores import Scores
from fastmpnn._structure import Structure, read

#: A sequence: text, indexes into the alphabet, or a design.
SequenceLike = Union[str, npt.ArrayLike, Design]
#: Residues: selections as text, indexes from 0, or a mask of shape (N,).
Residues = Union[str, Sequence[str], npt.ArrayLike]
#: What residues are shown of the letters of the others.
Mode = Literal["autoregressive", "conditional", "unconditional"]

_CHECKPOINT_ENDINGS = (".pt", ".pth", ".safetensors", ".npz", ".ckpt")


class Model:
    """A network, ready for this processor.

    Parameters
    ----------
    model : str or path
        A family of published networks, ``protein``, ``soluble``, ``ligand``, ``ca``, ``membrane-global`` or
        ``membrane-residue``, or the path of a ``.pt`` or safetensors file. ``protein`` at noise 0.2 is part of the
        package; the program's ``fastmpnn weights get`` fetches the others.
    noise : float, optional
        The noise that the network was trained with, Å.
    checkpoint : path, optional
        A network of one's own, instead of `model`.
    precision : str
        The numbers it is computed in: ``f32``, ``bf16x3``, ``bf16``, ``f16`` or ``q16``. On a processor without AMX,
        ``bf16x3`` is ``f32``.
    threads : int, optional
        Worker threads; as many as this process may use by default. Models of the same number share them.
    memory_limit : int, optional
        What decoding may take beyond the encodings, bytes; half of what is free by default.
    cache : path, optional
        A folder in which the encodings of all structures are kept, and from which those that are there are taken: the
        folder of the program's ``--cache`` and ``fastmpnn encode``. It is made where it is missing.
    cache_precision : str, optional
        The numbers of the encodings in the cache: ``f32``, as they are, by default; or ``f16``, which takes half the
        space; results then are those of rounded encodings.

    Raises
    ------
    CheckpointError
        Where the network cannot be loaded.

    Notes
    -----
    A model may be used by any number of threads at once, survives ``os.fork``, and is pickled by its name or path.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "protein",
        noise: float | None = None,
        *,
        checkpoint: str | os.PathLike[str] | None = None,
        precision: str = "f32",
        threads: int | None = None,
        memory_limit: int | None = None,
        cache: str | os.PathLike[str] | None = None,
        cache_precision: str | None = None,
    ) -> None:
        if checkpoint is None and _is_path(model):
            model, checkpoint = "protein", model
        if memory_limit is not None and memory_limit < 0:
            raise SettingError(f"memory_limit: {memory_limit} bytes")
        if cache is None and cache_precision is not None:
            raise SettingError("cache_precision is of a cache: give cache")
        kept = None if cache is None else (os.fspath(cache), cache_precision or "f32")
        settings: dict[str, Any] = {"model": os.fspath(model), "precision": precision}
        if noise is not None:
            settings["noise"] = float(noise)
        if checkpoint is not None:
            settings["checkpoint"] = os.fspath(checkpoint)
        self._arguments = (settings, threads, memory_limit, kept)
        self._inner = _fastmpnn.Model(json.dumps(settings), threads, memory_limit, kept)

    @property
    def name(self) -> str:
        """The checkpoint's published name, such as ``v_48_020``."""
        return self._inner.name

    @property
    def sha256(self) -> str:
        """SHA-256 of the checkpoint's file."""
        return self._inner.sha256

    @property
    def precision(self) -> str:
        """The numbers it is computed in."""
        return self._inner.precision

    @property
    def instruction_set(self) -> str:
        """The vector instructions in use."""
        return self._inner.instruction_set

    @property
    def threads(self) -> int:
        """The number of worker threads."""
        return self._inner.threads

    @property
    def neighbors(self) -> int:
        """K, the neighbors of a residue that the network sees."""
        return self._inner.neighbors

    @property
    def letter_embedding(self) -> npt.NDArray[np.float32]:
        """W_s, what the decoder adds for each letter; shape (21, 128)."""
        return self._inner.letter_embedding

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """Read the checkpoint's numbers, by the published names of its tensors, such as ``W_out.weight``."""
        return _fastmpnn.checkpoint_tensors(json.dumps(self._arguments[0]))

    def encode(self, structure: Structure | Any | Sequence[Structure | Any], **settings: Any) -> Encoding:
        """Take a structure, once for all that is asked of it.

        Parameters
        ----------
        structure : Structure, or what :func:`fastmpnn.read` takes
            A list holds the states of one protein, for all of which one sequence is drawn.
        **settings
            Settings that hold for everything that is asked: ``no_ligand``, ``side_chain_context``, ``cyclic``,
            ``membrane_global``, ``membrane_buried``, ``membrane_interface``, ``chains``.
        """
        given: Sequence[Any] = structure if isinstance(structure, (list, tuple)) else [structure]
        states = [_structure(state) for state in given]
        if not states:
            raise SettingError("encode: there is no structure")
        return Encoding(self, states, settings)

    def __repr__(self) -> str:
        return f"<Model {self.name}: {self.precision}, {self.instruction_set}, {self.threads} threads>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore_model, self._arguments)


def _restore_model(
    settings: dict[str, Any], threads: int | None, memory_limit: int | None, kept: tuple[str, str] | None
) -> Model:
    cache, precision = (None, None) if kept is None else kept
    return Model(**settings, threads=threads, memory_limit=memory_limit, cache=cache, cache_precision=precision)


def _is_path(model: str | os.PathLike[str]) -> bool:
    if not isinstance(model, str):
        return True
    return model.lower().endswith(_CHECKPOINT_ENDINGS) or os.sep in model


def _structure(source: Structure | Any) -> Structure:
    return source if isinstance(source, Structure) else read(source)


class Encoding:
    """A structure as a network sees it; made by :meth:`Model.encode`.

    The encoder runs when something is first asked, and its result is used by everything that follows.

    Attributes
    ----------
    model : Model
        The network.
    structure : Structure
        The structure; of several states the first.
    """

    def __init__(self, model: Model, states: Sequence[Structure], settings: Mapping[str, Any]) -> None:
        known = {name for task in ("design", "score", "probs", "scan") for name in defaults(task)}
        unknown = next((name for name in settings if name not in known), None)
        if unknown is not None:
            raise SettingError(f"encode has no setting {unknown}")
        self.model = model
        self.structure = states[0]
        self._states = tuple(states)
        self._settings = dict(settings)
        self._base = build("design", self.structure, self._settings, {}).settings
        self._inner = _fastmpnn.Encoding(model._inner, [state._inner for state in states])

    def _request(self, task: str, arguments: Mapping[str, Any]) -> Request:
        return build(task, self.structure, arguments, self._base)

    def design(
        self,
        *,
        num_seqs: int | None = None,
        temperature: float | Sequence[float] | None = None,
        seed: int | None = None,
        fix: Residues | None = None,
        redesign: Residues | None = None,
        omit: str | npt.ArrayLike | None = None,
        bias: str | Sequence[str] | Mapping[str, float] | npt.ArrayLike | None = None,
        order: str | npt.ArrayLike | None = None,
        residue_temperature: npt.ArrayLike | None = None,
        pair_bias: Sequence[tuple[int, int, npt.ArrayLike]] | None = None,
        pssm: Pssm | None = None,
        logits: Callable[[_fastmpnn.Level], npt.ArrayLike | None] | npt.ArrayLike | None = None,
        **settings: Any,
    ) -> Designs:
        """Draw sequences.

        Parameters
        ----------
        num_seqs : int
            How many for each temperature, 1 by default.
        temperature : float or list of float
            0.1 by default; 0 takes the likeliest letter.
        seed : int
            37 by default. The same seed gives the same sequences as the program.
        fix, redesign : selections as text, indexes from 0, or a mask of shape (N,)
            Residues that keep their letters, and the only ones that are designed.
        omit : str or array of bool, shape (N, 21)
            Letters never drawn.
        bias : dict, str or array of float, shape (N, 21)
            What is added to the logits of letters, nats at temperature 1.
        order : str or array of int, shape (N,)
            ``random``, ``chain``, ``colored``, or the residues in the order that they are decoded in; residues that
            are not designed come before the others all the same.
        residue_temperature : array of float, shape (N,)
            Temperatures of residues that have one of their own, NaN elsewhere.
        pair_bias : list of (i, j, array of shape (21, 21))
            What the letters of two residues add to each other's logits, nats at temperature 1.
        pssm : Pssm
            Profiles that are mixed with the network's probabilities.
        logits : callable, or array of float, shape (N, 21)
            A function that is given each :class:`fastmpnn.Level` before letters are drawn; it changes
            ``level.logits`` or returns other ones, shape (items, 21). An array is added to the logits.
        **settings
            All other settings of ``fastmpnn design``, hyphens written as underscores: ``chains``, ``tie``,
            ``homo_oligomer``, ``omit_at``, ``bias_at``, ``charge``, ``count``, ``no_motif``, ``rescore_orders``,
            ``out``, ``pack``, …; and ``no_native_scores=True``, which leaves ``native_score`` NaN and saves a pass over the
            native sequence.

        Returns
        -------
        Designs
        """
        arguments = {
            "num_seqs": num_seqs,
            "temperature": temperature,
            "seed": seed,
            "fix": fix,
            "redesign": redesign,
            "omit": omit,
            "bias": bias,
            "order": order,
            "residue_temperature": residue_temperature,
            "pair_bias": pair_bias,
            "pssm": pssm,
            "logits": logits,
            **settings,
        }
        request = self._request("design", arguments)
        table, said = self._inner.design(request.json(), request.values)
        warn(said)
        return Designs(self.structure, self.model.name, table, request.settings, said["warnings"], said["notes"])

    def score(
        self,
        sequences: SequenceLike | Sequence[SequenceLike] | Mapping[str, SequenceLike] | None = None,
        *,
        num_orders: int | None = None,
        orders: int | None = None,
        seed: int | None = None,
        order: str | npt.ArrayLike | None = None,
        **settings: Any,
    ) -> Scores:
        """Give the likelihood of sequences.

        Parameters
        ----------
        sequences : str, array, design, or several of them
            The native sequence by default; a mapping gives names to sequences.
        num_orders : int
            How many random decoding orders the score is a mean over, 1 by default; `orders` is the same.
        seed : int
            The seed of the decoding orders, 37 by default.
        order : str or array of int, shape (N,)
            As in :meth:`design`.
        **settings
            All other settings of ``fastmpnn score``.

        Returns
        -------
        Scores
        """
        arguments = {
            "num_orders": orders if num_orders is None else num_orders,
            "seed": seed,
            "order": order,
            **settings,
        }
        request = self._request("score", arguments)
        fasta = fasta_of(sequences, self.structure)
        table, said = self._inner.score(request.json(), request.values, fasta)
        if fasta is None:
            table["names"] = ["native"]
        warn(said)
        return Scores(self.structure, self.model.name, table, said["warnings"])

    def unconditional(self, **settings: Any) -> npt.NDArray[np.float32]:
        """Give ln p of every letter given the backbone alone, nats; shape (N, 21)."""
        return self._probs(None, {"mode": "unconditional", **settings})

    def conditional(
        self, sequence: SequenceLike | None = None, *, seed: int | None = None, **settings: Any
    ) -> npt.NDArray[np.float32]:
        """Give ln p of every letter given the letters of all other residues, nats; shape (N, 21).

        Each residue is decoded last once, so this takes about N / 30 times as long as the other two.

        Parameters
        ----------
        sequence : str, array or design
            The native one by default.
        seed : int
            The seed of the order that the other residues are decoded in, 37 by default.
        """
        return self._probs(sequence, {"mode": "conditional", "seed": seed, **settings})

    def autoregressive(
        self, sequence: SequenceLike | None = None, *, seed: int | None = None, **settings: Any
    ) -> npt.NDArray[np.float32]:
        """Give ln p of every letter given those of the residues decoded before, nats; shape (N, 21)."""
        return self._probs(sequence, {"mode": "autoregressive", "seed": seed, **settings})

    def _probs(self, sequence: SequenceLike | None, arguments: Mapping[str, Any]) -> npt.NDArray[np.float32]:
        request = self._request("probs", arguments)
        fasta = None if sequence is None else fasta_of([sequence], self.structure)
        return self._inner.probs(request.json(), request.values, fasta)

    def logits(
        self,
        sequence: SequenceLike | None = None,
        *,
        order: npt.ArrayLike | None = None,
        mode: Mode = "autoregressive",
        seed: int | None = None,
        known: npt.ArrayLike | None = None,
    ) -> npt.NDArray[np.float32]:
        """Give the logits of the network, shape (N, 21).

        Parameters
        ----------
        sequence : str, array or design
            The native one by default; not looked at in the mode ``unconditional``.
        order : array of int, shape (N,)
            All residues in the order that they are decoded in; a random order of the seed by default.
        mode : str
            What a residue is shown: the letters decoded before, ``autoregressive``; those of all others,
            ``conditional``; none, ``unconditional``.
        seed : int
            The seed of a random order.
        known : array of bool, shape (N, N), optional
            In place of an order, whether the residue of a row is shown the letter of that of a column, in all layers at
            once.
        """
        if known is not None:
            table = np.ascontiguousarray(known, dtype=bool)
            if order is not None or table.shape != (len(self.structure),) * 2:
                raise SettingError(
                    f"known: a table of shape ({len(self.structure)}, {len(self.structure)}), and no order"
                )
            request, letters, _ = self._conditioned(sequence, None, mode, seed)
            return self._inner.logits_of_known(request.json(), letters, table)
        request, letters, rank = self._conditioned(sequence, order, mode, seed)
        return self._inner.logits(request.json(), letters, rank)

    def decoder_states(
        self,
        sequence: SequenceLike | None = None,
        *,
        layer: int = -1,
        order: npt.ArrayLike | None = None,
        mode: Literal["autoregressive", "unconditional"] = "autoregressive",
        seed: int | None = None,
    ) -> npt.NDArray[np.float32]:
        """Give the states of residues after a layer of the decoder, shape (N, 128).

        The logits are a linear map of those after the last layer. Residues without a backbone have zeros.

        Parameters
        ----------
        layer : int
            Which layer, from 0; −1 is the last, −2 the one before.
        sequence, order, mode, seed
            As in :meth:`logits`.
        """
        request, letters, rank = self._conditioned(sequence, order, mode, seed)
        return self._inner.decoder_states(request.json(), letters, rank, layer)

    def _conditioned(
        self, sequence: SequenceLike | None, order: npt.ArrayLike | None, mode: str, seed: int | None
    ) -> tuple[Request, list[int] | None, list[int] | None]:
        request = self._request("probs", {"mode": mode, "seed": seed})
        letters = None if sequence is None else letters_of(sequence, self.structure)
        return request, letters, None if order is None else _rank(order, len(self.structure))

    def scan(self, **settings: Any) -> Scan:
        """Compare every letter with the native one at each residue, or mutants with the native sequence.

        Parameters
        ----------
        **settings
            ``mode`` (``conditional`` or ``unconditional``), ``num_orders``, ``seed``, ``fix``, ``redesign``, ``chains``,
            and what else a scan takes. ``mutations``, such as ``["A23V", "A24I+A30L"]``, and ``double``, such as
            ``"A23-26"``, ask for mutants instead of every single mutation: see :attr:`Scan.mutants`.

        Returns
        -------
        Scan
        """
        request = self._request("scan", settings)
        table, said = self._inner.scan(request.json(), request.values)
        warn(said)
        return Scan(self.structure, table)

    def pack(
        self, sequences: SequenceLike | Sequence[SequenceLike] | Designs | None = None, **settings: Any
    ) -> Packings:
        """Place side chains.

        Parameters
        ----------
        sequences : str, array, design, or several of them
            The native sequence by default.
        **settings
            All settings of ``fastmpnn pack``: ``num_packs``, ``denoising_steps``, ``num_samples``, ``repack``, ``seed``, …

        Returns
        -------
        Packings
        """
        request = self._request("pack", settings)
        table, said = self._inner.pack(request.json(), fasta_of(sequences, self.structure))
        warn(said)
        return Packings(self.structure, table)

    @property
    def nodes(self) -> npt.NDArray[np.float32]:
        """h_V of the encoder, shape (N, 128)."""
        return self._inner.nodes(self._request("probs", {"mode": "unconditional"}).json())

    @property
    def edges(self) -> npt.NDArray[np.float32]:
        """h_E of the encoder, shape (N, K, 128), in the order of :attr:`neighbors`."""
        return self._inner.edges(self._request("probs", {"mode": "unconditional"}).json())

    @property
    def neighbors(self) -> npt.NDArray[np.int32]:
        """The nearest residues of each, itself first, shape (N, K); −1 where a residue has no backbone."""
        return self._inner.neighbors(self._request("probs", {"mode": "unconditional"}).json())

    def __repr__(self) -> str:
        states = f" in {len(self._states)} states" if len(self._states) > 1 else ""
        return f"<Encoding of {self.structure.name}{states} by {self.model.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Encoding, (self.model, list(self._states), self._settings))


def _rank(order: npt.ArrayLike, residues: int) -> list[int]:
    """Give the place of each residue in an order."""
    rank = [0] * residues
    for place, residue in enumerate(_order(order, residues)):
        rank[residue] = place
    return rank
