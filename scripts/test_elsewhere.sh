#!/bin/sh
# Tests for an instruction set that the machine at hand may lack: NEON under qemu, simd128 under node.
#
#     scripts/test_elsewhere.sh neon    [arguments]     tests for AArch64
#     scripts/test_elsewhere.sh simd128 [arguments]     tests for WebAssembly with WASI
#     scripts/test_elsewhere.sh browser [arguments]     builds for WebAssembly without a system
#
# Arguments are those of cargo; without any, the kernels. Debian ships one Rust compiler that makes code for all targets,
# but no standard library for these; cargo builds that from source on the way (a few minutes the first time). Nothing is
# installed here: what is missing is named. RUST_BIN is where that compiler is, /usr/bin unless set.
set -eu
cd "$(dirname "$0")/.."

bin=${RUST_BIN:-/usr/bin}
missing=
# need PACKAGE TEST...: notes the package if the test fails
need() {
    package=$1
    shift
    "$@" || missing="$missing $package"
}
have() { command -v "$1" >/dev/null; }

need rustc-web test -x "$bin/rustc"
need cargo-web test -x "$bin/cargo"
sysroot=$("$bin/rustc" --print sysroot 2>/dev/null || true)
need rust-web-src test -e "$sysroot/lib/rustlib/src/rust/library/Cargo.lock"

# So that unstable options of a released compiler can be used: building the standard library is one.
export RUSTC_BOOTSTRAP=1 RUSTC="$bin/rustc" RUSTDOC="$bin/rustdoc"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/elsewhere"
# Whole-program optimisation changes no result and takes minutes.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

path=${1:-}
[ $# -eq 0 ] || shift
command=test
case $path in
neon)
    target=aarch64-unknown-linux-gnu
    library=std,panic_unwind,test
    need gcc-aarch64-linux-gnu have aarch64-linux-gnu-gcc
    need libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/lib/libc.so
    need qemu-user have qemu-aarch64
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
    ;;
simd128)
    target=wasm32-wasip1
    library=std,panic_abort,test
    need lld-19 have wasm-ld-19
    need wasi-libc test -e /usr/lib/wasm32-wasi/crt1-command.o
    need nodejs have node
    export CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld-19
    export CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings $PWD/scripts/run_wasi.mjs"
    libc=/usr/lib/wasm32-wasi
    # Debian 12's C library lacks two thread functions that nothing calls where there are no threads: they trap.
    flags="-Clink-self-contained=no -L$libc -Clink-arg=$libc/crt1-command.o -Clink-arg=--unresolved-symbols=ignore-all"
    export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-Ctarget-feature=+simd128 $flags"
    ;;
browser)
    command=build
    target=wasm32-unknown-unknown
    library=std,panic_abort
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Ctarget-feature=+simd128"
    ;;
*)
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

if [ -n "$missing" ]; then
    echo "These Debian packages are missing; as root: apt-get install$missing" >&2
    exit 1
fi

if [ $# -eq 0 ]; then
    set -- -p fastmpnn-kernels
    [ $command = build ] || set -- "$@" -- --nocapture
fi
# That compiler may be older than the one the project is developed with.
exec "$bin/cargo" -Zbuild-std="$library" "$command" --ignore-rust-version --release --target "$target" "$@"
