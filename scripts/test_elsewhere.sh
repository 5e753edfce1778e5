#!/bin/sh
# Runs tests for instruction sets that this machine may lack: NEON under qemu, simd128 under node.
#
#     scripts/test_elsewhere.sh neon    [arguments]     tests for AArch64
#     scripts/test_elsewhere.sh simd128 [arguments]     tests for WebAssembly with WASI
#     scripts/test_elsewhere.sh browser [arguments]     builds for WebAssembly without a system
#
# Arguments are passed to cargo; without any, the kernels are tested. Rust's standard library for the target comes from
# rustup, linkers and emulators from Debian. The script installs nothing: it names what is missing.
set -eu
cd "$(dirname "$0")/.."

missing=
# need PACKAGE TEST...: notes the package if the test fails
need() {
    package=$1
    shift
    "$@" || missing="$missing $package"
}
have() { command -v "$1" >/dev/null; }

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/elsewhere"
# Whole-program optimization changes no result and takes minutes.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

path=${1:-}
[ $# -eq 0 ] || shift
command=test
case $path in
neon)
    target=aarch64-unknown-linux-gnu
    need gcc-aarch64-linux-gnu have aarch64-linux-gnu-gcc
    need libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/lib/libc.so
    need qemu-user have qemu-aarch64
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
    ;;
simd128)
    target=wasm32-wasip1
    need nodejs have node
    export CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings $PWD/scripts/run_wasi.mjs"
    export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-Ctarget-feature=+simd128"
    ;;
browser)
    command=build
    target=wasm32-unknown-unknown
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Ctarget-feature=+simd128"
    ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

if [ -n "$missing" ]; then
    echo "These Debian packages are missing; as root: apt-get install$missing" >&2
    exit 1
fi
if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "Rust's standard library for $target is missing: rustup target add $target" >&2
    exit 1
fi

if [ $# -eq 0 ]; then
    set -- -p fastmpnn-kernels
    [ $command = build ] || set -- "$@" -- --nocapture
fi
exec cargo "$command" --release --target "$target" "$@"
