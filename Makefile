# Two targets are enough: `make demo` and `make test`. Both set up .venv first, from the locked dependencies.
.DELETE_ON_ERROR:
.PHONY: demo test test-servers interrupt lint bench soak promises mutants pictures dist audit lock clean

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fikad needs Python 3.11 or newer")'
	@$(PYTHON) tools/environment.py
	@touch $@

demo: .venv/ready
	@$(BIN)/fikad demo

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# In memory, where that is a folder with room: the same is left behind there, and nobody waits for a disk.
test interrupt: export TMPDIR ?= $(or $(shell df --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 2000000 { print "/dev/shm" }'),/tmp)

# mypy is one process and takes its time: it runs beside the tests, and is heard when both have ended.
test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "$(BIN)/mypy beside $(BIN)/pytest -n $(JOBS) --dist worksteal --durations=10"
	@$(BIN)/mypy >.venv/mypy.out 2>&1 & mypy=$$!; \
	$(BIN)/pytest -n $(JOBS) --dist worksteal --durations=10; tests=$$?; \
	wait $$mypy; types=$$?; cat .venv/mypy.out; \
	exit $$((tests ? tests : types))

# The contract and what is special about them on Cyrus, DAViCal, sabre/dav and SOGo, where Debian's packages are installed.
test-servers: .venv/ready
	DEBIAN_SERVERS=1 $(BIN)/pytest tests/connectors/servers_debian

# A month of fikad, killed at every single step of it and taken up again, and two fikads stopped at every step of one:
# see docs/proof.md. EACH=5 takes every fifth step. It may be stopped, and goes on where it was.
EACH ?= 1
interrupt: .venv/ready
	EVERY_STEP=$(EACH) $(BIN)/pytest -n $(JOBS) --dist worksteal tests/daemon/cycle/test_every_step.py tests/daemon/cycle/test_at_once.py

bench: .venv/ready
	$(BIN)/python -m bench
	$(BIN)/python -m bench.peers
	$(BIN)/python -m bench.peers --events 3000 --runs 1 --round-trip 100
	$(BIN)/python -m bench.filled
	$(BIN)/python -m bench.host

soak: .venv/ready
	$(BIN)/python -m bench.soak

# Which small changes to the code no test notices, in one room: those of tools/mutants.toml.
ROOM ?= holds
mutants: .venv/ready
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m tools.mutants $(ROOM)

# A million steps of the stateful test of the promises; it may be stopped, and goes on where it was.
promises: .venv/ready
	$(BIN)/python -m tools.promises

# The wheel and the source package; whoever builds them gets the same hashes.
dist: .venv/ready
	rm -rf dist
	$(BIN)/python -m hatchling build
	$(BIN)/python -m pip hash dist/*

# Known flaws in what is locked, a bill of materials (dist/fikad.cdx.json), and licences.
audit: .venv/ready
	$(BIN)/python -m tools.audit

# The README's, for maintainers: they need Debian's thunderbird and chromium.
pictures: .venv/ready
	@$(BIN)/python -m tools.pictures

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --extra dev --extra demo \
		pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
