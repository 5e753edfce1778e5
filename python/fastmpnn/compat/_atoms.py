"""The atoms of a PDB file as LigandMPNN's reader, ProDy, has them, in NumPy's arrays.

- Atoms of no alternate location and of ``A`` count, of the first model.
- A residue is what shares segment, chain, number and insertion code; what follows its TER is another one.
- Protein is a residue of a known name with a CA; water and ions are known by name.

Source: ProDy 2.6.1 (behavior only), ``parsePDB``, ``HierView``, ``atomic/flags.py`` and ``writePDB``.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn._errors import InputError
from fastmpnn.compat._scripts import PathLike


def _names(text: str) -> frozenset[str]:
    """Give the names of a list."""
    return frozenset(text.split())


_AMINO_ACIDS = _names(
    """
    ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL ASX GLX ASH GLH CSO CYX HIP HID HIE
    HSD HSE HSP HISD HISE HISP LYN TYM ARN MSE CME SEC SEP TPO PTR PHD XLE XAA MEN CSB
    """
)
_WATERS = _names("HOH DOD WAT TIP3 H2O OH2 TIP TIP2 TIP4 SPC SOL T3P")
_IONS = _names(
    """
    AL BA CA CD CL CO CS CU CU1 CUA HG IN IOD K MG MN MN3 NA PB PT RB TB TL WO4 YB ZN CAL CES CLA POT SOD ZN2 CU2 CU2P
    """
)
_NUCLEOTIDES = _names("A C G T U I N DA DC DG DT ADE GUA CYT THY URA")
_NUCLEIC = _names(
    """
    2MA 2MG 2YR 3TD 4OC 5GP 5MC 5MU 6MA 7MG A A2P A3P ADE ADN ADP AGS AMP ATP C C2P C3P C5P CDP CMP CP1 CTN CTP CYT DA
    DC DG DT DU G GDP GMP GTP GUA GUN MA6 MIA OMC OMG OMU PSU T THM THY TMP TPP TTP U UDP UMP UR3 URA URI UTP
    """
)
_BACKBONE = ("CA", "C", "O", "N")
_LARGEST_NUMBER = 9999
_LARGEST_SERIAL = 99_999

_COLUMNS = {
    "name": "U6",
    "resname": "U6",
    "chain": "U4",
    "resnum": "i8",
    "icode": "U1",
    "altloc": "U1",
    "segment": "U6",
    "element": "U2",
    "occupancy": "f8",
    "beta": "f8",
    "charge": "i8",
    "hetatm": "?",
    "pdbter": "?",
}


class Atoms:
    """Some atoms of a file; the methods are called as those of ProDy's atom groups.

    Unlike there, what is set here is set for these atoms alone, and not in the file's atoms that they were chosen from.

    Attributes
    ----------
    title : str
        How they were chosen, as the first line of a file that ProDy writes has it.
    indices : array of int, shape (A,)
        Where they stand among all atoms of the file.
    """

    def __init__(
        self,
        coordinates: npt.NDArray[np.float64],
        columns: dict[str, npt.NDArray[Any]],
        title: str = "AtomGroup Unnamed",
        indices: npt.NDArray[np.int64] | None = None,
    ) -> None:
        self.title = title
        self.indices = np.arange(len(coordinates)) if indices is None else indices
        self._coordinates = coordinates
        self._columns = columns

    def __len__(self) -> int:
        return len(self._coordinates)

    def __repr__(self) -> str:
        return f"<{self.title} ({len(self)} atoms)>"

    def __add__(self, other: Atoms) -> Atoms:
        """Give these atoms and then the others."""
        columns = {name: np.concatenate([self._columns[name], other._columns[name]]) for name in _COLUMNS}
        whole = self.title.startswith("AtomGroup")
        title = f"{self.title} + {other.title.removeprefix('AtomGroup ')}" if whole else ""
        title = title or f"AtomMap ({self.title}) + ({other.title})"
        return Atoms(np.concatenate([self._coordinates, other._coordinates]), columns, title)

    def copy(self) -> Atoms:
        """Give the same atoms in arrays of their own."""
        columns = {name: column.copy() for name, column in self._columns.items()}
        return Atoms(self._coordinates.copy(), columns, self.title, self.indices.copy())

    def numAtoms(self) -> int:
        """Give the number of atoms."""
        return len(self)

    def getCoords(self) -> npt.NDArray[np.float64]:
        """Give positions, shape (A, 3), Å."""
        return self._coordinates.copy()

    def getNames(self) -> npt.NDArray[np.str_]:
        """Give the names of the atoms, shape (A,)."""
        return self._columns["name"].copy()

    def getResnames(self) -> npt.NDArray[np.str_]:
        """Give the names of their residues, shape (A,)."""
        return self._columns["resname"].copy()

    def getResnums(self) -> npt.NDArray[np.int64]:
        """Give the numbers of their residues, shape (A,)."""
        return self._columns["resnum"].copy()

    def getIcodes(self) -> npt.NDArray[np.str_]:
        """Give the insertion codes of their residues, shape (A,); empty where there is none."""
        return self._columns["icode"].copy()

    def getChids(self) -> npt.NDArray[np.str_]:
        """Give the letters of their chains, shape (A,)."""
        return self._columns["chain"].copy()

    def getSegnames(self) -> npt.NDArray[np.str_]:
        """Give the names of their segments, shape (A,)."""
        return self._columns["segment"].copy()

    def getAltlocs(self) -> npt.NDArray[np.str_]:
        """Give their alternate locations, shape (A,); a blank where there is none."""
        return self._columns["altloc"].copy()

    def getElements(self) -> npt.NDArray[np.str_]:
        """Give their elements as the file has them, shape (A,)."""
        return self._columns["element"].copy()

    def getOccupancies(self) -> npt.NDArray[np.float64]:
        """Give their occupancies, shape (A,)."""
        return self._columns["occupancy"].copy()

    def getBetas(self) -> npt.NDArray[np.float64]:
        """Give their B-factors, shape (A,), Å²."""
        return self._columns["beta"].copy()

    def getCharges(self) -> npt.NDArray[np.int64]:
        """Give their formal charges, shape (A,)."""
        return self._columns["charge"].copy()

    def getFlags(self, label: str) -> npt.NDArray[np.bool_] | None:
        """Give whether each is of a HETATM record, ``"hetatm"``, or has TER after it, ``"pdbter"``; else ``None``."""
        return self._columns[label].copy() if label in ("hetatm", "pdbter") else None

    def setCoords(self, coords: npt.ArrayLike) -> None:
        """Set positions, shape (A, 3), Å."""
        self._coordinates = np.array(coords, dtype=np.float64).reshape(len(self), 3)

    def setResnames(self, array: npt.ArrayLike) -> None:
        """Set the names of their residues, one for all or shape (A,)."""
        self._set("resname", array)

    def setBetas(self, array: npt.ArrayLike) -> None:
        """Set their B-factors, one for all or shape (A,), Å²."""
        self._set("beta", array)

    def setOccupancies(self, array: npt.ArrayLike) -> None:
        """Set their occupancies, one for all or shape (A,)."""
        self._set("occupancy", array)

    def setChids(self, array: npt.ArrayLike) -> None:
        """Set the letters of their chains, one for all or shape (A,)."""
        self._set("chain", array)

    def setResnums(self, array: npt.ArrayLike) -> None:
        """Set the numbers of their residues, one for all or shape (A,)."""
        self._set("resnum", array)

    def setFlags(self, label: str, array: npt.ArrayLike) -> None:
        """Set whether each is written as HETATM, ``"hetatm"``, or with TER after it, ``"pdbter"``."""
        if label not in ("hetatm", "pdbter"):
            raise ValueError(f"there is no flag {label}")
        self._set(label, array)

    def _set(self, name: str, array: npt.ArrayLike) -> None:
        values = np.asarray(array).astype(_COLUMNS[name]).reshape(-1)
        self._columns[name] = np.resize(values, len(self)) if values.size == 1 else values.copy()
        if len(self._columns[name]) != len(self):
            raise ValueError(f"{values.size} values for {len(self)} atoms")

    def chosen(self, where: npt.NDArray[np.bool_], text: str) -> Atoms | None:
        """Give the atoms that meet a condition, which is called ``text``; ``None`` where there are none."""
        if not where.any():
            return None
        before = "" if self.title.startswith("AtomGroup") else self.title.removeprefix("Selection ")[1:-1]
        text = f"({text}) and ({before})" if before else text
        columns = {name: column[where] for name, column in self._columns.items()}
        return Atoms(self._coordinates[where], columns, f"Selection '{text}'", self.indices[where])


class StructureAtoms:
    """All atoms of a structure, and what they are part of.

    Attributes
    ----------
    atoms : Atoms
        The atoms.
    chain_index : array of int, shape (A,)
        The chain of each, counted as they come first; one letter in two segments is two chains.
    protein, water : array of bool, shape (A,)
        Whether each is part of a protein, or of water.
    """

    def __init__(self, path: PathLike) -> None:
        lines = _lines(path)
        self.atoms = _read(os.fspath(path), lines)
        columns = self.atoms._columns
        self.chain_index, residue = _hierarchy(columns)
        names = columns["resname"]
        self.water = np.isin(names, list(_WATERS))
        alpha = (columns["name"] == "CA") & np.isin(names, list(_AMINO_ACIDS))
        self.protein = np.isin(residue, residue[alpha]) & ~self.water & ~np.isin(names, list(_IONS))


def _lines(path: PathLike) -> list[str]:
    shown = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{shown}: cannot be read: {reason}", file=shown) from error
    return data.decode("utf-8", "replace").splitlines()


def _read(path: str, lines: Sequence[str]) -> Atoms:
    """Give the atoms of the first model."""
    places: list[list[float]] = []
    rows: list[tuple[object, ...]] = []
    ends: list[bool] = []
    numbers = _ResidueNumbers()
    for index, line in enumerate(lines):
        record = line[:6].strip()
        if record in ("ATOM", "HETATM"):
            altloc = line[16:17]
            if altloc not in (" ", "", "A"):
                continue
            try:
                place = [float(line[30:38]), float(line[38:46]), float(line[46:54])]
                number, icode = numbers.of(line[22:26], line[26:27].strip())
            except ValueError:
                what = "the coordinates or the residue number of an atom cannot be read"
                message = f"{path}: line {index + 1}: chain {line[21:22].strip() or '_'}: {what}"
                raise InputError(message, file=path, line=index + 1, chain=line[21:22].strip()) from None
            places.append(place)
            ends.append(False)
            rows.append(
                (
                    line[12:16].strip(),
                    line[17:20].strip(),
                    line[21:22].strip(),
                    number,
                    icode,
                    altloc or " ",
                    line[72:76].strip(),
                    line[76:78].strip(),
                    _number(line[54:60]),
                    _number(line[60:66]),
                    _charge(line[78:80]),
                    record == "HETATM",
                )
            )
        elif record == "TER" and ends:
            ends[-1] = True
        elif record[:3] == "END" and ends:
            break
    if not rows:
        raise InputError(f"{path}: holds no atoms: no line of it begins with ATOM or HETATM", file=path)
    values = [*zip(*rows, strict=True), ends]
    columns = {name: np.array(list(value), dtype=_COLUMNS[name]) for name, value in zip(_COLUMNS, values, strict=True)}
    return Atoms(np.array(places), columns)


class _ResidueNumbers:
    """Numbers of residues; past 9999 they go on in hexadecimal or in base 36."""

    def __init__(self) -> None:
        self._decimal = True
        self._before = 0

    def of(self, text: str, icode: str) -> tuple[int, str]:
        """Give a number and an insertion code; a digit in its column is the fifth of the number."""
        number = 0
        if self._decimal:
            try:
                number = int(text)
            except ValueError:
                self._decimal = False
            else:
                if icode.isdigit():
                    number, icode = int(f"{number}{icode}"), ""
                self._decimal = not number < self._before >= _LARGEST_NUMBER
        if not self._decimal:
            number = _past_decimal(text.strip())
        self._before = number
        return number, icode


def _past_decimal(text: str) -> int:
    if not text.isdigit() and text == text.upper():
        # Hybrid-36: A000 follows 9999.
        return int(text, 36) - int("A000", 36) + _LARGEST_NUMBER + 1
    return int(text, 16)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _charge(text: str) -> int:
    try:
        return int(text[1:2] + text[:1])
    except ValueError:
        return 0


def _hierarchy(columns: dict[str, npt.NDArray[Any]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Give the chain and the residue of each atom."""
    ends = columns["pdbter"]
    chains: dict[tuple[str, str], int] = {}
    places: dict[tuple[object, ...], list[int]] = {}
    last: list[int] = []
    chain_index: list[int] = []
    residues: list[int] = []
    before: tuple[object, ...] | None = None
    keys = zip(columns["segment"], columns["chain"], columns["resnum"], columns["icode"], strict=True)
    for index, place in enumerate(keys):
        chain_index.append(chains.setdefault((str(place[0]), str(place[1])), len(chains)))
        if place == before and not ends[index - 1]:
            residue = residues[-1]
        else:
            known = places.setdefault(place, [])
            # A residue is taken up again where it is the only one of its place and no TER has ended it.
            if len(known) == 1 and not ends[last[known[0]]]:
                residue = known[0]
            else:
                residue = len(last)
                known.append(residue)
                last.append(index)
        last[residue] = index
        residues.append(residue)
        before = place
    return np.array(chain_index, dtype=np.int32), np.array(residues)


def chosen(
    whole: StructureAtoms, chains: Iterable[str], zero_occupancy: bool
) -> tuple[Atoms | None, Atoms | None, Atoms | None]:
    """Give the protein, what is neither protein nor water, and water, of some chains or all."""
    atoms: Atoms | None = whole.atoms
    if not zero_occupancy:
        atoms = whole.atoms.chosen(whole.atoms.getOccupancies() > 0, "occupancy > 0")
    wanted = list(chains)
    if atoms is not None and wanted:
        text = " or ".join(f"chain {chain}" for chain in wanted)
        atoms = atoms.chosen(np.isin(atoms.getChids(), wanted), text)
    if atoms is None:
        return None, None, None
    protein, water = whole.protein[atoms.indices], whole.water[atoms.indices]
    others = atoms.chosen(~protein & ~water, "not protein and not water")
    return atoms.chosen(protein, "protein"), others, atoms.chosen(water, "water")


def backbone(protein: Atoms) -> Atoms | None:
    """Give N, CA, C and O of the protein, as far as they are there."""
    return protein.chosen(np.isin(protein.getNames(), _BACKBONE), "backbone")


def group(coordinates: npt.ArrayLike, **columns: npt.ArrayLike) -> Atoms:
    """Make atoms of columns; those that are left out are empty, 0, or 1 for occupancies."""
    places = np.array(coordinates, dtype=np.float64).reshape(-1, 3)
    made: dict[str, npt.NDArray[Any]] = {}
    for name, dtype in _COLUMNS.items():
        default = np.full(len(places), 1.0 if name == "occupancy" else "" if dtype[0] == "U" else 0)
        made[name] = np.asarray(columns.get(name, default)).astype(dtype)
    return Atoms(places, made)


def not_polymer(atoms: Atoms, residues: set[tuple[str, int]]) -> npt.NDArray[np.bool_]:
    """Give what ProDy takes for HETATM: neither nucleic acid, nor in the place of a residue, but for ions."""
    names = atoms.getResnames()
    places = zip(atoms.getChids(), atoms.getResnums(), strict=True)
    within = np.array([(str(chain), int(number)) in residues for chain, number in places])
    return ~(within & ~np.isin(names, list(_IONS))) & ~np.isin(names, list(_NUCLEIC))


def write(path: PathLike, atoms: Atoms) -> str:
    """Write atoms as ProDy does, but for anisotropic displacements and later models.

    Parameters
    ----------
    path : path
        The file; ``.pdb`` is added to a name that does not end in it.
    atoms : Atoms
        What is written.

    Returns
    -------
    str
        The name of the file.
    """
    name = os.fspath(path)
    if not name.lower().endswith((".pdb", ".pdb.gz", ".ent", ".ent.gz")):
        name += ".pdb"
    text = pdb_text(atoms)
    if name.endswith(".gz"):
        with gzip.open(name, "wt", encoding="utf-8", newline="\n") as file:
            file.write(text)
    else:
        with open(name, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return name


def pdb_text(atoms: Atoms) -> str:
    """Give the text of a PDB file."""
    columns = atoms._columns
    lines = [f"REMARK {_shortened(atoms.title)}"]
    lines_of_ter = 0
    wide_serial = wide_number = False
    for index, (x, y, z) in enumerate(atoms._coordinates):
        row = {key: column[index] for key, column in columns.items()}
        serial, number = index + 1 + lines_of_ter, int(row["resnum"])
        if serial > _LARGEST_SERIAL:
            wide_serial = True
        elif number > _LARGEST_NUMBER:
            wide_number = True
        shown = _residue_number(number, row["icode"], wide_serial, wide_number)
        residue = f"{row['resname'][:3]:<3}{row['chain'][:1]:>2}{shown}"
        name = f" {row['name']:<3}" if len(row["name"]) < 4 else row["name"][:4]
        charge = int(row["charge"])
        sign = f"{abs(charge)}{'-' if charge < 0 else '+'}" if charge else "  "
        record = "HETATM" if row["hetatm"] else "ATOM  "
        lines.append(
            f"{record}{_serial(serial, wide_serial)} {name}{row['altloc'] or ' '}{residue}"
            f"   {x:8.3f}{y:8.3f}{z:8.3f}{row['occupancy']:6.2f}{row['beta']:6.2f}      "
            f"{row['segment']:>4}{row['element']:>2}{sign:>2}"
        )
        if row["pdbter"] and (row["resname"] in _AMINO_ACIDS or row["resname"] in _NUCLEOTIDES):
            lines_of_ter += 1
            lines.append(f"TER   {_serial(serial + 1, wide_serial)}      {residue}"[:26] + 54 * " ")
    lines.append(f"{'END':80}")
    return "\n".join(lines) + "\n"


def _serial(serial: int, wide: bool) -> str:
    """Give a serial number; in hexadecimal once they are past their columns."""
    return f"{serial:5x}" if wide else f"{serial:5}"


def _residue_number(number: int, icode: str, wide_serial: bool, wide_number: bool) -> str:
    """Give a residue's number and insertion code; a fifth digit takes the place of a code that is not there."""
    wide = wide_serial or wide_number
    text = f"{number:x}" if wide else str(number)
    icode = icode or (text[4:] if len(text) == 5 else "")
    shown = text[:4]
    if wide and not wide_number:
        shown = str(int(shown, 16))
    return f"{shown:>4}{icode or ' '}"


def _shortened(title: str) -> str:
    """Cut the middle out of a long choice of atoms, as ProDy does."""
    parts = title.split("'")
    most, kept = 33, 15
    parts[1::2] = [text if len(text) <= most else f"{text[:kept]}...{text[-kept:]}" for text in parts[1::2]]
    return "'".join(parts)
