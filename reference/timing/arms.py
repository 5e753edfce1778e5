"""What is timed: an arm is one implementation doing one piece of work, asked for one measurement a round."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

REFERENCE = pathlib.Path(__file__).parents[1]


class Failure(Exception):
    """An arm could not be measured; the message says why."""


class Peer:
    """A long-lived process of `timing.official` or `timing.colabdesign`, started when it is first asked."""

    def __init__(self, python: str, module: str, threads: int) -> None:
        self.command = [python, "-m", f"timing.{module}", "--threads", str(threads)]
        # Compiling in many processes at once would leave them behind, idle.
        self.environment = os.environ | {"OMP_NUM_THREADS": str(threads), "TORCHINDUCTOR_COMPILE_THREADS": "1"}
        self.process: subprocess.Popen | None = None

    def ask(self, do: str, **arguments):
        if self.process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(
                self.command, cwd=REFERENCE, env=self.environment, text=True, bufsize=1, **pipes
            )
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Failure(f"{' '.join(self.command[1:])} ended with exit code {self.process.wait()}")
        return answer_of(line)

    def stop(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


@dataclass
class Ran:
    """A process from its start to its end."""

    ms: float
    peak_mb: float
    output: str


def run_measured(command: list[str], environment: dict | None = None, folder: pathlib.Path = REFERENCE) -> Ran:
    """Runs a command; wall time and peak resident memory are those of the whole process."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        ms = 1e3 * (time.perf_counter() - start)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            name = pathlib.Path(command[0]).name
            last = (errors.read().strip().splitlines() or ["no message"])[-1]
            raise Failure(f"{name} ended with exit code {process.returncode}: {last}")
        return Ran(ms, usage.ru_maxrss / 1024, output.read())


def answer_of(line: str):
    answer = json.loads(line)
    if "error" in answer:
        raise Failure(answer["error"])
    return answer["result"]


@dataclass
class Arm:
    """One implementation of a case's work. `measure` gives named numbers; `details` are recorded once."""

    key: str
    label: str
    optional: bool = False
    # Very slow arms run in the first rounds only.
    most_rounds: int | None = None
    details: dict = field(default_factory=dict)

    def measure(self) -> dict[str, float]:
        raise NotImplementedError


@dataclass
class PeerArm(Arm):
    """A request to a long-lived peer."""

    peer: Peer | None = None
    request: dict = field(default_factory=dict)

    def measure(self) -> dict[str, float]:
        answer = self.peer.ask(**self.request)
        if not answer.pop("finite", True):
            raise Failure(f"{self.label} gave values that are not finite")
        return answer


@dataclass
class BenchArm(Arm):
    """Ours, measured by the program itself: a process with an inner median of a few runs."""

    command: list[str] = field(default_factory=list)

    def measure(self) -> dict[str, float]:
        ran = run_measured(self.command)
        try:
            return self._numbers(json.loads(ran.output)) | {"peak_mb": ran.peak_mb}
        except (ValueError, KeyError) as error:
            raise Failure(f"{self.label} answered something else than expected: {error!r}") from error

    def _numbers(self, told: dict) -> dict[str, float]:
        self.details = {name: told[name] for name in ("residues", "sequences", "threads", "precision", "isa", "gflop")}
        return {
            "ms": told["median_ms"],
            "fastest_ms": told["min_ms"],
            "gflops": told["gflops"],
            "peak_gflops": told["peak_gflops"],
            "peak_share": told["gflops"] / told["peak_gflops"],
            "told_peak_mb": told["peak_rss_mb"],
        }


@dataclass
class ProcessArm(Arm):
    """A whole process, cold but for the file cache. A `{folder}` in the command is a new folder for its results."""

    command: list[str] = field(default_factory=list)
    environment: dict | None = None
    # A peer's answer to a single request, whose errors must not pass for a measurement.
    answers: bool = False

    def measure(self) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as folder:
            ran = run_measured([part.replace("{folder}", folder) for part in self.command], self.environment)
        if self.answers:
            answer_of(ran.output)
        return {"ms": ran.ms, "peak_mb": ran.peak_mb}
