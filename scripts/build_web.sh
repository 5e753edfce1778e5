#!/bin/sh
# Builds the page: the engine as WebAssembly, then web/dist, which any web server can send and `fastmpnn serve` embeds.
#
#     scripts/build_web.sh [engine]     with `engine`, the engine alone: web/src/engine/pkg
#
# Rust's standard library for WebAssembly comes from rustup, Node from Debian; the script names what is missing. It installs the
# page's own packages, from web/package-lock.json, and builds web/bindgen. FASTMPNN_WEB_PROFILE=ci leaves out
# whole-program optimization, for engines that are built again and again.
set -eu
cd "$(dirname "$0")/.."

target=wasm32-unknown-unknown
profile=${FASTMPNN_WEB_PROFILE:-web}
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/web"

if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "Rust's standard library for $target is missing: rustup target add $target" >&2
    exit 1
fi
version_of() { sed -n "/^name = \"$1\"\$/{n;s/version = \"\(.*\)\"/\1/p;}" "$2"; }
if [ "$(version_of wasm-bindgen Cargo.lock)" != "$(version_of wasm-bindgen-cli-support web/bindgen/Cargo.lock)" ]; then
    echo "web/bindgen has another version of wasm-bindgen than Cargo.lock" >&2
    exit 1
fi

CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Ctarget-feature=+simd128" \
    cargo build --quiet --profile "$profile" --target $target -p fastmpnn-wasm
cargo run --quiet --locked --manifest-path web/bindgen/Cargo.toml -- \
    "$CARGO_TARGET_DIR/$target/$profile/fastmpnn_wasm.wasm" web/src/engine/pkg
[ "${1:-}" = engine ] && exit

if ! command -v npm >/dev/null; then
    echo "npm is missing; as root: apt-get install nodejs npm" >&2
    exit 1
fi
cd web
npm ci --no-audit --no-fund --silent
npm run --silent check
npm run --silent build
