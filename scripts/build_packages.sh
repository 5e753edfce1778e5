#!/usr/bin/env bash
# Packages the crates of the library and builds them from the contents of the packages alone. `cargo package` would verify
# a crate against the first package of the same version of the other crate that it ever unpacked, so they are unpacked here.
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
