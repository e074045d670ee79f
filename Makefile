# Needs GNU make, and Python 3.11 or newer: name one with PYTHON=python3.12 if `python3` is older.
# Every step leaves a file behind that says it is done, so a second run does only what has changed since.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Nothing but what the lock files name, byte for byte; wheels only, since building one would fetch what no lock names.
LOCKED := $(PIP) --require-hashes --only-binary :all:
VENDOR := server/static/vendor/fonts.css

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint build lighthouse bench snapshot lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1	\2/p' Makefile | while IFS='	' read -r name text; do printf '%-12s%s\n' "$$name" "$$text"; done

setup: $(VENV)/installed $(VENDOR) ## Install the locked dependencies and opdkg into .venv, and build the front-end assets

run: setup ## Build a release from the bundled facts if there is none, and serve it on http://127.0.0.1:8000
	@test -e "$${OPDKG_HOME:-var}/current" || $(BIN)/opdkg build
	@exec $(BIN)/opdkg serve

# A file's tests run one after another in one process, since they share servers; files run beside each other, one for each core,
# in the order of the tree: those of few tests that take long do not come last.
test: lint $(VENDOR) ## Run lint and every test
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: test ## The same as test

lint: $(VENV)/installed-dev ## Check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

build: setup ## Build the wheel into dist/
	rm -rf dist
	$(BIN)/hatchling build --target wheel

lighthouse: lint $(VENDOR) ## Let Lighthouse rate the main pages, and print its scores
	$(BIN)/pytest -s -m "performance or not performance" tests/browser/test_lighthouse.py

bench: setup $(VENV)/installed-bench ## Measure the server beside its peers, and pages of the current release and of a million papers
	@test -e "$${OPDKG_HOME:-var}/current" || $(BIN)/opdkg build
	$(BIN)/opdkg bench
	$(BIN)/opdkg bench --papers 1000000

snapshot: setup ## Rewrite the bundled facts from a folder of upstream files: make snapshot UPSTREAM=folder
	@test -n "$(UPSTREAM)" || { echo "Name the folder of upstream files: make snapshot UPSTREAM=folder" >&2; exit 2; }
	$(BIN)/python -m kg.sources.bundle "$(UPSTREAM)"

# Pins that still fit pyproject.toml stay as they are; delete a lock file first to move everything in it to the newest.
lock: ## Write the lock files anew after a change in pyproject.toml
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(PYTHON) -m venv "$$tmp" && "$$tmp/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9; \
	lock() { "$$tmp/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	  --no-emit-index-url --custom-compile-command "make lock" "$$@"; }; \
	lock pyproject.toml --group build --output-file requirements.lock; \
	lock pyproject.toml --group build --group dev --constraints requirements.lock --output-file requirements-dev.lock; \
	lock --group bench --constraints requirements.lock --output-file requirements-bench.lock; \
	lock --group node --output-file requirements-node.lock

clean: ## Remove what the other targets made; the releases in var/ stay
	rm -rf $(VENV) dist server/static/vendor server/assets/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=$$($(PYTHON) --version 2>&1) || found="not installed"; \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$found. Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
	  exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/created
	$(LOCKED) -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(LOCKED) -r requirements-dev.lock
	@touch $@

$(VENV)/installed-bench: requirements-bench.lock $(VENV)/installed
	$(LOCKED) -r requirements-bench.lock
	@touch $@

$(VENDOR): server/assets/package-lock.json server/assets/build.py server/assets/vega.js | $(VENV)/installed
	$(BIN)/python server/assets/build.py
