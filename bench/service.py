"""Measures `fastmpnn serve` under many clients at once: answers, refusals, latency and memory.

    python bench/service.py --program target/release/fastmpnn --clients 50 --seconds 60 --out bench/record/service/NAME.json

Each client designs an example again and again, each time with another seed, and checks the answer. A third of the jobs are
fetched later instead of waited for, and some of those are cancelled. An answer of 429 or 503 is a refusal, after which the client
waits as long as `Retry-After` says, at most a second; anything else that is not what was asked for is an error. Only the standard
library is needed.
"""

import argparse
import http.client
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import threading
import time
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "5L33.pdb"
JSON = {"Content-Type": "application/json"}


class Client(threading.Thread):
    def __init__(self, port: int, number: int, end: float, samples: int):
        super().__init__()
        self.port, self.end, self.samples = port, end, samples
        self.random = random.Random(number)
        self.latencies: list[float] = []
        self.refused = self.cancelled = self.accepted = self.answered = 0
        self.errors: list[str] = []

    def request(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict, dict]:
        text = None if body is None else json.dumps(body)
        for attempt in range(2):
            try:
                self.connection.request(method, path, text, JSON)
                answer = self.connection.getresponse()
                return answer.status, json.loads(answer.read()), dict(answer.getheaders())
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # An idle connection was closed.
                self.connection.close()
                if attempt == 1:
                    raise

    def run(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        text = EXAMPLE.read_text()
        while time.monotonic() < self.end:
            kind = self.random.random()
            body = {
                "files": [{"name": "5L33.pdb", "text": text}],
                "num_seqs": self.samples,
                "seed": self.random.randrange(1 << 32),
                "wait": kind > 1 / 3,
            }
            begin = time.monotonic()
            try:
                self.one(body, kind < 1 / 15, begin)
            except Exception as error:  # noqa: BLE001 - the record lists every error
                self.errors.append(repr(error))
        self.connection.close()

    def one(self, body: dict, cancels: bool, begin: float) -> None:
        status, answer, headers = self.request("POST", "/v1/design", body)
        if status in (429, 503):
            self.refused += 1
            time.sleep(min(1.0, float(headers.get("retry-after", 1))))
            return
        self.accepted += 1
        if status == 202:
            path = f"/v1/jobs/{answer['id']}"
            if cancels:
                status, answer, _ = self.request("DELETE", path)
                if status != 200:
                    raise RuntimeError(f"DELETE {path}: {status}")
                self.cancelled += 1
                return
            while answer["state"] in ("queued", "running"):
                time.sleep(0.05)
                status, answer, _ = self.request("GET", path)
                if status != 200:
                    raise RuntimeError(f"GET {path}: {status}, a job is lost")
            self.request("DELETE", path)
            answer = answer["result"]
        elif status != 200:
            raise RuntimeError(f"{status}: {answer}")
        structure = answer["structures"][0]
        if len(structure["designs"]) != body["num_seqs"] or answer["settings"]["seed"] != body["seed"]:
            raise RuntimeError("another answer than asked for")
        self.answered += 1
        self.latencies.append(time.monotonic() - begin)


def resident(pid: int) -> int:
    """Resident memory, MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1000
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--out")
    options = parser.parse_args()
    command = [options.program, "serve", "--no-open", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    before = resident(server.pid)
    end = time.monotonic() + options.seconds
    clients = [Client(port, number, end, options.samples) for number in range(options.clients)]
    for client in clients:
        client.start()
    memory = []
    while any(client.is_alive() for client in clients):
        memory.append(resident(server.pid))
        time.sleep(0.5)
    # The service ends by itself: no job is left.
    server.send_signal(signal.SIGINT)
    code = server.wait(60)
    latencies = sorted(latency for client in clients for latency in client.latencies)
    centiles = statistics.quantiles(latencies, n=100) if len(latencies) > 1 else latencies * 99
    total = lambda name: sum(getattr(client, name) for client in clients)  # noqa: E731
    errors = [error for client in clients for error in client.errors]
    half = len(memory) // 2
    record = {
        "machine": platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "clients": options.clients,
        "seconds": options.seconds,
        "designs_a_job": options.samples,
        "accepted": total("accepted"),
        "answered": total("answered"),
        "cancelled": total("cancelled"),
        "refused": total("refused"),
        "lost": total("accepted") - total("answered") - total("cancelled"),
        "errors": errors[:10],
        "latency_seconds": {"median": centiles[49], "p95": centiles[94], "p99": centiles[98], "most": latencies[-1]},
        "memory_mb": {"idle": before, "first_half": max(memory[:half]), "second_half": max(memory[half:])},
        "exit_code": code,
    }
    text = json.dumps(record, indent=1)
    print(text)
    if options.out:
        Path(options.out).write_text(text + "\n")
    if errors or record["lost"] or code != 0:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
