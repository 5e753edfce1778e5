"""Atoms as columns: the form in which structures of other packages come in and go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn._errors import InputError

_AMINO_ACIDS = "ALA CYS ASP GLU PHE GLY HIS ILE LYS LEU MET ASN PRO GLN ARG SER THR VAL TRP TYR UNK ASX GLX"

#: Names that AMBER and CHARMM give to protonation states.
_PROTONATION_STATES = "ASH CYM CYX GLH HID HIE HIP HSD HSE HSP LYN"

_NUCLEOTIDES = "A C G I N U DA DC DG DI DN DT DU"

#: Names of residues that a PDB file has as ATOM records.
_ATOM_NAMES = frozenset(f"{_AMINO_ACIDS} {_PROTONATION_STATES} {_NUCLEOTIDES}".split())


def is_hetatm_name(residue_name: str) -> bool:
    """Whether a PDB file would have a residue of that name as HETATM."""
    return residue_name not in _ATOM_NAMES


@dataclass(init=False, eq=False, repr=False)
class Columns:
    """The atoms of one model, one a row. A is the number of atoms.

    Values are checked and converted when it is made. Columns that are not given have the value in parentheses.

    Parameters
    ----------
    chain : list of str
        The author's chain ids.
    residue_number : array of int32, shape (A,)
        The author's residue numbers.
    residue_name : list of str
        Residue names, such as ``ALA`` or ``HEM``.
    atom_name : list of str
        Atom names without padding, such as ``CA``.
    position : array of float32, shape (A, 3)
        Coordinates in Å.
    insertion : list of str
        Insertion codes, one character or ``""`` (``""``).
    element : list of str
        Symbols of elements in upper case; where one is ``""``, the reader takes it from the atom's name (``""``).
    occupancy : array of float32, shape (A,)
        Occupancies, 0 to 1 (1).
    b_factor : array of float32, shape (A,)
        B-factors in Å² (0).
    hetatm : array of bool, shape (A,)
        Whether a PDB file would have the atom as HETATM (False for nucleotides and for amino acids by their standard
        names or those of force fields).
    altloc : list of str
        Alternate locations, one character or ``""`` (``""``).
    charge : array of int8, shape (A,)
        Formal charges in units of e (0).

    Raises
    ------
    InputError
        Where columns differ in length, or values are not what their column holds.
    """

    chain: list[str]
    residue_number: npt.NDArray[np.int32]
    insertion: list[str]
    residue_name: list[str]
    atom_name: list[str]
    element: list[str]
    position: npt.NDArray[np.float32]
    occupancy: npt.NDArray[np.float32]
    b_factor: npt.NDArray[np.float32]
    hetatm: npt.NDArray[np.bool_]
    altloc: list[str]
    charge: npt.NDArray[np.int8]

    def __init__(
        self,
        *,
        chain: Iterable[str],
        residue_number: npt.ArrayLike,
        residue_name: Iterable[str],
        atom_name: Iterable[str],
        position: npt.ArrayLike,
        insertion: Iterable[str] | None = None,
        element: Iterable[str] | None = None,
        occupancy: npt.ArrayLike | None = None,
        b_factor: npt.ArrayLike | None = None,
        hetatm: npt.ArrayLike | None = None,
        altloc: Iterable[str] | None = None,
        charge: npt.ArrayLike | None = None,
    ) -> None:
        self.position = _floats("position", position)
        if self.position.ndim != 2 or self.position.shape[1] != 3:
            raise InputError(f"column position has shape {self.position.shape}, not (A, 3)")
        count = len(self.position)
        nothing = [""] * count
        self.chain = _texts("chain", chain)
        self.residue_number = _integers("residue_number", residue_number, np.int32)
        self.residue_name = _texts("residue_name", residue_name)
        self.atom_name = _texts("atom_name", atom_name)
        self.insertion = _codes("insertion", nothing if insertion is None else insertion)
        self.element = [symbol.upper() for symbol in _texts("element", nothing if element is None else element)]
        self.occupancy = _floats("occupancy", np.ones(count) if occupancy is None else occupancy)
        self.b_factor = _floats("b_factor", np.zeros(count) if b_factor is None else b_factor)
        by_name = [is_hetatm_name(name) for name in self.residue_name]
        self.hetatm = _flags("hetatm", by_name if hetatm is None else hetatm)
        self.altloc = _codes("altloc", nothing if altloc is None else altloc)
        self.charge = _integers("charge", np.zeros(count, np.int8) if charge is None else charge, np.int8)
        for field in fields(self):
            column = getattr(self, field.name)
            if len(column) != count:
                raise InputError(f"column {field.name} has {len(column)} rows, column position {count}")

    @classmethod
    def of_structure(cls, columns: Mapping[str, Any]) -> Columns:
        """Make columns of what the extension gives of a structure, where every value is as it should be."""
        made = cls.__new__(cls)
        for field in fields(cls):
            setattr(made, field.name, columns[field.name])
        return made

    def __len__(self) -> int:
        return len(self.position)

    def __eq__(self, other: object) -> bool:
        """Whether all columns are equal; NaN equals NaN."""
        if not isinstance(other, Columns):
            return NotImplemented
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return all(a == b if isinstance(a, list) else _equal(a, b) for a, b in pairs)

    def __repr__(self) -> str:
        chains = list(dict.fromkeys(self.chain))
        return f"<Columns: {len(self)} atoms in {len(chains)} chains {', '.join(chains)}>"

    def take(self, rows: npt.ArrayLike) -> Columns:
        """Give some of the atoms.

        Parameters
        ----------
        rows : array of bool, shape (A,), or of int
            Which atoms, as a mask or as indexes in the order wanted.
        """
        chosen = np.arange(len(self))[np.asarray(rows)].tolist()
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return Columns(
            **{
                name: [column[row] for row in chosen] if isinstance(column, list) else column[chosen]
                for name, column in columns.items()
            }
        )


def _equal(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _listed(values: Iterable[Any]) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def _texts(name: str, values: Iterable[Any]) -> list[str]:
    """Give texts without padding; bytes are decoded."""
    if isinstance(values, str):
        raise InputError(f"column {name} is one text, not a sequence of them")
    texts = []
    for value in _listed(values):
        if not isinstance(value, (str, bytes)):
            raise InputError(f"column {name} holds {value!r}, which is no text")
        texts.append((value.decode("utf-8", "replace") if isinstance(value, bytes) else value).strip())
    return texts


def _codes(name: str, values: Iterable[Any]) -> list[str]:
    codes = _texts(name, values)
    for row, code in enumerate(codes):
        if len(code) > 1:
            raise InputError(f"column {name}, row {row}: {code!r} is longer than one character")
    return codes


def _numbers(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"column {name} is no array: its rows differ in length") from None
    if array.dtype.kind not in "iuf" and array.size:
        raise InputError(f"column {name} holds values of type {array.dtype}, not numbers")
    if array.ndim != 1 and name != "position":
        raise InputError(f"column {name} has shape {array.shape}, not (A,)")
    return array


def _floats(name: str, values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(_numbers(name, values), dtype=np.float32)


def _integers(name: str, values: npt.ArrayLike, dtype: type[np.signedinteger[Any]]) -> npt.NDArray[Any]:
    array = _numbers(name, values)
    limits = np.iinfo(dtype)
    wrong = ~((array >= limits.min) & (array <= limits.max) & (array == np.floor(array)))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(f"column {name}, row {row}: {array[row]} is no whole number from {limits.min} to {limits.max}")
    return np.ascontiguousarray(array, dtype=dtype)


def _flags(name: str, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    array = np.asarray(values)
    if array.dtype.kind != "b" and array.size:
        raise InputError(f"column {name} holds values of type {array.dtype}, not True and False")
    if array.ndim != 1:
        raise InputError(f"column {name} has shape {array.shape}, not (A,)")
    return np.ascontiguousarray(array, dtype=np.bool_)
