"""Columns of atoms: what they check, and what they say of what is wrong."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from fastmpnn._errors import InputError
from fastmpnn.columns import Columns


def two_atoms(**changed: Any) -> dict[str, Any]:
    columns = {
        "chain": ["A", "B"],
        "residue_number": [1, -2],
        "residue_name": ["ALA", "ZN"],
        "atom_name": [" CA ", "ZN"],
        "position": [[0, 1, 2], [3, 4, 5.5]],
    }
    return {**columns, **changed}


def test_columns_that_are_not_given_have_their_usual_values() -> None:
    columns = Columns(**two_atoms())
    assert len(columns) == 2
    assert (columns.atom_name, columns.insertion, columns.altloc, columns.element) == (["CA", "ZN"], *[["", ""]] * 3)
    assert columns.hetatm.tolist() == [False, True]
    assert columns.occupancy.tolist() == [1, 1]
    assert columns.b_factor.tolist() == columns.charge.tolist() == [0, 0]
    types = {name: getattr(columns, name).dtype for name in ("residue_number", "position", "occupancy", "charge")}
    assert types == {"residue_number": np.int32, "position": np.float32, "occupancy": np.float32, "charge": np.int8}
    assert columns.position.flags.c_contiguous
    assert repr(columns) == "<Columns: 2 atoms in 2 chains A, B>"


def test_arrays_of_texts_and_bytes_are_taken_like_lists() -> None:
    given = Columns(
        **two_atoms(
            chain=np.array(["A", "B"]),
            residue_name=np.array([b"ALA", b"ZN"]),
            element=np.array(["c", "Zn"], dtype=object),
            insertion=["", " "],
            position=np.asfortranarray([[0, 1, 2], [3, 4, 5.5]]),
        )
    )
    assert given == Columns(**two_atoms(element=["C", "ZN"]))
    assert all(type(text) is str for text in given.chain + given.residue_name)


def test_columns_are_equal_by_value_and_survive_pickling() -> None:
    columns = Columns(**two_atoms(occupancy=[np.nan, 1]))
    assert pickle.loads(pickle.dumps(columns)) == columns
    assert columns != Columns(**two_atoms())
    assert columns != 1
    assert columns.take([1, 0]).take([1, 0]) == columns
    assert columns.take(np.array([False, True])).chain == ["B"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"position": [[0, 1]]}, r"column position has shape \(1, 2\), not \(A, 3\)"),
        ({"chain": ["A"]}, "column chain has 1 rows, column position 2"),
        ({"occupancy": [1.0]}, "column occupancy has 1 rows, column position 2"),
        ({"chain": "AB"}, "column chain is one text"),
        ({"residue_name": ["ALA", 7]}, "column residue_name holds 7, which is no text"),
        ({"altloc": ["", "AB"]}, "column altloc, row 1: 'AB' is longer than one character"),
        ({"residue_number": [1, 2.5]}, "column residue_number, row 1: 2.5 is no whole number"),
        ({"residue_number": [1, 2**31]}, "column residue_number, row 1: 2147483648 is no whole number"),
        ({"residue_number": [[1, 2]]}, r"column residue_number has shape \(1, 2\), not \(A,\)"),
        ({"charge": [200, 0]}, "column charge, row 0: 200 is no whole number from -128 to 127"),
        ({"charge": [np.nan, 0]}, "column charge, row 0: nan is no whole number"),
        ({"b_factor": ["1", "2"]}, "column b_factor holds values of type <U1, not numbers"),
        ({"hetatm": [0, 1]}, "column hetatm holds values of type int64, not True and False"),
        ({"position": [[0, 1, 2], [3, 4]]}, "column position is no array"),
    ],
)
def test_what_a_column_cannot_hold_is_an_error_that_names_it(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Columns(**two_atoms(**changed))
