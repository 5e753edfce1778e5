# Every change must pass `make check package test`. The other targets need more than Rust; each says what.

PYTHON ?= python3

.PHONY: check package test wheel python neon simd128 web report web-test interface golden

# Format, lints, documentation.
check:
	cargo fmt --all -- --check
	cargo clippy --profile ci --workspace --all-targets -- -D warnings
	cargo clippy --profile ci -p fastmpnn-cli --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --profile ci --workspace --no-deps

# Packages the libraries, and builds from the contents of these packages alone.
package:
	scripts/build_packages.sh

# Every test, on every instruction set of this processor; by nextest if it is installed. It does not run the examples in the
# documentation, so cargo does.
test:
	if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --cargo-profile ci --workspace && cargo test --profile ci --workspace --doc; \
	else \
		cargo test --profile ci --workspace; \
	fi

# The Python package as dist/*.whl: for any Linux of the last ten years where the linker of ziglang installs, else for this
# machine's.
wheel:
	scripts/build_wheel.sh

# The wheel in an environment of its own, with numpy alone; its tests, types and notebooks.
python:
	scripts/test_python.sh

# Tests of the kernels and of whole networks for AArch64, emulated; docs/numerics.md says which tests and how long they take.
# Needs Debian packages; the script names those that are missing.
neon:
	scripts/test_elsewhere.sh neon
	FASTMPNN_ISA=neon scripts/test_elsewhere.sh neon -p fastmpnn --lib -- --nocapture \
		golden_tests::a_network_of_other_sizes golden_tests::structure_6mrr

# Tests of the kernels as WebAssembly in node, and the kernels built for a browser.
simd128:
	scripts/test_elsewhere.sh simd128
	scripts/test_elsewhere.sh browser

# The page: the engine as WebAssembly, and web/dist; and the page of reports. Needs Node and Rust's library for WebAssembly; the
# script names what is missing.
web: report
	scripts/build_web.sh

# The page of `design --report`, web/dist-report. Needs Node.
report:
	scripts/build_report.sh

# The page in Debian's Chromium, as static files and from the service, and reports, after `make web` and a build of the program.
web-test:
	node web/tests/run.mjs
	node web/tests/report.mjs

# The service's interface, against its own OpenAPI document. Installs schemathesis into target/interface.
interface:
	scripts/test_interface.sh

# Regenerates tests/golden from the published code: reference/README.md.
golden:
	$(PYTHON) reference/make_goldens.py
