#!/usr/bin/env bash
# Packs the crates of the library and builds them from nothing but what their packages hold. `cargo package` would verify
# a crate against the first package of the same version that it ever unpacked of another, so the packages are unpacked here.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -f target/package/*.crate
cargo package --quiet --allow-dirty --no-verify -p fastmpnn-kernels -p fastmpnn
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for crate in fastmpnn-kernels fastmpnn; do
    mkdir "$folder/$crate"
    tar -xzf target/package/"$crate"-[0-9]*.crate -C "$folder/$crate" --strip-components=1
done
CARGO_TARGET_DIR=$PWD/target/package/build cargo check --quiet --manifest-path "$folder/fastmpnn/Cargo.toml" \
    --config "patch.crates-io.fastmpnn-kernels.path='$folder/fastmpnn-kernels'"
