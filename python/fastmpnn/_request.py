"""Arguments of Python to a request of the pipeline: text for what the program takes as options, values for arrays."""

from __future__ import annotations

import functools
import json
import math
import operator
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastmpnn import _fastmpnn
from fastmpnn._errors import FastMPNNWarning, SettingError

if TYPE_CHECKING:
    from fastmpnn._structure import Structure

#: The letters of all arrays, in the order of the published networks.
ALPHABET = "ACDEFGHIKLMNPQRSTVWYX"

#: Settings that a model or a structure has decided before anything is asked.
DECIDED = {
    "inputs": "the structure is given to encode",
    "recursive": "the structure is given to encode",
    "manifest": "the structure is given to encode",
    "shard": "the structure is given to encode",
    "model_number": "it is an argument of read",
    "altloc": "it is an argument of read",
    "gaps": "it is an argument of read",
    "ligand": "it is an argument of read",
    "leave_out_unoccupied": "it is an argument of read",
    "assembly": "it is an argument of read",
    "model": "it is an argument of Model",
    "noise": "it is an argument of Model",
    "checkpoint": "it is an argument of Model",
    "precision": "it is an argument of Model",
    "states": "give encode a list of structures",
    "fasta": "give the sequences themselves",
    "table": "the program writes it; a result's rows are a table",
    "matrix": "the program writes it; a scan's change is the matrix",
    "heat_map": "the program draws it; plot_heatmap does",
    "logo": "the program draws it; plot_logo does",
    "logo_axis": "the program draws it; plot_logo does",
    "fasta_dir": "give the sequences themselves",
}


@dataclass
class Request:
    """A request: its settings in the words of the pipeline, and its values."""

    task: str
    settings: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def json(self) -> str:
        """Give the settings as the pipeline reads them."""
        return json.dumps(self.settings)


@dataclass(frozen=True)
class Pssm:
    """Profiles that are mixed with the network's probabilities, as ``protein_mpnn_run.py`` mixes them.

    With p the network's probabilities, ``p' = (1 - weight * c) * p + weight * c * q`` at a residue of coefficient c, and
    where log odds s are given, ``p" ~ p' * ((s > threshold) + 0.001)``.

    Parameters
    ----------
    probabilities : array of float, shape (N, 21)
        q, in the order of :data:`ALPHABET`.
    coefficient : array of float, shape (N,)
        c, 0 to 1.
    weight : float
        0 to 1 (``--pssm_multi``).
    log_odds : array of float, shape (N, 21), optional
        s.
    threshold : float
        What a letter's log odds must exceed (``--pssm_threshold``).
    """

    probabilities: npt.ArrayLike
    coefficient: npt.ArrayLike
    weight: float = 1.0
    log_odds: npt.ArrayLike | None = None
    threshold: float = 0.0

    def values(self, residues: int) -> dict[str, Any]:
        """Give the profile as the extension reads it, for a structure of this number of residues."""
        table = (residues, len(ALPHABET))
        log_odds = self.log_odds
        return {
            "probabilities": _array("pssm: probabilities", self.probabilities, np.float32, table),
            "coefficient": _array("pssm: coefficient", self.coefficient, np.float32, (residues,)),
            "weight": float(self.weight),
            "threshold": float(self.threshold),
            "log_odds": None if log_odds is None else _array("pssm: log_odds", log_odds, np.float32, table),
        }


@functools.cache
def defaults(task: str) -> dict[str, Any]:
    """Give all settings of a task with their defaults."""
    loaded: dict[str, Any] = json.loads(_fastmpnn.default_settings(task))
    return loaded


def build(task: str, structure: Structure, arguments: Mapping[str, Any], base: Mapping[str, Any]) -> Request:
    """Make a request of keyword arguments.

    Parameters
    ----------
    task : str
        ``design``, ``score``, ``probs``, ``scan`` or ``pack``.
    structure : Structure
        What it is for.
    arguments : mapping
        What the caller gave.
    base : mapping
        Settings that hold where the task has them and the caller gives no others.
    """
    known = defaults(task)
    request = Request(task, {name: value for name, value in base.items() if name in known})
    for name, value in arguments.items():
        if value is None:
            continue
        if name in DECIDED:
            raise SettingError(f"{name}: {DECIDED[name]}")
        if not _as_values(request, structure, name, value):
            request.settings[name] = setting = _as_setting(known.get(name), value)
            if any(isinstance(one, float) and not math.isfinite(one) for one in np.ravel(setting).tolist()):
                raise SettingError(f"{name}: {value} is not finite")
    return request


def _as_values(request: Request, structure: Structure, name: str, value: Any) -> bool:
    """Take an argument that is an array or a function; False where it is a setting."""
    values = request.values
    if name in ("fix", "redesign") and not _is_text(value):
        values[name] = residue_indexes(name, value, structure)
    elif name == "bias" and isinstance(value, Mapping):
        request.settings["bias"] = [f"{letter}={float(bias)!r}" for letter, bias in value.items()]
    elif name == "bias" and not _is_text(value):
        values["bias"] = _table(name, value, structure)
    elif name == "charge" and not _is_text(value):
        request.settings["charge"] = [_range(name, value)]
    elif name == "count" and isinstance(value, Mapping):
        request.settings["count"] = [f"{letters}={_range(name, bounds)}" for letters, bounds in value.items()]
    elif name == "omit" and not isinstance(value, str):
        values["omit"] = _array(name, value, bool, (len(structure), len(ALPHABET)))
    elif name == "order" and not isinstance(value, str):
        values["order"] = _order(value, len(structure))
    elif name == "residue_temperature":
        values[name] = _array(name, value, np.float32, (len(structure),))
    elif name == "pair_bias":
        values[name] = _pairs(value, len(structure))
    elif name == "pssm":
        if not isinstance(value, Pssm):
            raise SettingError(f"pssm: a Pssm, not {value!r}")
        values[name] = value.values(len(structure))
    elif name == "no_native_scores":
        values[name] = bool(value)
    elif name == "logits" and callable(value):
        values["hook"] = value
    elif name == "logits":
        # What is added to the logits is a bias; both may be given.
        added = _table(name, value, structure)
        values["bias"] = added + values["bias"] if "bias" in values else added
    else:
        return False
    return True


def _range(name: str, value: Any) -> str:
    """Give a number, or the least and the most with None for no bound, as the text of a range."""
    try:
        if not isinstance(value, (tuple, list)):
            return str(operator.index(value))
        least, most = ("" if bound is None else str(operator.index(bound)) for bound in value)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{name}: a number, or the least and the most, such as (-5, 0), not {value!r}") from error
    return f"{least}..{most}"


def _as_setting(default: Any, value: Any) -> Any:
    """Give a setting as JSON has it; one value where a list is wanted is a list of one."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple, set, frozenset)):
        value = [_as_setting(None, item) for item in value]
    elif isinstance(default, list):
        value = [value]
    return value


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return True
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(item, str) for item in value)


def residue_indexes(name: str, value: Any, structure: Structure) -> list[int]:
    """Give residues as indexes, of indexes from 0 or of a boolean mask."""
    array = np.asarray(sorted(value) if isinstance(value, (set, frozenset)) else value)
    if array.size == 0:
        return []
    if array.dtype == bool:
        if array.shape != (len(structure),):
            raise SettingError(f"{name}: a mask of shape {array.shape}, for {len(structure)} residues")
        return [int(index) for index in np.flatnonzero(array)]
    if not np.issubdtype(array.dtype, np.integer) or array.ndim != 1:
        raise SettingError(
            f"{name}: selections as text, residue indexes from 0, or a mask of shape ({len(structure)},)"
        )
    if int(array.min()) < 0:
        raise SettingError(f"{name}: {int(array.min())} is no residue index; the first residue is 0")
    return [int(index) for index in array]


def _array(name: str, value: npt.ArrayLike, dtype: type, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Give an array of a shape."""
    try:
        array: npt.NDArray[Any] = np.ascontiguousarray(value, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{name}: {error}") from error
    if array.shape != shape:
        raise SettingError(f"{name}: shape {array.shape}, not {shape}")
    return array


def _order(value: npt.ArrayLike, residues: int) -> list[int]:
    """Give a decoding order, which names each residue once."""
    order = np.asarray(value)
    if order.dtype.kind not in "iu" or order.shape != (residues,):
        raise SettingError(f"order: random, chain, colored, or {residues} residue indexes, the first decoded first")
    if not np.array_equal(np.sort(order), np.arange(residues)):
        raise SettingError(f"order: each of 0 to {residues - 1} once")
    return [int(index) for index in order]


def _pairs(value: Any, residues: int) -> list[tuple[int, int, npt.NDArray[Any]]]:
    """Give pair biases: the indexes of two residues, and a table."""
    pairs = []
    try:
        triples = [(operator.index(i), operator.index(j), table) for i, j, table in value]
    except (TypeError, ValueError) as error:
        raise SettingError(f"pair_bias: triples of two residue indexes and an array: {error}") from error
    for i, j, table in triples:
        if not (0 <= i < residues and 0 <= j < residues):
            raise SettingError(f"pair_bias: ({i}, {j}) are no two residues; the indexes are 0 to {residues - 1}")
        pairs.append((i, j, _array("pair_bias", table, np.float32, (len(ALPHABET), len(ALPHABET)))))
    return pairs


def _table(name: str, value: npt.ArrayLike, structure: Structure) -> npt.NDArray[np.float32]:
    """Give a table of a row for each residue; one of twenty columns says nothing of X."""
    try:
        table: npt.NDArray[np.float32] = np.ascontiguousarray(value, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{name}: {error}") from error
    if table.ndim == 2 and table.shape[1] == len(ALPHABET) - 1:
        table = np.concatenate([table, np.zeros((table.shape[0], 1), np.float32)], axis=1)
    if table.shape != (len(structure), len(ALPHABET)):
        raise SettingError(f"{name}: shape {table.shape}, not ({len(structure)}, {len(ALPHABET)})")
    return np.ascontiguousarray(table)


def fasta_of(sequences: Any, structure: Structure) -> bytes | None:
    """Give sequences as a FASTA file: text, texts, letters or arrays of letters.

    Returns
    -------
    bytes or None
        None for the native sequence.
    """
    if sequences is None:
        return None
    if isinstance(sequences, str):
        sequences = [sequences]
    elif hasattr(sequences, "letters"):
        sequences = np.atleast_2d(sequences.letters)
    elif isinstance(sequences, np.ndarray) and sequences.ndim == 1 and sequences.dtype.kind in "iu":
        sequences = sequences[None]
    elif isinstance(sequences, Mapping):
        return "".join(f">{name}\n{text_of(item, structure)}\n" for name, item in sequences.items()).encode()
    elif not isinstance(sequences, (Sequence, np.ndarray)):
        try:
            sequences = list(sequences)
        except TypeError as error:
            raise SettingError(f"sequences: text, letters, or several of them, not {sequences!r}") from error
    records = [f">{index + 1}\n{text_of(item, structure)}\n" for index, item in enumerate(sequences)]
    if not records:
        raise SettingError("sequences: there is none")
    return "".join(records).encode()


def text_of(sequence: Any, structure: Structure) -> str:
    """Give a sequence as text, of text, letters, or a design."""
    if isinstance(sequence, str):
        return sequence
    if hasattr(sequence, "letters"):
        sequence = sequence.letters
    letters = np.asarray(sequence)
    if letters.dtype.kind not in "iu" or letters.ndim != 1:
        raise SettingError(f"a sequence is text, or {len(structure)} indexes into {ALPHABET}")
    if letters.size and not (0 <= int(letters.min()) and int(letters.max()) < len(ALPHABET)):
        raise SettingError(f"letters are indexes into {ALPHABET}, 0 to {len(ALPHABET) - 1}")
    return "".join(ALPHABET[letter] for letter in letters)


def letters_of(sequence: Any, structure: Structure) -> list[int]:
    """Give a sequence of all residues as indexes into the alphabet."""
    text = text_of(sequence, structure).replace("/", "").replace(":", "").upper()
    unknown = sorted(set(text) - set(ALPHABET))
    if unknown:
        raise SettingError(f"{unknown[0]!r} is no letter of {ALPHABET}")
    if len(text) != len(structure):
        raise SettingError(f"a sequence of {len(text)} letters, for {len(structure)} residues")
    return [ALPHABET.index(letter) for letter in text]


def warn(said: Mapping[str, list[str]]) -> None:
    """Say the warnings of a run to the caller of the package."""
    for message in said["warnings"]:
        warnings.warn(message, FastMPNNWarning, stacklevel=3)
