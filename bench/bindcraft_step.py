"""Times BindCraft's redesign of a binder with ColabDesign's MPNN and with FastMPNN in its place, and writes a record.

    python bench/bindcraft_step.py

needs the wheel of FastMPNN (pip install .) and the packages of reference/requirements-peers.txt, and what ColabDesign's own
package imports (biopython, optax). --ours and --colabdesign name Pythons that have one each. bench/README.md says what is
measured.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "reference"))

from timing import machine  # noqa: E402
from timing.arms import Failure, Peer  # noqa: E402
from timing.serving import serve, timed, versions_of  # noqa: E402

FORMAT = 1
STRUCTURE = ROOT / "examples" / "4GYT.pdb"
DESIGNS = 20
#: How long a round waits for other programs, seconds.
PATIENCE = 20.0
#: Mean over the designs. Both sides draw from one distribution; these are far outside what 20 designs spread.
LARGEST_DIFFERENCE = {"score": 0.05, "seqid": 0.05}


class Side:
    """One implementation of `mk_mpnn_model`, in a process of its own."""

    def __init__(self, name: str, threads: int) -> None:
        # XLA takes as many threads as the process may use processors; it has no other switch. So before it is imported:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        if name == "ours":
            from fastmpnn.compat.colabdesign import mk_mpnn_model

            self.packages = ("fastmpnn", "numpy")
        else:
            import jax

            # ColabDesign 1.1.1 calls it by the name it had before JAX 0.6. This is the only change made to it.
            jax.tree_map = jax.tree_util.tree_map
            from colabdesign.mpnn import mk_mpnn_model

            self.packages = ("colabdesign", "jax", "jaxlib", "dm-haiku", "numpy")
        self.make = mk_mpnn_model
        self.model = None
        self.calls = 0

    def about(self) -> dict:
        return {"versions": versions_of(*self.packages)}

    def warm(self, num: int, batch: int, warmups: int, repeats: int) -> dict:
        """Inputs and designs with a model that has been used before, so that XLA has compiled it."""
        if self.model is None:
            self.model = self._made()
        structures = iter([self._moved() for _ in range(warmups + repeats)])
        times, results = timed(lambda: self._step(self.model, next(structures), num, batch), warmups, repeats)
        return times | self._answers(results)

    def called(self, num: int, batch: int) -> dict:
        """What BindCraft does for each trajectory: a new model, its inputs, its designs."""
        structure = self._moved()
        times, results = timed(lambda: self._step(self._made(), structure, num, batch), 0, 1)
        return times | self._answers(results)

    def _made(self) -> object:
        return self.make(backbone_noise=0.0, model_name="v_48_020")

    def _moved(self) -> str:
        """The structure as text, elsewhere in space each time: a trajectory's is a new one, and nothing of it is known."""
        self.calls += 1
        atoms = [line for line in STRUCTURE.read_text().splitlines() if line.startswith("ATOM")]
        return "\n".join(f"{line[:30]}{float(line[30:38]) + self.calls:8.3f}{line[38:]}" for line in atoms)

    def _step(self, model, structure: str, num: int, batch: int) -> dict:
        model.prep_inputs(pdb_filename=structure, chain="A,B", fix_pos="A", rm_aa="C")
        return model.sample(num=num, batch=batch, temperature=0.1)

    def _answers(self, results: list[dict]) -> dict:
        last = results[-1]
        length = self.model._lengths[-1] if self.model else len(last["seq"][0].split("/")[-1])
        binders = [text[-length:] for text in last["seq"]]
        return {
            "score": float(last["score"].mean()),
            "seqid": float(last["seqid"].mean()),
            "different": len(set(binders)),
            "cysteines": sum(text.count("C") for text in binders),
        }


class SidePeer(Peer):
    """A process of this script that answers for one side."""

    def __init__(self, python: str, name: str, threads: int) -> None:
        super().__init__(python, "binder", threads)
        self.command = [python, str(pathlib.Path(__file__).resolve()), "--serve", name, "--threads", str(threads)]


def main() -> int:
    arguments = parse_arguments()
    if arguments.serve:
        serve(Side(arguments.serve, arguments.threads), None)
        return 0
    peers = {
        "ours": SidePeer(arguments.ours, "ours", arguments.threads),
        "colabdesign": SidePeer(arguments.colabdesign, "colabdesign", arguments.threads),
    }
    try:
        record = measured(peers, arguments)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        for peer in peers.values():
            peer.stop()
    path = arguments.record or ROOT / "bench/record/bindcraft" / f"{record['date']}-{cpu_slug(record)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    for name, case in record["cases"].items():
        ratio = case["ratio"]
        print(f"{name}: {ratio['median']:.1f} times as fast ({ratio['min']:.1f} to {ratio['max']:.1f})", file=sys.stderr)
    return 0


def cpu_slug(record: dict) -> str:
    return machine.cpu_slug(record["machine"]["cpu"])


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default=sys.executable, help="a Python with FastMPNN (default: this one)")
    parser.add_argument("--colabdesign", default=sys.executable, help="a Python with ColabDesign (default: this one)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--record", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--serve", choices=["ours", "colabdesign"], help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(peers: dict[str, SidePeer], arguments: argparse.Namespace) -> dict:
    versions = {}
    for peer in peers.values():
        versions |= peer.ask("about")["versions"]
    record = {
        "format": FORMAT,
        "date": machine.today(),
        "machine": machine.describe_machine(),
        "commit": machine.commit(),
        "threads": arguments.threads,
        "versions": versions,
        "cases": {},
    }
    title = f"{DESIGNS} designs of the binder of 4GYT (177 residues beside 177 fixed ones), T = 0.1"
    once = {"num": 1, "batch": DESIGNS}
    requests = {
        "warm": ("with a model that is compiled", {"do": "warm", "warmups": 0, "repeats": 1, **once}, arguments.rounds),
        "called": ("with a new model for each trajectory", {"do": "called", **once}, arguments.rounds),
        # BindCraft gives the number of designs to both arguments, and reads the first of their square.
        "squared": ("with a new model, of 400 drawn", {"do": "called", "num": DESIGNS, "batch": DESIGNS}, 1),
    }
    for name, (how, request, rounds) in requests.items():
        record["cases"][name] = run_case(peers, f"{title}, {how}", request, rounds)
    return record


def run_case(peers: dict[str, SidePeer], title: str, request: dict, rounds: int) -> dict:
    print(title, file=sys.stderr)
    if request["do"] == "warm":
        # The first call of each, which compiles, is not measured; its answers are looked at.
        check({name: peer.ask(**request) for name, peer in peers.items()})
    rows: dict[str, list[dict]] = {name: [] for name in peers}
    others = []
    for number in range(rounds):
        wait_for_quiet()
        watch = machine.Watch([peer.process.pid for peer in peers.values() if peer.process])
        order = list(peers) if number % 2 == 0 else list(reversed(peers))
        for name in order:
            rows[name].append(peers[name].ask(**request))
        others.append(watch.others())
        check({name: row[-1] for name, row in rows.items()})
        numbers = ", ".join(f"{name} {row[-1]['ms']:.0f} ms" for name, row in rows.items())
        print(f"  round {number + 1}: {numbers}; others took {100 * others[-1]:.0f} %", file=sys.stderr)
    ratios = [theirs["ms"] / own["ms"] for own, theirs in zip(rows["ours"], rows["colabdesign"])]
    medians = {name: statistics.median(row["ms"] for row in of_side) for name, of_side in rows.items()}
    return {
        "title": title,
        "others": others,
        "arms": {
            name: {
                "median_ms": round(medians[name], 3),
                "rounds_ms": [round(row["ms"], 3) for row in of_side],
                "score": round(statistics.mean(row["score"] for row in of_side), 4),
                "recovery": round(statistics.mean(row["seqid"] for row in of_side), 4),
            }
            for name, of_side in rows.items()
        },
        "ratio": {
            "median": round(medians["colabdesign"] / medians["ours"], 3),
            "min": round(min(ratios), 3),
            "max": round(max(ratios), 3),
        },
    }


def wait_for_quiet() -> None:
    """Waits, for a while, for other programs to leave the processors."""
    deadline = time.monotonic() + PATIENCE
    while machine.busy_share(0.3) > 0.05 and time.monotonic() < deadline:
        pass


def check(answers: dict[str, dict]) -> None:
    """Ends the case where the designs are not those of one distribution, or letters that were removed were drawn."""
    for name, answer in answers.items():
        if answer["cysteines"] or answer["different"] < DESIGNS - 2:
            raise Failure(f"{name} drew {answer}")
    for name, limit in LARGEST_DIFFERENCE.items():
        values = [answer[name] for answer in answers.values()]
        if max(values) - min(values) > limit:
            raise Failure(f"{name} of the designs: {values}, more than {limit} apart; nothing was timed")


if __name__ == "__main__":
    sys.exit(main())
