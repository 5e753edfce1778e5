#!/usr/bin/env bash
# Builds dist/*.whl and dist/*.tar.gz: one wheel for every CPython from 3.10 on. With the linker that the package ziglang
# holds, the wheel runs on any Linux of glibc 2.17 or newer (manylinux2014); without it, on systems like this one.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet 'maturin>=1.9,<2'
PATH=$tools/venv/bin:$PATH
options=()
if [ "$(uname -s)" = Linux ] && pip install --quiet ziglang; then
    options=(--zig --compatibility manylinux2014)
fi
mkdir -p dist
rm -f dist/fastmpnn-*.whl dist/fastmpnn-*.tar.gz
maturin build --release --out dist --interpreter "$python" "${options[@]}" "$@"
maturin sdist --out dist
ls -l dist
