"""Where and with what a record was made."""

import datetime
import os
import pathlib
import platform
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).parents[2]
TOLD_FLAGS = (
    "avx2 fma avx512f avx512_vnni avx512_bf16 avx512_fp16 avx_vnni amx_bf16 amx_int8 asimd asimddp bf16".split()
)


def today() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%MZ")


def load_average() -> list[float]:
    """Running processes over the last 1, 5 and 15 minutes, ours included."""
    return [round(load, 2) for load in os.getloadavg()]


def busy_share(seconds: float) -> float:
    """The share of the processors' time that is taken while this program waits: what other programs take."""
    before = _processor_time()
    time.sleep(seconds)
    after = _processor_time()
    busy, total = (end - start for start, end in zip(before, after))
    return round(busy / total, 3) if total else 0.0


class Watch:
    """The share of the processors' time that other programs take from now on.

    Taken from all that is used is what this process, the children it has waited for, and the living ones use.
    """

    def __init__(self, living: list[int]) -> None:
        self.living = living
        self.start = self._used()

    def others(self) -> float:
        busy, total, own = (end - start for start, end in zip(self.start, self._used()))
        return round(max(busy - own, 0) / total, 3) if total > 0 else 0.0

    def _used(self) -> tuple[float, float, float]:
        busy, total = _processor_time()
        own = sum(os.times()[:4]) * os.sysconf("SC_CLK_TCK")
        for process in self.living:
            # User and system time; the name before them may hold spaces, but ends in the last parenthesis.
            told = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            own += int(told[11]) + int(told[12])
        return busy, total, own


def _processor_time() -> tuple[int, int]:
    """Ticks of all processors since the start of the system: busy (stolen by a hypervisor included), and in all."""
    ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def describe_machine() -> dict:
    info = pathlib.Path("/proc/cpuinfo").read_text()
    flags = set((_entry(info, "flags") or _entry(info, "Features")).split())
    kilobytes = int(_entry(pathlib.Path("/proc/meminfo").read_text(), "MemTotal").split()[0])
    numbers = ("cpu family", "model", "stepping")
    return {
        "cpu": _entry(info, "model name") or platform.machine(),
        # Virtual machines hide the product's name; these tell what it is.
        "cpu_identification": ", ".join(f"{name} {_entry(info, name)}" for name in numbers if _entry(info, name)),
        "cores": len(os.sched_getaffinity(0)),
        "instruction_sets": [flag for flag in TOLD_FLAGS if flag in flags],
        "memory_gb": round(kilobytes / 2**20, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def own_versions(program: str) -> dict[str, str]:
    # Its first line; instruction set and checkpoint follow and are recorded with the runs.
    own = first_line([program, "--version"])
    return {"fastmpnn": own.removeprefix("fastmpnn "), "rustc": first_line(["rustc", "--version"]),
            "python": platform.python_version()}


def commit() -> str:
    """The commit of the work tree, marked where files differ from it."""
    describe = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    return first_line(describe)


def cpu_slug(cpu: str) -> str:
    """`Intel(R) Xeon(R) Processor` → `intel-xeon-processor`"""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\((r|tm)\)", "", cpu.lower())).strip("-")


def first_line(command: list[str]) -> str:
    try:
        lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    except FileNotFoundError:
        lines = []
    return lines[0].strip() if lines else "unknown"


def _entry(text: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""
