#!/bin/sh
# Builds the page: the engine as WebAssembly, then web/dist, which any web server can send and `fastmpnn serve` embeds.
#
#     scripts/build_web.sh [engine]     with `engine`, the engine alone: web/src/engine/pkg
#
# Rust's standard library for WebAssembly comes from rustup, wasm-bindgen from cargo, Node from Debian. The script installs the
# page's own packages alone, from web/package-lock.json; it names what else is missing.
set -eu
cd "$(dirname "$0")/.."

target=wasm32-unknown-unknown
profile=${FASTMPNN_WEB_PROFILE:-web}
version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/web"
bindgen=${WASM_BINDGEN:-wasm-bindgen}
[ -x target/tools/bin/wasm-bindgen ] && bindgen=target/tools/bin/wasm-bindgen

if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "Rust's standard library for $target is missing: rustup target add $target" >&2
    exit 1
fi
if [ "$("$bindgen" --version 2>/dev/null)" != "wasm-bindgen $version" ]; then
    echo "wasm-bindgen $version is missing: cargo install --root target/tools wasm-bindgen-cli --version $version" >&2
    exit 1
fi

CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Ctarget-feature=+simd128" \
    cargo build --quiet --profile "$profile" --target $target -p fastmpnn-wasm
"$bindgen" --target web --remove-name-section --remove-producers-section --out-dir web/src/engine/pkg "$CARGO_TARGET_DIR/$target/$profile/fastmpnn_wasm.wasm"
[ "${1:-}" = engine ] && exit

if ! command -v npm >/dev/null; then
    echo "npm is missing; as root: apt-get install nodejs npm" >&2
    exit 1
fi
cd web
npm ci --no-audit --no-fund --silent
npm run --silent check
npm run --silent build
