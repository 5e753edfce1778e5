"""Datasets of the program, read by what people read tables with."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import program

import fastmpnn as fm

FORMATS = ("parquet", "jsonl", "csv")
COLUMNS = ("name", "sample", "temperature", "seed", "score", "sequence")

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def datasets(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the same designs in each format, several parts each."""
    folder = tmp_path_factory.mktemp("datasets")
    inputs = [str(examples / name) for name in ("5L33.pdb", "6MRR.pdb", "3MHT.pdb")]
    options = ["--num-seqs", "2", "--temperature", "0.1,0.5", "--part-rows", "5", "--quiet"]
    for format in FORMATS:
        program("design", *inputs, *options, "--table", format, "-o", str(folder / format))
    return {format: folder / format for format in FORMATS}


@pytest.fixture(scope="module")
def designs(examples: Path, model: fm.Model) -> Rows:
    """Design the same with the package."""
    rows = []
    for name in ("5L33.pdb", "6MRR.pdb", "3MHT.pdb"):
        for design in model.encode(fm.read(examples / name)).design(num_seqs=2, temperature=[0.1, 0.5]):
            temperature, score = pytest.approx(design.temperature), pytest.approx(design.score, abs=1e-6)
            rows.append((name[:4], design.sample + 1, temperature, 37, score, design.sequence))
    return rows


def parts(folder: Path) -> list[Path]:
    found = sorted((folder / "parts").iterdir())
    assert len(found) == 2
    return found


def test_parquet_is_read_by_pyarrow_with_the_request(datasets: dict[str, Path], designs: Rows) -> None:
    pyarrow_parquet = pytest.importorskip("pyarrow.parquet")
    tables = [pyarrow_parquet.read_table(path) for path in parts(datasets["parquet"])]
    rows = [tuple(row[name] for name in COLUMNS) for table in tables for row in table.to_pylist()]
    assert rows == designs
    request = json.loads(tables[0].schema.metadata[b"fastmpnn.request"])
    assert request["num_seqs"] == 2 and request["temperature"] == pytest.approx([0.1, 0.5])


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read_by_duckdb(datasets: dict[str, Path], designs: Rows, format: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    pattern = datasets[format] / "parts" / f"*.{format}"
    columns = ", ".join(COLUMNS)
    reader = {"parquet": "read_parquet", "jsonl": "read_json", "csv": "read_csv"}[format]
    found = duckdb.sql(f"select {columns} from {reader}('{pattern}') order by name, sequence")
    assert found.fetchall() == sorted(designs, key=lambda row: (row[0], row[-1]))
    best = duckdb.sql(f"select name, min(score) from {reader}('{pattern}') group by name order by name").fetchall()
    assert [row[0] for row in best] == ["3MHT", "5L33", "6MRR"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read_by_pandas(datasets: dict[str, Path], designs: Rows, format: str) -> None:
    pandas = pytest.importorskip("pandas")
    if format == "parquet":
        pytest.importorskip("pyarrow")
    read = {
        "parquet": pandas.read_parquet,
        "jsonl": lambda path: pandas.read_json(path, lines=True, dtype={"name": str}),
        "csv": pandas.read_csv,
    }[format]
    table = pandas.concat([read(path) for path in parts(datasets[format])])
    assert list(table[list(COLUMNS)].itertuples(index=False, name=None)) == designs


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read_by_polars(datasets: dict[str, Path], designs: Rows, format: str) -> None:
    polars = pytest.importorskip("polars")
    read = {"parquet": polars.read_parquet, "jsonl": polars.read_ndjson, "csv": polars.read_csv}[format]
    table = polars.concat([read(path) for path in parts(datasets[format])], how="diagonal_relaxed")
    assert table.select(COLUMNS).rows() == designs


def test_rows_are_told_apart_and_say_what_made_them(datasets: dict[str, Path]) -> None:
    rows: list[dict[str, str]] = []
    for part in parts(datasets["csv"]):
        with part.open(encoding="utf-8", newline="") as file:
            rows.extend(csv.DictReader(file))
    assert len({(row["name"], row["sample"], row["temperature"]) for row in rows}) == len(rows) == 12
    assert {row["version"] for row in rows} == {fm.__version__}
    assert len({row["settings"] for row in rows}) == 1 and len({row["input_sha256"] for row in rows}) == 3
