"""Structures of biotite, gemmi and Biopython, and plain arrays, as columns of atoms, and back.

None of these packages is imported before one of its objects is seen or asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from fastmpnn._arrays import backbone_columns, code_of, mapping_columns, present, symbol_of
from fastmpnn._errors import InputError
from fastmpnn.columns import Columns, is_hetatm_name

__all__ = ["backbone_columns", "columns_of", "name_of", "to_biopython", "to_biotite", "to_gemmi"]

#: The waters that Biopython has a flag of its own for.
_WATERS = ("HOH", "WAT")


def columns_of(source: Any) -> Columns:
    """Give the atoms of a structure as columns.

    Atoms whose three coordinates are NaN are absent, as they are in files, and left out with a warning.

    Parameters
    ----------
    source : object
        One of these:

        - a biotite ``AtomArray``, or an ``AtomArrayStack`` of one model;
        - a gemmi ``Structure`` or ``FlatStructure`` (its first model), ``Model`` or ``Chain``;
        - a Biopython ``Structure`` (its first model), ``Model`` or ``Chain``;
        - a dictionary of arrays by the names of :class:`Columns`, or by those of biotite, gemmi or mmCIF;
        - a backbone as an array of shape (N, 4, 3), or as a dictionary with the keys ``backbone`` and ``sequence`` and,
          where known, ``chain``, ``residue_number`` and ``insertion``: see :func:`backbone_columns`;
        - :class:`Columns`, or an object with a method ``columns()``, such as :class:`fastmpnn.Structure`.

    Returns
    -------
    Columns
        The atoms in the order of the source, all alternate locations that it has.

    Raises
    ------
    InputError
        Where there is more than one model to choose from, no atom, or a value that cannot be used.
    TypeError
        Where the source is none of these.
    """
    columns = _converted(source)
    if len(columns) == 0:
        raise InputError(f"{_called(source)} holds no atoms")
    return columns


def name_of(source: Any) -> str | None:
    """Give the name that a structure of another package has, or None."""
    kind = _kind(source)
    if kind in (("gemmi", "Structure"), ("gemmi", "FlatStructure")):
        name = getattr(source, "name", "")
    elif kind is not None and kind[0] == "Bio.PDB":
        while source.level in ("M", "C") and source.get_parent() is not None:
            source = source.get_parent()
        name = source.id if source.level == "S" else ""
    else:
        name = ""
    return name if isinstance(name, str) and name.strip() else None


def _converted(source: Any) -> Columns:
    if isinstance(source, Columns):
        return source
    kind = _kind(source)
    if kind is not None:
        return present(_OF_KIND[kind](source))
    if isinstance(source, Mapping):
        return mapping_columns(source)
    if isinstance(source, np.ndarray):
        return backbone_columns(source)
    if callable(getattr(source, "columns", None)):
        columns = source.columns()
        if isinstance(columns, Columns):
            return columns
    raise TypeError(
        "a structure is made of objects of biotite, gemmi and Biopython, dictionaries of arrays and backbone arrays, "
        f"not of {_called(source)}"
    )


def _called(source: Any) -> str:
    return f"{type(source).__module__}.{type(source).__qualname__}"


def _kind(source: Any) -> tuple[str, str] | None:
    """Give package and class of a structure, also of one that derives from it."""
    for base in type(source).__mro__:
        for package, name in _OF_KIND:
            if base.__name__ == name and f"{base.__module__}.".startswith(f"{package}."):
                return package, name
    return None


@dataclass
class _Rows:
    """Columns that grow by an atom."""

    chain: list[str] = field(default_factory=list)
    residue_number: list[int] = field(default_factory=list)
    insertion: list[str] = field(default_factory=list)
    residue_name: list[str] = field(default_factory=list)
    atom_name: list[str] = field(default_factory=list)
    element: list[str] = field(default_factory=list)
    position: list[Sequence[float]] = field(default_factory=list)
    occupancy: list[float] = field(default_factory=list)
    b_factor: list[float] = field(default_factory=list)
    hetatm: list[bool] = field(default_factory=list)
    altloc: list[str] = field(default_factory=list)
    charge: list[int] = field(default_factory=list)

    def columns(self) -> Columns:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["position"] = np.asarray(self.position, dtype=np.float32).reshape(-1, 3)
        return Columns(**values)


# biotite ------------------------------------------------------------------------------------------


def _of_biotite_stack(stack: Any) -> Columns:
    depth = stack.stack_depth()
    if depth != 1:
        raise InputError(f"an AtomArrayStack of {depth} models: give one of them, such as stack[0]")
    return _of_biotite(stack[0])


def _of_biotite(atoms: Any) -> Columns:
    known = set(atoms.get_annotation_categories())

    def codes(category: str) -> list[str] | None:
        return [code_of(code) for code in atoms.get_annotation(category).tolist()] if category in known else None

    def numbers(category: str) -> npt.ArrayLike | None:
        return atoms.get_annotation(category) if category in known else None

    return Columns(
        chain=atoms.chain_id,
        residue_number=atoms.res_id,
        insertion=codes("ins_code"),
        residue_name=atoms.res_name,
        atom_name=atoms.atom_name,
        element=[symbol_of(element) for element in atoms.element.tolist()],
        position=atoms.coord,
        occupancy=numbers("occupancy"),
        b_factor=numbers("b_factor"),
        hetatm=np.asarray(atoms.hetero, dtype=np.bool_),
        altloc=codes("altloc_id"),
        charge=numbers("charge"),
    )


def to_biotite(columns: Columns) -> Any:
    """Make a biotite ``AtomArray``.

    Parameters
    ----------
    columns : Columns
        The atoms.

    Returns
    -------
    biotite.structure.AtomArray
        The atoms in the same order. It has the annotations ``occupancy``, ``b_factor`` and ``charge`` besides the
        obligatory ones, and ``altloc_id`` where any atom has an alternate location.

    Raises
    ------
    ImportError
        Where biotite is not installed.
    """
    biotite: Any = importlib.import_module("biotite.structure")
    atoms = biotite.AtomArray(len(columns))
    atoms.coord = columns.position.copy()
    annotations: dict[str, Any] = {
        "chain_id": np.asarray(columns.chain, dtype=str),
        "res_id": columns.residue_number.astype(int),
        "ins_code": np.asarray(columns.insertion, dtype=str),
        "res_name": np.asarray(columns.residue_name, dtype=str),
        "hetero": columns.hetatm.copy(),
        "atom_name": np.asarray(columns.atom_name, dtype=str),
        "element": np.asarray(columns.element, dtype=str),
        "occupancy": columns.occupancy.copy(),
        "b_factor": columns.b_factor.copy(),
        "charge": columns.charge.astype(int),
    }
    if any(columns.altloc):
        annotations["altloc_id"] = np.asarray(columns.altloc, dtype=str)
    for category, values in annotations.items():
        atoms.set_annotation(category, values)
    return atoms


# gemmi --------------------------------------------------------------------------------------------


def _of_gemmi_structure(structure: Any) -> Columns:
    if len(structure) == 0:
        raise InputError("a gemmi.Structure without a model")
    return _of_gemmi_chains(structure[0])


def _of_gemmi_chain(chain: Any) -> Columns:
    return _of_gemmi_chains([chain])


def _of_gemmi_chains(chains: Iterable[Any]) -> Columns:
    rows = _Rows()
    for chain in chains:
        for residue in chain:
            number = residue.seqid.num
            if number is None:
                raise InputError(f"chain {chain.name}: a residue {residue.name} has no number")
            insertion = code_of(residue.seqid.icode)
            hetatm = _is_hetatm(residue.het_flag, residue.name)
            for atom in residue:
                rows.chain.append(chain.name)
                rows.residue_number.append(number)
                rows.insertion.append(insertion)
                rows.residue_name.append(residue.name)
                rows.atom_name.append(atom.name)
                rows.element.append(symbol_of(atom.element.name))
                rows.position.append(atom.pos.tolist())
                rows.occupancy.append(atom.occ)
                rows.b_factor.append(atom.b_iso)
                rows.hetatm.append(hetatm)
                rows.altloc.append(code_of(atom.altloc))
                rows.charge.append(atom.charge)
    return rows.columns()


def _is_hetatm(flag: str, residue_name: str) -> bool:
    """Read gemmi's flag, A or H; where it is neither, the name decides."""
    return flag == "H" if flag in ("A", "H") else is_hetatm_name(residue_name)


def _of_gemmi_flat(flat: Any) -> Columns:
    if len(flat) == 0:
        raise InputError("a gemmi.FlatStructure without atoms")
    rows = np.flatnonzero(flat.model_num == flat.model_num[0])

    def texts(values: npt.NDArray[Any]) -> list[str]:
        # Texts of 8 bytes come as numbers or as bytes, by a setting of the object.
        chosen = np.ascontiguousarray(values[rows])
        if chosen.dtype.kind != "S":
            chosen = chosen.view(f"S{chosen.shape[1] if chosen.ndim == 2 else 1}").ravel()
        return [text.decode("utf-8", "replace") for text in chosen.tolist()]

    names = texts(flat.residue_names)
    return Columns(
        chain=texts(flat.chain_ids),
        residue_number=flat.resnums[rows],
        insertion=[code_of(code) for code in texts(flat.icodes)],
        residue_name=names,
        atom_name=texts(flat.atom_names),
        element=[symbol_of(element) for element in texts(flat.element_names)],
        position=flat.pos[rows],
        occupancy=flat.occ[rows],
        b_factor=flat.b_iso[rows],
        hetatm=[_is_hetatm(flag, name) for flag, name in zip(texts(flat.het_flags), names, strict=True)],
        altloc=[code_of(code) for code in texts(flat.altlocs)],
        charge=flat.charge[rows],
    )


def to_gemmi(columns: Columns, name: str = "") -> Any:
    """Make a gemmi ``Structure``.

    Parameters
    ----------
    columns : Columns
        The atoms.
    name : str, optional
        The structure's name.

    Returns
    -------
    gemmi.Structure
        One model. A chain has all residues of its id, also those that stand apart in the columns, as ligands do.

    Raises
    ------
    ImportError
        Where gemmi is not installed.
    """
    gemmi: Any = importlib.import_module("gemmi")
    structure = gemmi.Structure()
    structure.name = name
    try:
        model = gemmi.Model(1)
    except TypeError:
        # Models had names before gemmi 0.7.
        model = gemmi.Model("1")
    for chain_id, residues in _by_chain(columns):
        chain = gemmi.Chain(chain_id)
        for rows in residues:
            first = rows[0]
            residue = gemmi.Residue()
            residue.name = columns.residue_name[first]
            residue.seqid = gemmi.SeqId(int(columns.residue_number[first]), columns.insertion[first] or " ")
            residue.het_flag = "H" if columns.hetatm[first] else "A"
            for row in rows:
                atom = gemmi.Atom()
                atom.name = columns.atom_name[row]
                atom.element = gemmi.Element(columns.element[row] or "X")
                atom.pos = gemmi.Position(*columns.position[row].tolist())
                atom.occ = float(columns.occupancy[row])
                atom.b_iso = float(columns.b_factor[row])
                atom.altloc = columns.altloc[row] or "\0"
                atom.charge = int(columns.charge[row])
                residue.add_atom(atom)
            chain.add_residue(residue)
        model.add_chain(chain)
    structure.add_model(model)
    structure.setup_entities()
    return structure


# Biopython ----------------------------------------------------------------------------------------


def _of_biopython(entity: Any) -> Columns:
    if entity.level == "S":
        models = list(entity)
        if not models:
            raise InputError("a Bio.PDB Structure without a model")
        entity = models[0]
    chains = [entity] if entity.level == "C" else list(entity)
    rows = _Rows()
    for chain in chains:
        for residue in _undisordered(chain):
            hetero, number, insertion = residue.id
            for atom in residue.get_unpacked_list():
                occupancy = atom.get_occupancy()
                rows.chain.append(chain.id)
                rows.residue_number.append(number)
                rows.insertion.append(code_of(insertion))
                rows.residue_name.append(residue.resname)
                rows.atom_name.append(atom.get_name())
                rows.element.append(symbol_of(atom.element or ""))
                rows.position.append(atom.get_coord())
                rows.occupancy.append(1.0 if occupancy is None else occupancy)
                rows.b_factor.append(atom.get_bfactor() or 0.0)
                rows.hetatm.append(hetero.strip() != "")
                rows.altloc.append(code_of(atom.get_altloc()))
                rows.charge.append(0)
    return rows.columns()


def _undisordered(chain: Any) -> Iterator[Any]:
    """Give the residues of a chain, each name of a point mutation as a residue of its own."""
    for residue in chain:
        if residue.is_disordered() == 2:
            yield from residue.disordered_get_list()
        else:
            yield residue


def to_biopython(columns: Columns, name: str = "") -> Any:
    """Make a Biopython ``Structure``.

    Parameters
    ----------
    columns : Columns
        The atoms. Formal charges are left out: Biopython has no place for them.
    name : str, optional
        The structure's id.

    Returns
    -------
    Bio.PDB.Structure.Structure
        One model. A chain has all residues of its id, also those that stand apart in the columns, as ligands do.

    Raises
    ------
    ImportError
        Where Biopython is not installed.
    """
    biopython: Any = importlib.import_module("Bio.PDB.StructureBuilder")
    builder = biopython.StructureBuilder()
    builder.init_structure(name)
    builder.init_model(0)
    serial = 0
    for chain_id, residues in _by_chain(columns):
        builder.init_chain(chain_id or " ")
        builder.init_seg(" ")
        for rows in residues:
            first = rows[0]
            residue_name = columns.residue_name[first]
            hetero = " "
            if columns.hetatm[first]:
                hetero = "W" if residue_name in _WATERS else "H"
            number = int(columns.residue_number[first])
            builder.init_residue(residue_name, hetero, number, columns.insertion[first] or " ")
            for row in rows:
                serial += 1
                atom_name = columns.atom_name[row]
                element = columns.element[row]
                wide = len(element) == 2 or len(atom_name) > 3
                builder.init_atom(
                    atom_name,
                    columns.position[row].copy(),
                    float(columns.b_factor[row]),
                    float(columns.occupancy[row]),
                    columns.altloc[row] or " ",
                    atom_name.ljust(4) if wide else f" {atom_name:<3}",
                    serial,
                    element or None,
                )
    return builder.get_structure()


def _by_chain(columns: Columns) -> list[tuple[str, list[list[int]]]]:
    """Give the rows of each residue of each chain, both in order of first appearance."""
    chains: dict[str, dict[tuple[int, str, str], list[int]]] = {}
    numbers = columns.residue_number.tolist()
    for row, chain in enumerate(columns.chain):
        site = (numbers[row], columns.insertion[row], columns.residue_name[row])
        chains.setdefault(chain, {}).setdefault(site, []).append(row)
    return [(chain, list(residues.values())) for chain, residues in chains.items()]


_OF_KIND: dict[tuple[str, str], Callable[[Any], Columns]] = {
    ("biotite.structure", "AtomArray"): _of_biotite,
    ("biotite.structure", "AtomArrayStack"): _of_biotite_stack,
    ("gemmi", "Structure"): _of_gemmi_structure,
    ("gemmi", "FlatStructure"): _of_gemmi_flat,
    ("gemmi", "Model"): _of_gemmi_chains,
    ("gemmi", "Chain"): _of_gemmi_chain,
    ("Bio.PDB", "Structure"): _of_biopython,
    ("Bio.PDB", "Model"): _of_biopython,
    ("Bio.PDB", "Chain"): _of_biopython,
}
