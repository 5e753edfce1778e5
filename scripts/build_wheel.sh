#!/usr/bin/env bash
# Builds dist/*.whl and dist/*.tar.gz: one wheel for every CPython from 3.10 on. With the linker in the package ziglang, the
# wheel runs on any Linux with glibc 2.17 or newer (manylinux2014); without it, on systems like this one.
# FASTMPNN_WHEEL_PROFILE: the Cargo profile, `wheel` where unset; with `ci`, which tests use, the wheel is for this system.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
profile=${FASTMPNN_WHEEL_PROFILE:-wheel}
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet 'maturin>=1.9,<2' 'deflate>=0.7,<1'
PATH=$tools/venv/bin:$PATH
options=()
if [ "$profile" = wheel ] && [ "$(uname -s)" = Linux ] && pip install --quiet ziglang; then
    rustup target add "$(rustc -vV | sed -n 's/^host: //p')" >/dev/null 2>&1 || true
    options=(--zig --compatibility manylinux2014)
fi
# The page of `design --report`, which the program in the wheel embeds; without Node it writes plain tables.
if command -v npm >/dev/null; then scripts/build_report.sh; fi
mkdir -p dist
rm -f dist/fastmpnn-*.whl dist/fastmpnn-*.tar.gz
maturin build --profile "$profile" --out dist --interpreter "$python" ${options[@]+"${options[@]}"}
"$tools/venv/bin/python" scripts/compress_wheel.py dist/fastmpnn-*.whl
maturin sdist --out dist
ls -l dist
