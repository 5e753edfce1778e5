"""The commands and examples of docs/campaigns.md, as they stand there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from test_docs import ROOT, blocks, workplace

DOCUMENT = ROOT / "docs" / "campaigns.md"

__all__ = ["workplace"]


def test_the_example_of_ray_runs(workplace: Path) -> None:
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    block = next(block for block in blocks(DOCUMENT) if "ray.data" in block.needs)
    names: dict[str, Any] = {"__name__": "document"}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        exec(compile("\n" * (block.line - 1) + block.code, os.fspath(DOCUMENT), "exec"), names)
    finally:
        ray.shutdown()
    assert len(names["table"]) == 2 * 16 + 1
    assert list(names["failed"].path) == ["examples/not_there.pdb"]
    assert sorted(names["best"].structure) == ["5L33", "6MRR"]
    assert list((workplace / "runs" / "ray").glob("part-*.parquet"))
