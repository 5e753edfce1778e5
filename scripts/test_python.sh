#!/usr/bin/env bash
# The wheel as users get it: built, installed with numpy alone into an environment of its own, its tests, types, notebooks,
# and a build from the source distribution. Options are those of scripts/build_wheel.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
python=${PYTHON:-python3}
scripts/build_wheel.sh "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What users install.
"$python" -m venv "$work/user"
"$work/user/bin/pip" install --quiet dist/fastmpnn-*.whl
"$work/user/bin/pip" list --format=freeze | grep -viE '^(pip|setuptools|wheel)==' | sed 's/==.*//' | sort >"$work/installed"
printf 'fastmpnn\nnumpy\n' | diff - "$work/installed"
(cd "$work" && "$work/user/bin/fastmpnn" design "$root/examples/5L33.pdb" -n 2 --quiet >"$work/program.fa")
(cd "$work" && "$work/user/bin/python" -m fastmpnn design "$root/examples/5L33.pdb" -n 2 --quiet | diff - "$work/program.fa")

# Its tests, with what some of them need beside the wheel.
"$work/user/bin/pip" install --quiet pytest
"$work/user/bin/python" -m pytest -q python/tests
"$work/user/bin/pip" install --quiet mypy pandas matplotlib nbmake ipykernel biotite gemmi biopython
"$work/user/bin/python" -m pytest -q python/tests
"$work/user/bin/python" -m pytest -q --nbmake examples/*.ipynb

# Types, of the package and of its examples.
"$work/user/bin/python" -m mypy --strict python/fastmpnn python/tests
