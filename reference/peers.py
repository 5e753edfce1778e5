"""Times FastMPNN and its peers on the same work in turn, and writes a record.

    cargo build --release
    python reference/peers.py

Every case is run in short rounds; in each round every arm does the work once, and the first to go changes from round to
round. What is recorded is every round's number, the medians, and where and with what it was measured. Before a case is
timed its answers are checked. bench/README.md explains the cases and what may be compared.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import statistics
import sys
import time

from timing import machine
from timing.arms import Arm, Failure, PeerArm
from timing.cases import ROOT, Case, Cases, Check
from timing.ligand_cases import ligand_cases
from timing.table import render_targets

FORMAT = 1
QUIET_SECONDS = 0.3
QUIET_SHARE = 0.05
DISTURBED_SHARE = 0.1


def main() -> int:
    arguments = parse_arguments()
    program = None if arguments.peers_only else str(arguments.program.resolve())
    if program and not pathlib.Path(program).is_file():
        sys.exit(f"there is no program {shown(arguments.program)}: build it, name another with --program, or leave "
                 "ours out with --peers-only")
    builder = Cases(program, arguments.python, arguments.structures.resolve())
    cases = builder.all(ligand_cases(builder))
    if arguments.list:
        for case in cases:
            print(f"{case.name:20} {case.rounds:3} rounds  {case.title}: " + "; ".join(arm.label for arm in case.arms))
        return 0
    wanted = [case for case in cases if case.name in (arguments.only or [case.name])]
    if unknown := set(arguments.only or []) - {case.name for case in cases}:
        sys.exit(f"there is no case {', '.join(sorted(unknown))}; --list names them")

    record = new_record(builder, program)
    path = arguments.record or record_path(record)
    if arguments.record and path.exists():
        record = continued(json.loads(path.read_text()), record)
    failed = False
    for case in wanted:
        try:
            record["cases"][case.name] = run_case(case, arguments.rounds or case.rounds, arguments.patience)
        except Failure as failure:
            failed = True
            say(f"{case.name}: {failure}")
        finally:
            builder.stop_peers()
        write(path, record)
    if program and record["cases"]:
        print(render_targets(record))
    say(f"written to {shown(path)}")
    return 1 if failed else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target/release/fastmpnn", help="ours")
    parser.add_argument("--python", default=sys.executable,
                        help="a Python with requirements-peers.txt (default: this one)")
    shared = os.environ.get("FASTMPNN_SHARED")
    structures = pathlib.Path(shared) / "structures/proteinmpnn" if shared else None
    parser.add_argument("--structures", type=pathlib.Path, default=structures, required=structures is None,
                        help="folder of 4YOW.pdb and 6EHB.pdb (bench/README.md says where they are published)")
    parser.add_argument("--rounds", type=int, help="instead of each case's own number")
    parser.add_argument("--patience", type=float, default=30.0, metavar="SECONDS",
                        help="how long to wait before a round for other programs to leave the processors "
                             "(default: %(default)g)")
    parser.add_argument("--only", action="append", metavar="CASE", help="this case; may be repeated")
    parser.add_argument("--record", type=pathlib.Path, metavar="FILE",
                        help="write here; in a record of the same machine and versions that is there already, the "
                             "cases run are replaced (default: a new bench/record/DATE-CPU.json)")
    parser.add_argument("--peers-only", action="store_true", help="leave ours out")
    parser.add_argument("--list", action="store_true", help="list the cases and end")
    return parser.parse_args()


def new_record(builder: Cases, program: str | None) -> dict:
    """A record without cases. It starts every kind of peer once, for its versions."""
    about = [builder.peer(module).ask("about") for module in ("official", "colabdesign", "ligandmpnn", "packer")]
    builder.stop_peers()
    versions = machine.own_versions(program) if program else {}
    for peer in about:
        versions |= peer["versions"]
    return {"format": FORMAT, "date": machine.today(), "command": own_command(), "machine": machine.describe_machine(),
            "versions": versions, "cases": {}}


def continued(old: dict, new: dict) -> dict:
    """The old record, if what it measured can stand beside what will be measured now."""
    for part in ("format", "machine", "versions"):
        if old[part] != new[part]:
            sys.exit(f"the record there has another {part}: {json.dumps(old[part])}, now {json.dumps(new[part])}")
    return old | {"date": new["date"], "command": new["command"]}


def run_case(case: Case, rounds: int, patience: float) -> dict:
    started, load = machine.now(), machine.load_average()
    say(f"{case.name}: {case.title}, {rounds} rounds")
    checks = [checked(check) for check in case.checks]
    arms, missing = usable_arms(case)
    measured: dict[str, list[dict]] = {arm.key: [] for arm in arms}
    others, disturbed = [], 0
    while len(others) < rounds:
        number = len(others)
        wait_for_quiet(patience)
        watch = machine.Watch([arm.peer.process.pid for arm in arms if isinstance(arm, PeerArm) and arm.peer.process])
        # Each arm follows each other one in turn: none is always measured in the wake of the same neighbour.
        first = number % len(arms)
        now = {arm.key: arm.measure() for arm in arms[first:] + arms[:first] if number < (arm.most_rounds or rounds)}
        busy = watch.others()
        # By what others took, never by what was measured; and not for ever.
        repeat = busy > DISTURBED_SHARE and disturbed < rounds
        say(f"  round {number + 1}: "
            + ", ".join(f"{arm.label} {now[arm.key]['ms']:.1f} ms" for arm in arms if arm.key in now)
            + f"; others took {100 * busy:.0f} %" + (": again" if repeat else ""))
        if repeat:
            disturbed += 1
            continue
        others.append(busy)
        for key, numbers in now.items():
            measured[key].append(numbers)
    return {
        "title": case.title,
        "started": started,
        "commit": machine.commit(),
        "load_average": {"start": load, "end": machine.load_average()},
        # What share of the processors other programs took during each round, and how many rounds were repeated for it.
        "others": others,
        "disturbed": disturbed,
        "checks": checks,
        "arms": {arm.key: summary(arm, measured[arm.key]) for arm in arms},
        "missing": missing,
    }


def wait_for_quiet(patience: float) -> None:
    """Waits, at most `patience` seconds, for other programs to leave the processors.

    On a shared machine the peers' threads, which wait for one another at every operation, are held up far more than by
    their share: what is measured there flatters us.
    """
    deadline = time.monotonic() + patience
    while machine.busy_share(QUIET_SECONDS) > QUIET_SHARE and time.monotonic() < deadline:
        pass


def checked(check: Check) -> dict:
    value = check.value()
    lowest, highest = check.bounds
    say(f"  {check.name}: {value:.5g}")
    if not lowest <= value <= highest:
        raise Failure(f"{check.name} is {value:.5g}, expected {lowest:g} to {highest:g}; nothing was timed")
    return {"name": check.name, "value": value}


def usable_arms(case: Case) -> tuple[list[Arm], dict[str, str]]:
    """The arms that answer when asked once, unmeasured; optional ones that do not are named with the reason."""
    arms, missing = [], {}
    for arm in case.arms:
        try:
            if arm.most_rounds is None:
                arm.measure()
            arms.append(arm)
        except Failure as failure:
            if not arm.optional:
                raise
            missing[arm.key] = str(failure)
            say(f"  without {arm.label}: {failure}")
    return arms, missing


def summary(arm: Arm, measured: list[dict]) -> dict:
    fields = {}
    for name in measured[0]:
        values = [round(measurement[name], 5) for measurement in measured]
        fields[name] = {"median": round(statistics.median(values), 5), "min": min(values), "max": max(values),
                        "rounds": values}
    return {"label": arm.label, "details": arm.details, "fields": fields}


def own_command() -> str:
    """As it can be repeated elsewhere: paths of this machine are cut to their names."""
    words = [pathlib.Path(word).name if pathlib.Path(word).is_absolute() else word for word in sys.argv[1:]]
    return shlex.join(["python", "reference/peers.py", *words])


def record_path(record: dict) -> pathlib.Path:
    return ROOT / "bench/record" / f"{record['date']}-{machine.cpu_slug(record['machine']['cpu'])}.json"


def write(path: pathlib.Path, record: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    # Lists of numbers on one line.
    text = re.sub(r"\[[^][{}\"]*\]", lambda numbers: re.sub(r"\s+", " ", numbers[0]), text)
    path.write_text(text + "\n")


def shown(path: pathlib.Path) -> str:
    return str(path.resolve().relative_to(ROOT)) if path.resolve().is_relative_to(ROOT) else str(path)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
