"""The side of a peer: a process that imports its framework once and then answers requests, one JSON object a line.

A request is `{"do": NAME, …arguments}`; the answer is `{"result": …}` or `{"error": "…"}`. What the framework prints
goes to standard error, so that answers are the only thing on standard output.
"""

import argparse
import json
import os
import statistics
import sys
import time
import traceback
from importlib.metadata import version


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--once", metavar="REQUEST", help="answer this one request and exit")
    return parser.parse_args()


def serve(peer: object, once: str | None) -> None:
    """Calls the method of `peer` that each request names, until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in [once] if once else sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": getattr(peer, request.pop("do"))(**request)}
        except Exception as error:  # noqa: BLE001: whatever went wrong is the other side's to report
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def timed(run, warmups: int, repeats: int) -> tuple[dict, list]:
    """Runs `run` `warmups` times unmeasured, then `repeats` times; their median in ms, and what each of them returned.

    What `run` returns must be computed by then, not promised: frameworks that work behind its back would look fast.
    """
    for _ in range(warmups):
        run()
    milliseconds, results = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        results.append(run())
        milliseconds.append(1e3 * (time.perf_counter() - start))
    return {"ms": statistics.median(milliseconds)}, results


def versions_of(*packages: str) -> dict[str, str]:
    return {package: version(package) for package in packages}
