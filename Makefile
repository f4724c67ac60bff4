# The commands of everyday work; each is one line, the work itself is done by cargo and by perilune.
.DEFAULT_GOAL := help
.PHONY: help demo serve check test bench docs fmt doctor clean

help:   ## print this list
	@sed -n 's/^\([a-z]*\): *## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16
demo:   ## install what is missing, build, and drive a page that you can watch
	tools/setup.sh run && cargo run --release -- demo
serve:  ## run the host with its defaults
	cargo run --release -- serve
check:  ## formatting, lints, unit and house tests; needs no other service
	cargo fmt --check && cargo clippy --workspace --all-targets -- -D warnings && cargo test --workspace --lib --test house
test:   ## install what is missing, then every test with real Chromium, Redis and LiveKit
	tools/setup.sh test && $(MAKE) check && cargo test --workspace
bench:  ## the benchmarks of the encoder and the host
	cargo bench --workspace
docs:   ## write the generated pages and the editor annotations anew
	cargo run -- docs && cargo run -- script types --write scripts/types
fmt:    ## format the Rust
	cargo fmt
doctor: ## say what this machine lacks
	cargo run --release -- doctor
clean:  ## remove everything that was built, the test tools included
	cargo clean
