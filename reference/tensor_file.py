"""Safetensors files whose bytes depend on their content alone.

The `safetensors` package serialises the metadata map in an order that changes from process to process, so its header is
rewritten here with the metadata sorted by key. Tensors keep the order and the offsets the package gave them.
"""

import json
import struct
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save


def write(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Writes `tensors` and `metadata` to `path`; equal arguments give equal bytes."""
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    serialised = save(contiguous, metadata=metadata)
    (header_length,) = struct.unpack_from("<Q", serialised)
    header = json.loads(serialised[8 : 8 + header_length])
    data = serialised[8 + header_length :]
    ordered = {"__metadata__": dict(sorted(metadata.items()))}
    by_offset = sorted(
        (name for name in header if name != "__metadata__"),
        key=lambda name: (header[name]["data_offsets"], name),
    )
    ordered.update((name, header[name]) for name in by_offset)
    text = json.dumps(ordered, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # the data starts at a multiple of eight bytes
    content = struct.pack("<Q", len(text)) + text + data

    # Read back before anything is written: a header this module got wrong must not reach the disk.
    read_back = load(content)
    if read_back.keys() != contiguous.keys():
        raise RuntimeError(f"{path}: the rewritten header lost or invented a tensor")
    for name, tensor in contiguous.items():
        if read_back[name].dtype != tensor.dtype or read_back[name].tobytes() != tensor.tobytes():
            raise RuntimeError(f"{path}: tensor {name} does not read back as it was written")
    path.write_bytes(content)
