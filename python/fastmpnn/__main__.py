"""``python -m fastmpnn``: the program."""

from __future__ import annotations

import sys

from fastmpnn import _fastmpnn


def main() -> int:
    """Run the program with the arguments of this process.

    Returns
    -------
    int
        The exit code: 0, 1 where a result could not be written, 2 for bad input, 130 after Ctrl-C.
    """
    return _fastmpnn.run_program(["fastmpnn", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
