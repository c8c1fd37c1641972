# Needs: make, bash and Python 3.11 or later. Everything else is installed into .venv, by hash.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# An interpreter of your choice: make setup PYTHON=/opt/python/bin/python3.12
PYTHON ?=
# Arguments for the command behind a target: make up ARGS="--port 9000", make test ARGS="-k decide"
ARGS ?=

BIN := .venv/bin
# The lists are complete, so nothing is resolved (--no-deps): a newer release of something must not change what is installed.
# Whatever has to be built on the way is built by what requirements/build.txt holds, not by something fetched for it.
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install --no-build-isolation --use-pep517
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

export PIP_ROOT_USER_ACTION := ignore
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Many containers set it, where nothing starts twice. Here hundreds of processes start, and each would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/.dev .venv/.project .venv/.provider ## Make .venv with everything for working on Grantline
	@echo "ready: $(BIN)/grantline --help"

.PHONY: up
up: .venv/.main .venv/.project portal ## Start all of Grantline on this machine, with a sample organisation
	@exec $(BIN)/grantline up $(ARGS)

.PHONY: portal
portal: .venv/.build ## Build the portal into api/static, if its sources have changed
	@$(BIN)/python portal/build.py

.PHONY: chromium
chromium: ## Install the browser of the portal's tests, where that is allowed; without it they are left out, and say so
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium for the portal's tests."; \
		get() { apt-get install --yes --no-install-recommends chromium fonts-liberation >/dev/null 2>&1; }; \
		get || { apt-get update >/dev/null 2>&1 && get; } || echo "chromium could not be installed with apt-get." >&2; \
	fi

.PHONY: test
test: .venv/.build ## Run every gate and every test, as the build does
	@$(MAKE) --no-print-directory --jobs 4 --output-sync=target .venv/.provider portal chromium gates
	$(BIN)/python -m pytest -n 3 --dist loadgroup --durations 15 $(ARGS)

.PHONY: gates
gates: .venv/.dev ## Run ruff, pyright and import-linter
	@$(MAKE) --no-print-directory .venv/.project
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/pyright --threads 2

.PHONY: check
check: test ## The same, by the name your fingers may know

.PHONY: format
format: .venv/.dev ## Format the code, and fix what ruff can fix by itself
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

.PHONY: docs
docs: .venv/.dev .venv/.project ## Write the pages that are made from code (docs/settings.md), and the portal's types
	$(BIN)/python -m tests.docs.pages
	$(BIN)/python -m tests.docs.portal_types

.PHONY: bench
bench: .venv/.dev .venv/.project ## Measure Grantline against bare Temporal (README, Measured)
	$(BIN)/python -m bench $(ARGS)

.PHONY: bench-data
bench-data: .venv/.dev .venv/.project ## Make a large organisation in PostgreSQL, kept in .grantline/crowd, and time its lists
	$(BIN)/python -m bench.lists --keep .grantline/crowd $(ARGS)

.PHONY: histories
histories: .venv/.dev .venv/.project ## Record a history per path of each workflow, to be replayed ever after
	$(BIN)/python -m pytest tests/workflows --record-histories $(ARGS)

.PHONY: lock
lock: .venv/.dev ## Lock what requirements/*.in ask for; the newest versions with ARGS=--upgrade
	$(LOCK) $(ARGS) requirements/dev.in -o requirements/dev.txt
	$(LOCK) $(ARGS) -c requirements/dev.txt requirements/main.in -o requirements/main.txt
	$(LOCK) $(ARGS) -c requirements/dev.txt requirements/build.in -o requirements/build.txt

# --- .venv, by stamps: each step runs again when what it read has changed ------------------------------

.venv/.made:
	@for candidate in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$${python:-}" ]; then \
		echo "Grantline needs Python 3.11 or later, and found none; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! "$$python" -m venv .venv >/dev/null; then \
		echo "$$python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	fi
	@touch $@

.venv/.build: .venv/.made requirements/build.txt
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(PIP) --no-deps --require-hashes -r requirements/build.txt
	@touch $@

.venv/.main: .venv/.build requirements/main.txt
	@$(PIP) --no-deps --require-hashes -r requirements/main.txt
	@touch $@

# Graph's client has 16,000 modules, of which the tests load a few: Python compiles those when they are loaded.
.venv/.dev: .venv/.main requirements/dev.txt
	@$(PIP) --no-compile --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

# The OpenID provider that the tests sign in at: by its lock, with the Node.js that requirements/dev.txt has, without scripts.
.venv/.provider: .venv/.dev tests/provider/package.json tests/provider/package-lock.json
	@mkdir -p .venv/provider
	@cp tests/provider/package.json tests/provider/package-lock.json .venv/provider/
	@$(BIN)/python tests/provider/npm.py ci --prefix .venv/provider --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

.venv/.project: .venv/.build pyproject.toml
	@$(PIP) --no-deps --editable .
	@touch $@
