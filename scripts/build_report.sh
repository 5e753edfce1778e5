#!/bin/sh
# Builds the page of `fastmpnn design --report`, one file: web/dist-report/report.html, which the program embeds when it is built.
# It needs Node alone: no engine is in it.
set -eu
cd "$(dirname "$0")/../web"
if ! command -v npm >/dev/null; then
    echo "npm is missing; as root: apt-get install nodejs npm" >&2
    exit 1
fi
[ -d node_modules ] || npm ci --no-audit --no-fund --silent
npm run --silent build:report
