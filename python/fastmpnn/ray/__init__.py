"""Ray Data: designs for any number of structures, on all machines of a cluster.

>>> import ray
>>> from fastmpnn.ray import design
>>> structures = ray.data.from_items([{"path": "examples/5L33.pdb"}, {"path": "examples/6MRR.pdb", "seed": 5}])
>>> results = design(structures, "runs/ray", num_seqs=8)  # doctest: +SKIP
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fastmpnn import _fastmpnn
from fastmpnn._errors import SettingError
from fastmpnn._model import Model
from fastmpnn._request import _as_setting, defaults
from fastmpnn.ray._designer import NOT_SETTINGS, SOURCES, Designer, Work, columns_of
from fastmpnn.ray._parts import FAILURES, Parts, with_request

__all__ = ["design"]

#: Settings of the program that write files of their own, or take several structures as one.
_NOT_HERE = {
    *("inputs", "manifest", "recursive", "states", "state_weights"),
    *("out", "overwrite", "table", "part_rows", "resume", "shard", "structures", "structure_format", "pack"),
}
#: Settings that say which network is asked; one actor has one.
_NETWORK = ("model", "noise", "checkpoint", "precision")

#: Columns that hold files.
_CONTENT = ("pdb", "bytes")

_log = logging.getLogger("fastmpnn.ray")


def design(
    dataset: Any,
    output: str | os.PathLike[str] | None = None,
    *,
    model: str | os.PathLike[str] = "protein",
    noise: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    precision: str = "f32",
    actors: int | tuple[int, int] | None = None,
    num_cpus: float = 1,
    batch_size: int = 16,
    keep: Sequence[str] = (),
    ray_options: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Any:
    """Draw sequences for the structures of a Ray dataset, with an actor pool that holds the network.

    Parameters
    ----------
    dataset : ray.data.Dataset
        A row for each structure: its ``path``, which all machines can read, or its content, the text or bytes of a PDB or
        mmCIF file, as ``pdb`` or (from ``ray.data.read_binary_files``) ``bytes``. Optional columns: ``name``, what it is
        called where that is not its file's name, and settings that differ from row to row, such as ``fix``, ``seed`` or
        ``temperature``. Other columns are refused unless `keep` names them.
    output : path or address, optional
        A folder for Parquet parts, which all machines can write: a path, or an address such as ``s3://bucket/folder``
        that pyarrow knows. Where results of the same request are in it already, their rows are not designed again.
    model, noise, checkpoint, precision
        The network, as for :class:`fastmpnn.Model`.
    actors : int or (int, int), optional
        The number of actors, or the least and greatest; by default 1 to as many as the cluster has processors for.
    num_cpus : float
        Processors, and so threads, of each actor. Small structures are designed fastest with 1.
    batch_size : int
        Structures in a batch, and so in a part: what an actor that dies has to do again.
    keep : list of str
        Columns that the results get as they are.
    ray_options : mapping, optional
        Further arguments of ``map_batches``, such as ``runtime_env`` or ``memory``.
    **settings
        Settings of all rows, those of :meth:`fastmpnn.Encoding.design` as text and numbers and of :func:`fastmpnn.read`.

    Returns
    -------
    ray.data.Dataset
        A row for each design. A structure that cannot be used has one row, without a sequence, with the reason as
        ``error``. Without `output` the dataset is lazy, and nothing is remembered. With it, the designs are done and the
        dataset reads the parts.

    Raises
    ------
    SettingError
        Before any work, where a setting or column does not exist, or the folder holds results of another request.
    """
    import ray

    merged = _settings(settings)
    names = list(dataset.columns() or [])
    _check_columns(names, keep)
    network: dict[str, Any] = {"model": os.fspath(model), "noise": noise, "precision": precision}
    network["checkpoint"] = None if checkpoint is None else os.fspath(checkpoint)
    loaded = Model(**network, threads=1)
    request = {
        "settings": merged,
        "model": loaded.name,
        "checkpoint_sha256": loaded.sha256,
        "precision": precision,
        "version": _fastmpnn.version(),
    }
    of_columns = {**merged, "rescore_orders": 1} if "rescore_orders" in names else merged
    schema = with_request(columns_of(loaded, of_columns, _types(dataset, keep)), request)
    twice = [name for name in keep if schema.names.count(name) > 1]
    if twice:
        raise SettingError(f"keep: {twice[0]} is a column of the results; give that of the dataset another name")

    processors = float(ray.cluster_resources().get("CPU", 1))
    least, most = _pool(actors, processors, num_cpus)
    dataset = dataset.repartition(target_num_rows_per_block=batch_size)
    if set(_CONTENT) & set(names) and processors >= num_cpus + 1:
        # Files are read while others are designed, which takes a processor: actors that held all would wait for ever.
        least = min(least, int((processors - 1) // num_cpus))
    else:
        dataset = dataset.materialize()

    parts = None if output is None else _opened(os.fspath(output), request)
    work = Work(
        network={**network, "threads": max(1, int(num_cpus))},
        settings=merged,
        schema=schema,
        keep=tuple(keep),
        folder=os.getcwd(),
        output=None if parts is None else parts[0].output,
        finished=None if parts is None else ray.put(parts[1]),
    )
    done = dataset.map_batches(
        Designer,
        fn_constructor_kwargs={"work": work},
        batch_size=batch_size,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=num_cpus,
        **(ray_options or {}),
    )
    return done if parts is None else _carried_out(done, parts[0], schema)


def _opened(output: str, request: Mapping[str, Any]) -> tuple[Parts, Any]:
    """Give the parts of a folder, and the ids of the rows that have their results there, sorted."""
    parts = Parts(output if "://" in output else os.path.abspath(output))
    finished = np.array(sorted(set(parts.finished(request))), "S32")
    parts.remove_unfinished()
    return parts, finished


def _carried_out(done: Any, parts: Parts, schema: Any) -> Any:
    """Do the work, and give the dataset of what is in the parts."""
    import ray

    counts = {"designed": 0, "failed": 0, "skipped": 0}
    for batch in done.iter_rows():
        for name in counts:
            counts[name] += batch[name]
    parts.keep_one_of_each()
    _log.info("%(designed)d structures designed, %(failed)d failed, %(skipped)d had results", counts)
    if not parts.names() and not parts.names(FAILURES):
        return ray.data.from_arrow(schema.empty_table())
    return ray.data.read_parquet(parts.root, filesystem=parts.filesystem)


def _types(dataset: Any, keep: Sequence[str]) -> dict[str, Any]:
    """Give the Arrow types of columns; objects of a pandas table are text."""
    import pyarrow

    schema = dataset.schema()
    types = dict(zip(schema.names, schema.types)) if keep else {}
    return {name: types[name] if isinstance(types[name], pyarrow.DataType) else pyarrow.string() for name in keep}


def _pool(actors: int | tuple[int, int] | None, processors: float, num_cpus: float) -> tuple[int, int]:
    """Give the least and the greatest number of actors."""
    if actors is None:
        return 1, max(1, int(processors // num_cpus))
    least, most = (actors, actors) if isinstance(actors, int) else actors
    if not 1 <= least <= most:
        raise SettingError(f"actors: {actors}, not a number, or the least and the greatest number, from 1")
    return least, most


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings of all rows as JSON has them; refuse those that cannot be."""
    known = defaults("design")
    settings = {}
    for name, value in given.items():
        if value is None:
            continue
        _check_name(name, "there is no setting")
        settings[name] = _as_setting(known[name], value)
    try:
        text = json.dumps(settings)
    except TypeError as error:
        raise SettingError(f"settings of a dataset are text and numbers: {error}") from error
    _fastmpnn.check_settings(text)
    return settings


def _check_columns(names: Sequence[str], keep: Sequence[str]) -> None:
    absent = [name for name in keep if name not in names]
    if absent:
        raise SettingError(f"keep: the dataset has no column {absent[0]}")
    for name in keep:
        if name in SOURCES:
            raise SettingError(f"keep: {name} is what a row's structure is read of")
    if names and not set(SOURCES) & set(names):
        raise SettingError("the dataset has no column path and none with the content of files, pdb or bytes")
    if names and "path" not in names and "name" not in names:
        raise SettingError("the dataset has no column name, which, with the seed, determines the random numbers")
    for name in names:
        if name not in keep and name not in NOT_SETTINGS:
            _check_name(name.replace("-", "_"), "the dataset's rows have the column")


def _check_name(name: str, what: str) -> None:
    if name in _NETWORK:
        raise SettingError(f"{name}: one network is used for all rows; it is an argument of fastmpnn.ray.design")
    if name in _NOT_HERE:
        raise SettingError(f"{name}: not a setting of the rows of a dataset")
    if name not in defaults("design"):
        raise SettingError(f"{what} {name}, which is no setting of designs; keep=[...] hands columns on")
