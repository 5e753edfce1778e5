"""Datasets of the program in an object store."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import BUCKET, PROGRAM, serve_s3

pytestmark = pytest.mark.skipif(not PROGRAM, reason="FASTMPNN_PROGRAM names no program")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str]]]:
    """Serve S3 on this machine; give its client and the environment of the program."""
    yield from serve_s3(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def backbones(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give six structures, of which one cannot be read."""
    folder = tmp_path_factory.mktemp("backbones")
    text = (examples / "6MRR.pdb").read_text()
    for index in range(5):
        (folder / f"b{index}.pdb").write_text(f"REMARK {index}\n{text}")
    (folder / "bad.pdb").write_text("nothing\n")
    return folder


def command(backbones: Path, out: str, *options: str) -> list[str]:
    settings = ["-n", "4", "--table", "parquet", "--part-rows", "8", "--quiet"]
    return [PROGRAM, "design", str(backbones), *settings, *options, "-o", out]


def objects(client: Any, prefix: str) -> dict[str, bytes]:
    """Give the content of all objects in a folder of the bucket."""
    found = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
    keys = [entry["Key"] for entry in found]
    content = {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
    return {key.removeprefix(f"{prefix}/"): value for key, value in content.items()}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_in_the_store_is_that_of_a_folder(
    store: tuple[Any, dict[str, str]], backbones: Path, tmp_path: Path
) -> None:
    client, environment = store
    assert subprocess.run(command(backbones, str(tmp_path / "local")), env=environment, check=False).returncode == 2
    local = files(tmp_path / "local")
    assert "parts/designs-00002.parquet" in local
    out = f"s3://{BUCKET}/plain/run"
    assert subprocess.run(command(backbones, out), env=environment, check=False).returncode == 2
    assert objects(client, "plain/run") == local
    for attempt in range(3):
        stopped = command(backbones, f"s3://{BUCKET}/stopped{attempt}")
        run = subprocess.Popen(stopped, env=environment, stderr=subprocess.DEVNULL)
        time.sleep(0.15 + 0.2 * attempt)
        run.kill()
        run.wait()
        assert subprocess.run(stopped, env=environment, check=False).returncode == 2
        assert objects(client, f"stopped{attempt}") == local
    tables = [tmp_path / "local.csv", tmp_path / "store.csv"]
    for source, table in zip([str(tmp_path / "local"), out], tables, strict=True):
        subprocess.run([PROGRAM, "collect", source, "-o", str(table)], env=environment, check=True)
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_shards_fill_one_folder_of_the_store(
    store: tuple[Any, dict[str, str]], backbones: Path, tmp_path: Path
) -> None:
    _, environment = store
    out = f"s3://{BUCKET}/shards"
    runs = [subprocess.Popen(command(backbones, out, "--shard", f"{i}/3"), env=environment) for i in (1, 2, 3)]
    assert sorted(run.wait() for run in runs) == [0, 0, 2]
    whole = str(tmp_path / "whole")
    subprocess.run(command(backbones, whole), env=environment, check=False)
    tables = [tmp_path / "shards.csv", tmp_path / "whole.csv"]
    for source, table in zip([out, whole], tables, strict=True):
        subprocess.run([PROGRAM, "collect", source, "-o", str(table)], env=environment, check=True)
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_no_object_of_others_is_replaced(store: tuple[Any, dict[str, str]], backbones: Path) -> None:
    client, environment = store
    client.put_object(Bucket=BUCKET, Key="taken/parts/designs-00001.parquet", Body=b"mine")
    run = subprocess.run(
        command(backbones, f"s3://{BUCKET}/taken"), env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "designs-00001.parquet cannot be written: a file with other content is there already" in run.stderr
    assert objects(client, "taken")["parts/designs-00001.parquet"] == b"mine"
    missing = command(backbones, "s3://nowhere/run")
    run = subprocess.run(missing, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "NoSuchBucket" in run.stderr
