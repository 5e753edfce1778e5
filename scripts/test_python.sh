#!/usr/bin/env bash
# The wheel as users get it: built, installed with numpy alone into a virtual environment of its own, and tested; then the
# tests that need other packages, the notebooks, the types, and the style.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
python=${PYTHON:-python3}
export FASTMPNN_WHEEL_PROFILE=${FASTMPNN_WHEEL_PROFILE:-ci}
scripts/build_wheel.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What users install: the wheel, and numpy.
"$python" -m venv "$work/user"
"$work/user/bin/pip" install --quiet dist/fastmpnn-*.whl
"$work/user/bin/pip" list --format=freeze | sed 's/==.*//' | grep -vxE 'pip|setuptools|wheel' | sort >"$work/installed"
printf 'fastmpnn\nnumpy\n' | diff - "$work/installed"
cd "$work"
user/bin/fastmpnn design "$root/examples/5L33.pdb" -n 2 --quiet >program.fa
user/bin/python -m fastmpnn design "$root/examples/5L33.pdb" -n 2 --quiet | diff - program.fa
cd "$root"
size=$(stat -c %s dist/fastmpnn-*.whl 2>/dev/null || stat -f %z dist/fastmpnn-*.whl)
# That of the profile `ci` is built without whole-program optimization.
[ "$FASTMPNN_WHEEL_PROFILE" = wheel ] && most=12000000 || most=15000000
[ "$size" -le "$most" ] || { echo "the wheel has $size bytes, more than $most" >&2; exit 1; }

# Tests that need a package which is not there are skipped here and run below.
"$work/user/bin/pip" install --quiet pytest
"$work/user/bin/python" -m pytest -q python/tests
"$work/user/bin/pip" install --quiet mypy ruff pandas polars matplotlib biotite gemmi biopython nbmake ipykernel
"$work/user/bin/python" -m pytest -q python/tests/test_{columns,design,docs,interop,notebooks,plots}.py
"$work/user/bin/python" -m pytest -q --nbmake examples/*.ipynb

# Campaigns on clusters, and what reads their tables.
"$python" -m venv "$work/campaigns"
"$work/campaigns/bin/pip" install --quiet dist/fastmpnn-*.whl pytest 'ray[data]' snakemake pyyaml duckdb pandas polars pyarrow 'moto[s3,server]'
# The program in the wheel is without object stores.
program=$root/target/release/fastmpnn
[ -x "$program" ] || { cargo build --profile ci -p fastmpnn-cli && program=$root/target/ci/fastmpnn; }
FASTMPNN_PROGRAM=$program "$work/campaigns/bin/python" -m pytest -q \
    python/tests/test_{campaigns,datasets,nextflow,object_inputs,object_store,ray}.py

"$work/user/bin/python" -m mypy --strict python/fastmpnn
"$work/user/bin/ruff" check python
"$work/user/bin/ruff" format --check python
