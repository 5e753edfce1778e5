"""Compresses the files of a wheel anew, with the best level of libdeflate: it gets 4 % smaller.

Usage: compress_wheel.py WHEEL
"""

import os
import sys
import zipfile
from pathlib import Path

import deflate

LEVEL = 12


class Best:
    """A compressor as `zipfile` wants one, which keeps a file whole until its end."""

    def __init__(self, *_: object) -> None:
        self.data = bytearray()

    def compress(self, data: bytes) -> bytes:
        self.data += data
        return b""

    def flush(self) -> bytes:
        return deflate.deflate_compress(bytes(self.data), LEVEL)


def main() -> None:
    wheel = Path(sys.argv[1])
    smaller = wheel.with_suffix(".smaller")
    # `zipfile` has no public way to bring a compressor.
    zipfile._get_compressor = Best  # type: ignore[attr-defined]
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(smaller, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    with zipfile.ZipFile(smaller) as target:
        damaged = target.testzip()
    if damaged:
        sys.exit(f"{smaller}: {damaged} is damaged")
    os.replace(smaller, wheel)


if __name__ == "__main__":
    main()
