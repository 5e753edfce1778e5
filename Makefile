# What a change must pass: make check test. The other targets need more than Rust; each says what.

PYTHON ?= python3

.PHONY: check test neon simd128 golden

# Format, lints, documentation.
check:
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Every test, on every instruction set this processor has.
test:
	cargo test --release --workspace

# The kernels' tests and a whole network on AArch64, emulated: docs/numerics.md. Needs Debian packages, which it names.
neon:
	scripts/test_elsewhere.sh neon
	scripts/test_elsewhere.sh neon -p fastmpnn --lib -- --nocapture a_network_of_other_sizes

# The kernels' tests as WebAssembly.
simd128:
	scripts/test_elsewhere.sh simd128

# tests/golden again, from the published code: reference/README.md.
golden:
	$(PYTHON) reference/make_goldens.py
