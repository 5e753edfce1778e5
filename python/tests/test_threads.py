"""Threads, forks, signals and memory."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import fastmpnn as fm


def test_thirty_two_threads_on_one_model(encoding: fm.Encoding) -> None:
    expected = [encoding.design(seed=seed).sequences for seed in range(4)]
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda index: encoding.design(seed=index % 4).sequences, range(64)))
    assert found == [expected[index % 4] for index in range(64)]


def test_other_threads_run_during_work(encoding: fm.Encoding) -> None:
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    encoding.design(num_seqs=100)
    after = counted
    done.set()
    thread.join()
    assert after - before > 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_designs(encoding: fm.Encoding) -> None:
    expected = encoding.design(num_seqs=2).sequences
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child() -> None:
        sender.send(encoding.design(num_seqs=2).sequences)

    process = context.Process(target=child)
    process.start()
    assert receiver.poll(60), "the child gave no answer"
    assert receiver.recv() == expected
    process.join(10)
    assert process.exitcode == 0
    assert encoding.design(num_seqs=2).sequences == expected


def _designed(model: fm.Model, structure: fm.Structure) -> list[str]:
    return model.encode(structure).design(num_seqs=2).sequences


def test_a_spawned_process_designs(model: fm.Model, structure: fm.Structure, encoding: fm.Encoding) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_designed, (model, structure)) == encoding.design(num_seqs=2).sequences


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
def test_ctrl_c_stops_the_work_and_leaves_the_model_usable(examples: Path) -> None:
    script = f"""
        import os, signal, threading, time
        # What started the tests may ignore Ctrl-C, as shells do for what runs in the background.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        import fastmpnn as fm
        encoding = fm.Model("protein").encode(fm.read({str(examples / "5L33.pdb")!r}))
        expected = encoding.design(num_seqs=2).sequences
        sent = []
        def interrupt():
            time.sleep(0.5)
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt).start()
        try:
            encoding.design(num_seqs=1_000_000)
        except KeyboardInterrupt:
            print(time.monotonic() - sent[0])
        assert encoding.design(num_seqs=2).sequences == expected
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) >= 0


def test_ten_thousand_calls_take_no_more_memory(model: fm.Model, examples: Path) -> None:
    resource = pytest.importorskip("resource")
    lines = (examples / "5L33.pdb").read_text().splitlines(keepends=True)
    peptide = fm.read("".join(line for line in lines if line.startswith("ATOM") and int(line[22:26]) < 11))
    encoding = model.encode(peptide)

    def calls(count: int) -> None:
        for seed in range(count):
            encoding.design(seed=seed)

    calls(1000)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    calls(10_000)
    gc.collect()
    unit = 1024 if sys.platform == "darwin" else 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // unit
    assert grown < 4_000, f"{grown} KiB more"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
def test_signals_are_heard_in_hooks(encoding: fm.Encoding) -> None:
    def hook(level: fm.Level) -> None:
        signal.raise_signal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None

    assert encoding.design(logits=hook).sequences == encoding.design().sequences
