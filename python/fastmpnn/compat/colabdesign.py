"""ColabDesign's ``mk_mpnn_model``, without JAX.

::

    from fastmpnn.compat import colabdesign

    colabdesign.install()                             # from now on, colabdesign.mpnn is this module
    from colabdesign.mpnn import mk_mpnn_model

    model = mk_mpnn_model("v_48_020", weights="soluble")
    model.prep_inputs(pdb_filename="complex.pdb", chain="A,B", fix_pos="A", rm_aa="C")
    designs = model.sample(num=1, batch=20, temperature=0.1)
    designs["seq"], designs["score"], designs["seqid"]

Arguments, inputs and returned keys are those of ColabDesign 1.1.1, with ``weights`` of 1.1.3. For the same sequence,
decoding order and network, logits and scores are ColabDesign's within 0.0001; for a key of JAX, ``score`` decodes in
the same order. Sampled sequences are of the same distribution, but not the same sequences. What is different:

- Arrays are of NumPy; nothing here needs JAX. Gradients do: they raise :class:`GradientError`.
- The ``logits`` of samples are ln p, which are logits up to a constant for each residue. Those of ``score`` and
  ``get_logits``, and of samples with ``rescore=True``, are the network's own.
- Of a homo-oligomer, one letter is drawn from the softmax of the copies' mean logits. ColabDesign adds to each copy a
  noise of its own and takes the mean, so that its noise shrinks with the number of copies.
- A residue without O gets one, built from N, CA and C; ColabDesign takes the origin of the coordinates for its O.
  Residues without CA or C are masked.
- ``score(seq=...)`` leaves the inputs alone; ColabDesign writes ``seq`` over ``_inputs["S"]``, so that its ``seqid`` is
  1.
- Residues that only an insertion code tells from one before them are left out, as in ColabDesign, with a warning.
- ``score`` of letters outside the alphabet takes them for X.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import fastmpnn as fm
from fastmpnn.compat._backbone import (
    Backbone,
    BackboneModel,
    Draw,
    GradientError,
    Samples,
    as_numbers,
    log_softmax,
    refuse_tracing,
)
from fastmpnn.compat._colabdesign_arrays import (
    cyclic_chains,
    decoding_priorities,
    letter_indexes,
    to_fastmpnn,
)
from fastmpnn.compat._colabdesign_inputs import (
    ALPHABET,
    BACKBONE,
    IN_COLABDESIGN,
    IN_FASTMPNN,
    aa_order,
    order_aa,
    positions_of,
    read_chains,
)
from fastmpnn.compat._colabdesign_weights import NetworkChoice, Parameters
from fastmpnn.compat._jax_random import KeyStream, as_key, split
from fastmpnn.compat._take_over import install, shim_folder, uninstall

__all__ = [
    "GradientError",
    "aa_order",
    "clear_mem",
    "install",
    "mk_mpnn_model",
    "order_aa",
    "shim_folder",
    "uninstall",
]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: What prep_inputs adds to the logits of letters that are removed, and of the letter of a fixed position.
REMOVED, FIXED = -1e6, 1e7

#: Where one letter's bias exceeds all others by this much, no temperature below 100 leaves the others a chance.
DECIDED = 1e4

#: Inputs that describe the backbone.
BACKBONE_INPUTS = ("X", "mask", "residue_idx", "chain_idx")


class mk_mpnn_model:
    """A network of ProteinMPNN, and the backbone that it was given last.

    Parameters
    ----------
    model_name : str
        ``v_48_002``, ``v_48_010``, ``v_48_020`` or ``v_48_030``: K and the training noise. With weights of one's own,
        the name of the file in the folder ``weights``.
    backbone_noise : float
        The standard deviation of noise that is added to the coordinates before each pass, Å.
    dropout : float
        A setting of training: 0.
    seed : int, optional
        The seed of all random numbers; drawn from Python's ``random`` when None.
    verbose : bool
        Ignored, as ColabDesign ignores it.
    weights : str
        ``original``, ``soluble``, ``abmpnn``, or the path of a checkpoint: ``.pt``, ``.safetensors``, ``.npz`` of
        BindCraft2, ``.pkl`` of ColabDesign; or of a folder that holds a file of the name ``model_name``.
    """

    #: What the object was made of, for pickling.
    _arguments: dict[str, Any]
    _DROPPED: ClassVar[tuple[str, ...]] = ("_network", "_model")

    def __init__(
        self,
        model_name: str = "v_48_020",
        backbone_noise: float = 0.0,
        dropout: float = 0.0,
        seed: int | None = None,
        verbose: bool = False,
        weights: str = "original",
    ) -> None:
        if dropout:
            raise fm.SettingError("dropout is a setting of training: FastMPNN has none")
        self._choice = NetworkChoice.of(model_name, weights)
        self._backbone_noise = float(backbone_noise)
        self._network = BackboneModel(self._choice.load())
        self._model = Parameters(self._choice, self)
        self._num = 1
        self._inputs: dict[str, Any] = {}
        self._lengths: list[int] = []
        self._len = 0
        self._tied_lengths = False
        self.set_seed(seed)

    def __getstate__(self) -> dict[str, Any]:
        changed = self._model.changed
        return {key: value for key, value in self.__dict__.items() if key not in self._DROPPED} | {"changed": changed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        changed = state.pop("changed")
        self.__dict__.update(state)
        self._network = BackboneModel(self._choice.load())
        self._model = Parameters(self._choice, self)
        if changed is not None:
            self._model.params = changed

    def prep_inputs(
        self,
        pdb_filename: Any = None,
        chain: str | None = None,
        homooligomer: bool = False,
        ignore_missing: bool = True,
        fix_pos: str | None = None,
        inverse: bool = False,
        rm_aa: str | None = None,
        verbose: bool = False,
        **kwargs: Any,
    ) -> None:
        """Read a structure.

        Parameters
        ----------
        pdb_filename : path or str
            A PDB or mmCIF file, plain or gzipped, or the text of one.
        chain : str, optional
            Chains, such as ``A,B``, in this order; all when None.
        homooligomer : bool
            Whether the chains, of one length, carry one sequence.
        ignore_missing : bool
            Whether residues that the numbering skips are left out; else they stand masked.
        fix_pos : str, optional
            Positions that keep their letter, such as ``A``, ``A1-10,B5``; without a chain, those of the first one.
        inverse : bool
            Whether the positions of ``fix_pos`` are those that are designed.
        rm_aa : str, optional
            Letters never drawn, such as ``C,W``.
        verbose : bool
            Whether lengths and fixed positions are printed.
        """
        pdb = read_chains(pdb_filename, chain, ignore_missing)
        batch = pdb["batch"]
        self._lengths = pdb["lengths"]
        if homooligomer and min(self._lengths) != max(self._lengths):
            raise fm.SelectionError(f"homooligomer: the chains have {self._lengths} residues, not the same number")
        length = sum(self._lengths)
        bias = np.zeros((length, 20))
        for letter in _letters(rm_aa):
            bias[:, aa_order[letter]] += REMOVED
        self._inputs = {
            "X": batch["all_atom_positions"][:, BACKBONE],
            "mask": batch["all_atom_mask"][:, 1],
            "S": batch["aatype"],
            "residue_idx": pdb["residue_index"],
            "chain_idx": np.repeat(np.arange(len(self._lengths)), self._lengths),
            "lengths": np.array(self._lengths),
            "bias": bias,
        }
        if fix_pos:
            positions = positions_of(fix_pos, pdb["idx"]["residue"], pdb["idx"]["chain"])
            if inverse:
                positions = np.delete(np.arange(length), positions)
            self._fix(positions)
        self._tied_lengths = bool(homooligomer)
        self._len = self._lengths[0] if homooligomer else length
        self.pdb = pdb
        if verbose:
            print("lengths", self._lengths)
            if "fix_pos" in self._inputs:
                print("the following positions will be fixed:")
                print(self._inputs["fix_pos"])

    def get_af_inputs(self, af: Any) -> None:
        """Take the backbone of a model of AfDesign: its lengths, bias, fixed positions, and coordinates where it has
        them.

        Parameters
        ----------
        af : object
            ColabDesign's ``mk_af_model`` after ``prep_inputs``.
        """
        self._lengths, self._len = [int(length) for length in af._lengths], int(af._len)
        length = sum(self._lengths)
        bias = np.zeros((length, 20))
        bias[-self._len :] = np.asarray(af._inputs["bias"])
        self._inputs |= {
            "residue_idx": np.asarray(af._inputs["residue_index"]),
            "chain_idx": np.asarray(af._inputs["asym_id"]),
            "lengths": np.array(self._lengths),
            "bias": bias,
        }
        if "offset" in af._inputs:
            self._inputs["offset"] = np.asarray(af._inputs["offset"])
        if "batch" in af._inputs:
            batch = af._inputs["batch"]
            self._inputs |= {
                "X": np.asarray(batch["all_atom_positions"])[:, BACKBONE],
                "mask": np.asarray(batch["all_atom_mask"])[:, 1],
                "S": np.asarray(batch["aatype"]),
            }
        fixed = np.arange(af._target_len) if af.protocol == "binder" else af.opt.get("fix_pos", None)
        if fixed is not None:
            self._fix(np.asarray(fixed))
        self._tied_lengths = bool(af._args["homooligomer"])
        if self._tied_lengths and min(self._lengths) != max(self._lengths):
            raise fm.SelectionError(f"homooligomer: the chains have {self._lengths} residues, not the same number")

    def _fix(self, positions: Integers) -> None:
        self._inputs["fix_pos"] = positions
        self._inputs["bias"][positions] = FIXED * np.eye(21)[np.asarray(self._inputs["S"])[positions], :20]

    def set_seed(self, seed: int | None = None) -> None:
        """Begin the random numbers anew.

        With a number, NumPy's own generator is seeded, too, as in ColabDesign; with None it is left alone.
        """
        if seed is not None:
            np.random.seed(seed)
        self.key = KeyStream(random.randint(0, 2147483647) if seed is None else seed)

    def sample(
        self,
        num: int = 1,
        batch: int = 1,
        temperature: float = 0.1,
        rescore: bool = False,
        **kwargs: Any,
    ) -> dict[str, npt.NDArray[Any]]:
        """Draw ``num * batch`` sequences.

        Parameters
        ----------
        num, batch : int
            How many sequences; only the product counts.
        temperature : float
            0 takes the likeliest letters.
        rescore : bool
            Whether logits and scores are computed anew from the finished sequence, in the same decoding order.
        **kwargs
            Inputs that take the place of those of :attr:`_inputs` for this call, such as ``bias`` or
            ``decoding_order``; and ``key``, a key of JAX or a number.

        Returns
        -------
        dict
            ``seq`` [n], the chains joined by ``/``, or one of a homo-oligomer; ``score`` [n], the mean −ln p over
            resolved positions that are not fixed, nats; ``seqid`` [n], the share of these with the native letter; ``S``
            [n, L, 21], the letters as 0 and 1; ``logits`` [n, L, 21]; ``decoding_order`` [n, L, 1], or [n, L / copies,
            copies].
        """
        if "key" in kwargs:
            # The same key gives the same batch, as often as it is asked for.
            drawn = self.sample_parallel(batch, temperature, rescore, **kwargs)
            return {name: np.concatenate([value] * num, 0) for name, value in drawn.items()}
        keys = [self.key() for _ in range(num)]
        return self.sample_parallel(num * batch, temperature, rescore, key=keys[0], **kwargs)

    def sample_parallel(
        self,
        batch: int = 10,
        temperature: float = 0.1,
        rescore: bool = False,
        **kwargs: Any,
    ) -> dict[str, npt.NDArray[Any]]:
        """Draw ``batch`` sequences; arguments and result are those of :meth:`sample`."""
        inputs = self._inputs | kwargs
        own = self.key()
        key = as_key(inputs.pop("key", own))
        if "ar_mask" in inputs:
            raise NotImplementedError("sample: an ar_mask of its own; give a decoding_order instead")
        samples = self._draw(inputs, key, batch, float(temperature))
        letters = IN_COLABDESIGN[samples.letters]
        answer = {
            "S": np.eye(21, dtype=np.float32)[letters],
            "decoding_order": self._steps(np.argsort(samples.rank, axis=1).astype(np.int32)),
            "logits": samples.log_probabilities[..., IN_FASTMPNN],
        }
        if rescore:
            passes = [
                self._teacher_forced(inputs | {"S": sequence, "decoding_order": order.reshape(-1)}, key)[0]
                for sequence, order in zip(letters, answer["decoding_order"])
            ]
            answer["logits"] = np.stack(passes)
        return answer | self._get_seq(answer) | self._get_score(inputs, answer)

    def score(self, seq: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Score a sequence.

        Parameters
        ----------
        seq : str, optional
            The letters of all residues; of one copy of a homo-oligomer; or of the positions that are not fixed. The
            native sequence when None.
        **kwargs
            Inputs that take the place of those of :attr:`_inputs` for this call: ``decoding_order`` [L], ``ar_mask``
            [L, L] (1 where a row's residue knows the letter of a column's), ``S``; and ``key``.

        Returns
        -------
        dict
            ``score``, the mean −ln p over resolved positions that are not fixed, nats; ``seqid``; ``S`` [L, 21];
            ``logits`` [L, 21]; ``decoding_order`` [L], or None with ``ar_mask``.
        """
        inputs = dict(self._inputs)
        if seq is not None:
            inputs["S"] = self._with_letters(inputs, seq)
        inputs |= kwargs
        own = self.key()
        answer = self._score(**(inputs | {"key": inputs.get("key", own)}))
        return answer | self._get_score(inputs, answer)

    def get_logits(self, **kwargs: Any) -> npt.NDArray[np.float32]:
        """Give the logits of :meth:`score`, shape (L, 21)."""
        logits: npt.NDArray[np.float32] = self.score(**kwargs)["logits"]
        return logits

    def get_unconditional_logits(self, **kwargs: Any) -> npt.NDArray[np.float32]:
        """Give the logits of each residue given the backbone alone, shape (L, 21)."""
        length = len(self._inputs["X"])
        return self.get_logits(**(kwargs | {"ar_mask": np.zeros((length, length))}))

    def _with_letters(self, inputs: Mapping[str, Any], seq: str) -> Integers:
        letters: Integers = np.array(inputs["S"], np.int64)
        places = np.arange(len(letters))
        if self._tied_lengths and len(seq) == self._lengths[0]:
            seq = seq * len(self._lengths)
        if "fix_pos" in inputs and len(seq) == len(letters) - len(inputs["fix_pos"]):
            places = np.delete(places, inputs["fix_pos"])
        if len(seq) != len(places):
            raise ValueError(f"seq has {len(seq)} letters, for {len(places)} residues")
        letters[places] = [aa_order.get(letter, -1) for letter in seq]
        return letters

    def _score(self, **inputs: Any) -> dict[str, Any]:
        """Give logits, letters and decoding order of inputs, as ColabDesign's compiled function of this name does."""
        for name, value in inputs.items():
            refuse_tracing(name, value)
        key = as_key(inputs.pop("key"))
        if inputs.get("S") is None:
            inputs["S"] = np.full(len(inputs["X"]), -1)
            inputs["ar_mask"] = np.zeros((len(inputs["X"]),) * 2)
        logits, order = self._teacher_forced(inputs, key)
        letters = letter_indexes(as_numbers(inputs, "S"))
        known = np.where(letters >= 0, 1, 0)[:, None]
        return {
            "S": np.eye(21, dtype=np.float32)[letters] * known.astype(np.float32),
            "decoding_order": order,
            "logits": logits,
        }

    def _teacher_forced(
        self, inputs: Mapping[str, Any], key: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32] | None]:
        """Give the logits in ColabDesign's order of letters, and the decoding order where there is one."""
        keys = split(key)
        backbone = self._backbone(inputs, key)
        letters = to_fastmpnn(letter_indexes(as_numbers(inputs, "S")))
        if "ar_mask" in inputs:
            mask = as_numbers(inputs, "ar_mask")
            if not np.isin(mask, (0, 1)).all():
                raise NotImplementedError("ar_mask: 0 or 1 for each pair of residues")
            known = mask.astype(bool) if mask.any() else None
            return self._network.logits(backbone, letters, known=known)[:, IN_FASTMPNN], None
        if "decoding_order" in inputs:
            order = as_numbers(inputs, "decoding_order").reshape(-1).astype(np.int64)
        else:
            order = np.argsort(decoding_priorities(inputs, keys[1]), kind="stable")
        return self._network.logits(backbone, letters, order)[:, IN_FASTMPNN], order.astype(np.int32)

    def _backbone(self, inputs: Mapping[str, Any], key: npt.NDArray[np.uint32]) -> Backbone:
        positions, mask, numbers, chains = (as_numbers(inputs, name) for name in BACKBONE_INPUTS)
        positions = np.nan_to_num(positions.astype(np.float64))
        complete = positions[:, :3].any(-1).all(-1)
        if self._backbone_noise:
            noise = np.random.default_rng(key.tolist()).normal(0, self._backbone_noise, positions.shape)
            positions = np.where(positions.any(-1, keepdims=True), positions + noise, positions)
        cyclic = cyclic_chains(inputs.get("offset"), numbers, chains)
        return Backbone(positions, (mask > 0) & complete, numbers.astype(np.int64), chains.astype(np.int64), cyclic)

    def _draw(self, inputs: Mapping[str, Any], key: npt.NDArray[np.uint32], count: int, temperature: float) -> Samples:
        letters = to_fastmpnn(letter_indexes(as_numbers(inputs, "S")))
        bias = self._bias(inputs)
        best = bias[:, :20].argmax(-1)
        others = bias[:, :20].copy()
        others[np.arange(len(bias)), best] = -np.inf
        decided = bias[np.arange(len(bias)), best] - others.max(-1) > DECIDED
        fixed_letters = np.where(decided, best, letters).astype(np.int8)
        tied = [list(range(len(inputs["lengths"])))] if self._tied_lengths and len(inputs["lengths"]) > 1 else []

        def drawn(count: int, key: npt.NDArray[np.uint32], order: Integers | None) -> Samples:
            seed = (int(key[0]) << 32) | int(key[1])
            draw = Draw(count, temperature, seed, decided, fixed_letters, bias, order, tied)
            return self._network.draw(self._backbone(inputs, key), draw)

        if "decoding_order" in inputs:
            given = as_numbers(inputs, "decoding_order").reshape(-1).astype(np.int64)
        else:
            given = None
        # Fixed positions go first; those that the bias leaves open have to be put there.
        open_first = np.setdiff1d(np.asarray(inputs.get("fix_pos", []), np.int64), np.flatnonzero(decided))
        if not self._backbone_noise and (given is not None or not len(open_first)):
            return drawn(count, key, given)
        one_by_one = []
        for own in split(key, count):
            order = given
            if order is None and len(open_first):
                order = self._random_order(inputs, split(own)[1])
            one_by_one.append(drawn(1, own, order))
        return Samples.joined(one_by_one)

    def _random_order(self, inputs: Mapping[str, Any], key: npt.NDArray[np.uint32]) -> Integers:
        priorities = decoding_priorities(inputs, key)
        if not self._tied_lengths:
            return np.argsort(priorities, kind="stable")
        copies = priorities.reshape(len(inputs["lengths"]), -1)
        groups = np.arange(len(priorities)).reshape(copies.shape).T
        return groups[np.argsort(copies.mean(0), kind="stable")].reshape(-1)

    def _bias(self, inputs: Mapping[str, Any]) -> npt.NDArray[np.float32]:
        """Give the bias in FastMPNN's order of letters, shape (L, 21); that of tied copies is their mean."""
        if inputs.get("bias") is None:
            return np.zeros((len(inputs["X"]), 21), np.float32)
        bias = as_numbers(inputs, "bias").astype(np.float64)
        if bias.shape[-1] == 20:
            bias = np.pad(bias, [(0, 0), (0, 1)])
        if self._tied_lengths:
            copies = len(inputs["lengths"])
            bias = np.tile(bias.reshape(copies, -1, 21).mean(0), (copies, 1))
        return bias[:, IN_COLABDESIGN].astype(np.float32)

    def _steps(self, orders: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Give decoding orders [n, L] as steps of one residue each, or of the copies of a homo-oligomer."""
        if not self._tied_lengths:
            return orders[:, :, None]
        copies, length = len(self._lengths), self._lengths[0]
        groups = np.arange(copies * length, dtype=np.int32).reshape(copies, length).T
        # The step of a group is that of its first member.
        first = [order[np.sort(np.unique(order % length, return_index=True)[1])] % length for order in orders]
        steps: npt.NDArray[np.int32] = groups[np.stack(first)]
        return steps

    def _get_seq(self, answer: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
        """Give one-hot letters as text, the chains joined by ``/``."""
        letters = np.atleast_2d(np.asarray(answer["S"]).argmax(-1))
        borders = np.cumsum(self._lengths)[:-1]
        texts = []
        for row in letters:
            chains = ["".join(ALPHABET[letter] for letter in chain) for chain in np.split(row, borders)]
            texts.append(chains[0] if self._tied_lengths else "/".join(chains))
        return {"seq": np.array(texts)}

    def _get_score(self, inputs: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
        """Give the mean −ln p, and the share of native letters, over resolved positions that are not fixed."""
        mask = np.array(inputs["mask"], np.float64)
        if "fix_pos" in inputs:
            mask[np.asarray(inputs["fix_pos"])] = 0
        letters = answer["S"][..., :20]
        own = -(letters * log_softmax(answer["logits"])[..., :20]).sum(-1)
        same = letters.argmax(-1) == np.asarray(self._inputs["S"])
        return {name: (each * mask).sum(-1) / (mask.sum() + 1e-8) for name, each in (("score", own), ("seqid", same))}


def clear_mem() -> None:
    """Do nothing: there is no memory of a graphics processor to clear."""


def _letters(text: str | None) -> list[str]:
    """Give the letters of ``rm_aa``."""
    letters = [letter.strip() for letter in (text or "").split(",") if letter.strip()]
    for letter in letters:
        if letter not in aa_order:
            raise fm.SettingError(f"rm_aa: {letter!r} is no amino acid; write them as C,W")
    return letters


if __name__ == "__main__":
    print(shim_folder())
