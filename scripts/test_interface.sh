#!/bin/sh
# Asks the service what its own OpenAPI document allows, and what it does not: schemathesis makes the requests, and no answer may
# be an error of the server, or of another status or form than the document says.
#
#     scripts/test_interface.sh [PROGRAM] [EXAMPLES]     examples an operation, 20 if not given
set -eu
cd "$(dirname "$0")/.."

program=${1:-target/release/fastmpnn}
environment=target/interface
if ! [ -x $environment/bin/schemathesis ]; then
    "${PYTHON:-python3}" -m venv $environment
    $environment/bin/pip install --quiet schemathesis==4.32.5
fi

line=$(mktemp)
"$program" serve --no-open --listen 127.0.0.1:0 >"$line" &
service=$!
trap 'kill $service 2>/dev/null || true; rm -f "$line"' EXIT
until address=$(grep -o 'http://127.0.0.1:[0-9]*' "$line"); do
    kill -0 $service
    sleep 0.1
done

$environment/bin/schemathesis run "$address/openapi.json" --url "$address" \
    --phases examples,coverage,fuzzing --max-examples "${2:-20}" --seed 1 --no-color --warnings off \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
kill -INT $service
wait $service
