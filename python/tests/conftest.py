"""What the tests share: the examples of the repository and a model."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fastmpnn as fm

EXAMPLES = Path(__file__).parents[2] / "examples"

#: The bucket of the object stores that tests serve.
BUCKET = "bucket"

#: The program with object stores, which the package's own is without.
PROGRAM = os.environ.get("FASTMPNN_PROGRAM", "")


@pytest.fixture(scope="session")
def examples() -> Path:
    """Give the folder of example structures."""
    return EXAMPLES


@pytest.fixture(scope="session")
def model() -> fm.Model:
    """Give the default network."""
    return fm.Model("protein")


@pytest.fixture(scope="session")
def structure() -> fm.Structure:
    """Give a small protein."""
    return fm.read(EXAMPLES / "5L33.pdb")


@pytest.fixture(scope="session")
def encoding(model: fm.Model, structure: fm.Structure) -> fm.Encoding:
    """Give the small protein with the default network."""
    return model.encode(structure)


def program(*arguments: str) -> str:
    """Run the program of the package and give its standard output."""
    command = [sys.executable, "-m", "fastmpnn", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def serve_s3(cache: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    """Serve S3 with a bucket on this machine; give its client and the environment of the program."""
    boto3 = pytest.importorskip("boto3")
    moto_server = pytest.importorskip("moto.server")
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": endpoint, "XDG_CACHE_HOME": str(cache)}
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=BUCKET)
    yield client, environment
    server.stop()
