# What a developer does with Roster. `make` alone lists it.
.PHONY: help run test soak fuzz bench lint deny

# The lines below that have a description after "##".
help:
	@sed -n 's/^\([a-z]*\):.*## */make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

run: console/node_modules/.package-lock.json ## start Roster with its defaults: API, worker and playground in one process
	cargo run

# One test: tests/with-services cargo test -p roster-tests NAME
test: ## run all tests, with PostgreSQL and Redis servers of their own
	tests/with-services cargo test --workspace --locked --no-fail-fast

# The same again: make soak SEED=…
soak: SEED := $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
soak: ## run the tests of faults, races and chance for long
	@echo "make soak SEED=$(SEED)"
	ROSTER_SOAK=1 ROSTER_SEED=$(SEED) tests/with-services cargo test --locked -p roster-tests --test soak -- --show-output

# For longer: make fuzz TIME=3600
fuzz: TIME := 60
fuzz: ## send the API bytes by chance, for TIME seconds, and what was interesting before
	tests/fuzz/run $(TIME)

# PostgreSQL as an operator has it, but that nothing waits for the disk, and that it does not tidy up while something is
# measured. Other settings, which win: make bench POSTGRES="fsync=on". Parts and sizes: make bench ARGS="--quick reads".
bench: POSTGRES :=
bench: ARGS :=
bench: ## measure what pages, removals and emails cost, beside what is possible: about 20 minutes
	cargo build --release --locked -p roster-api -p roster-bench
	@ROSTER_TEST_POSTGRES_SETTINGS="fsync=off synchronous_commit=on full_page_writes=on shared_buffers=2GB \
		max_wal_size=16GB checkpoint_timeout=1h autovacuum=off track_commit_timestamp=on $(POSTGRES)" \
		tests/with-services target/release/roster-bench $(ARGS)

lint: ## check the formatting and what clippy has to say
	cargo fmt --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# The tool is built where it is missing. The database of advisories is fetched: where that is not possible, the rest is checked.
deny: ## check the dependencies' licences, sources and known vulnerabilities
	cargo deny --version || cargo install cargo-deny --locked
	cargo deny check bans licenses sources
	@if cargo deny fetch db; then cargo deny check advisories; \
	else echo "make: the advisories could not be fetched, and were not checked"; fi

# The playground's files; without them its page takes them from a CDN, so nothing here is fatal.
# The target is npm's own record of what it has installed.
console/node_modules/.package-lock.json: console/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix console --silent; fi || echo "make: npm ci failed; going on without"
