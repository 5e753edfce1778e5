"""Ray Data: what actors design is what one process designs, whatever becomes of the actors."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import program

import fastmpnn as fm

pytest.importorskip("ray.data")

#: What is compared; other columns are of the dataset's own.
COLUMNS = ("name", "sample", "temperature", "seed", "sequence", "score", "global_score", "recovery")


@pytest.fixture(scope="module")
def ray_data() -> Iterator[Any]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray.data
    ray.shutdown()


def read_parts(folder: Path) -> list[dict[str, Any]]:
    """Give the rows of all parts in the folder, in an order that does not depend on the parts."""
    import pyarrow.parquet

    rows = [row for path in folder.glob("*.parquet") for row in pyarrow.parquet.read_table(path).to_pylist()]
    return sorted(rows, key=lambda row: (row["name"], row["seed"] or 0, row["sample"] or 0))


def alone(rows: list[dict[str, Any]], **settings: Any) -> list[tuple[Any, ...]]:
    """Design the rows in this process."""
    found = []
    for row in fm.design_many(rows, **settings):
        assert row.designs is not None, row.error
        for design in row.designs:
            # Tables have six digits.
            measures = [
                pytest.approx(value, abs=1e-6) for value in (design.score, design.global_score, design.recovery)
            ]
            seed = row.settings.get("seed", settings.get("seed", 37))
            place = (row.designs.structure.name, design.sample + 1, pytest.approx(design.temperature), seed)
            found.append((*place, design.sequence, *measures))
    return sorted(found, key=lambda row: (row[0], row[3], row[1]))


def actors() -> list[int]:
    """Give the processes of the actors that this process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"Designer" in (entry / "cmdline").read_bytes():
                if _parent(_parent(int(entry.name))) == os.getpid():
                    found.append(int(entry.name))
        except OSError:
            continue
    return sorted(found)


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


class Killer(threading.Thread):
    """Kills an actor when the first part is there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.killed: int | None = None
        self.parts_then = 0

    def run(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and self.killed is None:
            time.sleep(0.005)
            parts = len(list(self.folder.glob("part-*.parquet")))
            running = actors() if parts else []
            if len(running) == 2:
                os.kill(running[0], signal.SIGKILL)
                self.killed, self.parts_then = running[0], parts


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the actors' processes are found in /proc")
def test_a_run_whose_actor_is_killed_is_complete_and_equal(ray_data: Any, examples: Path, tmp_path: Path) -> None:
    import pyarrow.parquet

    from fastmpnn.ray import design

    folder = tmp_path / "backbones"
    folder.mkdir()
    for index in range(40):
        shutil.copy(examples / ("6MRR.pdb" if index % 2 else "5L33.pdb"), folder / f"backbone_{index:02}.pdb")
    options = ["--num-seqs", "2", "--rescore-orders", "2", "--quiet"]
    program("design", os.fspath(folder), *options, "--table", "parquet", "-o", os.fspath(tmp_path / "alone"))
    (part,) = (tmp_path / "alone" / "parts").iterdir()
    expected = pyarrow.parquet.read_table(part)

    killer = Killer(tmp_path / "run")
    killer.start()
    rows = [{"path": os.fspath(path)} for path in sorted(folder.iterdir())]
    settings: dict[str, Any] = {"num_seqs": 2, "rescore_orders": 2}
    design(ray_data.from_items(rows), tmp_path / "run", actors=2, batch_size=1, **settings)
    killer.join(timeout=1)
    assert killer.killed is not None and 0 < killer.parts_then < len(rows) - 1
    tables = [pyarrow.parquet.read_table(path) for path in (tmp_path / "run").glob("*.parquet")]
    found = pyarrow.concat_tables(tables).sort_by([("name", "ascending"), ("sample", "ascending")])
    assert found.column_names == [*expected.column_names, "row_id", "error"]
    for column in expected.column_names:
        assert found[column].to_pylist() == expected[column].to_pylist(), column
    assert len(found) == 80 and set(found["error"].to_pylist()) == {None}
    assert not list((tmp_path / "run").glob(".*"))


def test_a_manifest_gives_what_it_gives_the_program(ray_data: Any, examples: Path, tmp_path: Path) -> None:
    import pyarrow.parquet

    from fastmpnn.ray import design

    manifest = tmp_path / "manifest.csv"
    rows = ["5L33.pdb,A1-10,5,0.1,", "6MRR.pdb,,,,", '5L33.cif,,7,0.3,"[""A1-5:W=2.0"", ""A9:G=-1""]"']
    lines = [f"{examples / row.split(',')[0]},{row.partition(',')[2]}" for row in rows]
    # Both files of 5L33 have one name, which determines random numbers; the program numbers them, and a column names them.
    lines = [f"{line},{name}" for line, name in zip(lines, ("5L33", "6MRR", "5L33_other"))]
    manifest.write_text("\n".join(["path,fix,seed,temperature,bias-at,name", *lines]) + "\n", encoding="utf-8")
    options = ["-n", "2", "--quiet", "--table", "parquet", "-o", os.fspath(tmp_path / "alone")]
    program("design", "--manifest", os.fspath(manifest), *options)
    (part,) = (tmp_path / "alone" / "parts").iterdir()
    expected = pyarrow.parquet.read_table(part).sort_by([("name", "ascending"), ("sample", "ascending")])
    results = design(ray_data.read_csv(os.fspath(manifest)), num_seqs=2).take_all()
    results.sort(key=lambda row: (row["name"], row["sample"]))
    assert [row["name"] for row in results] == ["5L33"] * 2 + ["5L33_other"] * 2 + ["6MRR"] * 2
    for column in expected.column_names:
        if column != "settings":
            assert [row[column] for row in results] == expected[column].to_pylist(), column


def test_rows_that_have_results_are_skipped_and_failures_tried_again(
    ray_data: Any, examples: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from fastmpnn.ray import design

    caplog.set_level("INFO", logger="fastmpnn.ray")
    late = tmp_path / "late.pdb"
    rows = [
        {"path": os.fspath(examples / "5L33.pdb"), "fix": None, "campaign": "first"},
        {"path": os.fspath(examples / "5L33.pdb"), "fix": "A1-10", "campaign": "second"},
        {"path": os.fspath(examples / "5L33.pdb"), "fix": "B1", "campaign": "second"},
        {"path": os.fspath(late), "fix": None, "campaign": "third"},
    ]
    dataset = ray_data.from_items(rows)
    arguments: dict[str, Any] = {"num_seqs": 2, "temperature": [0.1, 0.5], "keep": ["campaign"], "batch_size": 2}
    results = design(dataset, tmp_path / "run", **arguments).take_all()
    assert "2 structures designed, 2 failed, 0 had results" in caplog.text
    assert sorted(row["campaign"] for row in results if row["error"] is None) == ["first"] * 4 + ["second"] * 4
    reasons = sorted(row["error"] for row in results if row["error"] is not None)
    assert len(reasons) == 2 and "late.pdb" in reasons[0] + reasons[1] and "B1" in reasons[0] + reasons[1]
    assert all(row["sequence"] is None for row in results if row["error"] is not None)

    before = {path: path.read_bytes() for path in (tmp_path / "run").glob("*.parquet")}
    late.write_bytes((examples / "6MRR.pdb").read_bytes())
    design(dataset, tmp_path / "run", **arguments)
    assert "1 structures designed, 1 failed, 2 had results" in caplog.text
    assert all(path.read_bytes() == content for path, content in before.items())
    assert [row["name"] for row in read_parts(tmp_path / "run")] == ["5L33"] * 8 + ["late"] * 4
    assert [row["name"] for row in read_parts(tmp_path / "run" / "failures")] == ["5L33"]

    # Another structure of the same name is designed; another request is refused.
    late.write_bytes((examples / "5L33.pdb").read_bytes())
    design(dataset, tmp_path / "run", **arguments)
    assert len(read_parts(tmp_path / "run")) == 16
    with pytest.raises(fm.SettingError, match="temperature .*0.5.* and this run has .*0.2"):
        design(dataset, tmp_path / "run", **{**arguments, "temperature": 0.2})


def test_parts_are_whole_and_hold_each_row_once(tmp_path: Path) -> None:
    import pyarrow

    from fastmpnn.ray._parts import Parts, with_request

    request = {"settings": {"num_seqs": 2}, "version": "1"}
    schema = with_request(pyarrow.schema({"row_id": pyarrow.string(), "sequence": pyarrow.string()}), request)

    def table(*ids: str) -> Any:
        return pyarrow.Table.from_pylist([{"row_id": row, "sequence": "ACD"} for row in ids], schema=schema)

    parts = Parts(os.fspath(tmp_path / "run"))
    assert parts.finished(request) == []
    parts.write(table("a", "b"), "part-1.parquet")
    parts.write(table("b", "c"), "part-2.parquet")
    parts.write(table("a"), "part-3.parquet")
    parts.write(table("d"), "part-4.parquet", "failures")
    (tmp_path / "run" / ".part-5.parquet.0.unfinished").write_bytes(b"PAR1")
    parts.remove_unfinished()
    parts.keep_one_of_each()
    assert [path.name for path in sorted((tmp_path / "run").iterdir())] == [
        "failures",
        "part-1.parquet",
        "part-2.parquet",
    ]
    assert sorted(parts.finished(request)) == ["a", "b", "c"] and not list((tmp_path / "run" / "failures").iterdir())
    assert parts.read("part-2.parquet")["row_id"].to_pylist() == ["c"]
    assert parts.read("part-2.parquet").schema.equals(schema, check_metadata=True)

    with pytest.raises(fm.SettingError, match='version "1", and this run has "2"'):
        parts.finished({**request, "version": "2"})
    (tmp_path / "run" / "part-2.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(fm.InputError, match="part-2.parquet: the part cannot be read"):
        parts.finished(request)


def test_parts_are_kept_in_an_object_store(
    ray_data: Any, examples: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    boto3 = pytest.importorskip("boto3")
    from fastmpnn.ray import design

    caplog.set_level("INFO", logger="fastmpnn.ray")
    server.start()
    try:
        host, port = server.get_host_and_port()
        key = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=f"http://{host}:{port}", **key).create_bucket(Bucket="campaigns")
        address = f"s3://key:secret@campaigns/run?scheme=http&endpoint_override={host}:{port}&region=us-east-1"
        rows = [{"path": os.fspath(examples / "5L33.pdb")}, {"path": "not_there.pdb"}]
        results = design(ray_data.from_items(rows), address, actors=1, batch_size=1).take_all()
        assert sorted(row["name"] for row in results) == ["5L33", "not_there"]
        design(ray_data.from_items(rows), address, actors=1, batch_size=1)
        assert "0 structures designed, 1 failed, 1 had results" in caplog.text
    finally:
        server.stop()


def test_structures_come_as_bytes_and_results_as_a_dataset(ray_data: Any, examples: Path) -> None:
    from fastmpnn.ray import design

    paths = [os.fspath(examples / name) for name in ("5L33.pdb", "5L33.cif", "6MRR.pdb")]
    dataset = ray_data.read_binary_files(paths, include_paths=True)
    results = design(dataset, num_seqs=2, actors=2).take_all()
    assert all(row["error"] is None for row in results)
    found = [tuple(row[name] for name in COLUMNS) for row in results]
    assert sorted(found, key=lambda row: (row[0], row[4])) == sorted(
        alone([{"path": path} for path in paths], num_seqs=2), key=lambda row: (row[0], row[4])
    )


@pytest.mark.parametrize(
    ("row", "settings", "reason"),
    [
        ({"path": "a.pdb", "temprature": 0.1}, {}, "temprature"),
        ({"path": "a.pdb"}, {"num_seq": 8}, "num_seq"),
        ({"path": "a.pdb"}, {"num_seqs": 0}, "num_seqs 0"),
        ({"path": "a.pdb"}, {"out": "x"}, "out"),
        ({"path": "a.pdb", "model": "soluble"}, {}, "one network"),
        ({"file": "a.pdb"}, {}, "no column path"),
        ({"pdb": "ATOM"}, {}, "no column name"),
        ({"path": "a.pdb"}, {"keep": ["campaign"]}, "no column campaign"),
        ({"path": "a.pdb"}, {"actors": 0}, "actors: 0"),
    ],
)
def test_what_is_wrong_is_said_before_work(
    ray_data: Any, row: dict[str, Any], settings: dict[str, Any], reason: str
) -> None:
    from fastmpnn.ray import design

    with pytest.raises(fm.SettingError, match=reason):
        design(ray_data.from_items([row]), **settings)
