# The commands of this project; `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.install-stamp
NODE_CLIENTS := tests/clients/node
NODE_STAMP := $(NODE_CLIENTS)/node_modules/.package-lock.json
PYTEST_ARGS ?=
SOAK_ARGS ?=
SABOTAGE_ARGS ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install demo run test pytest bench soak sabotage format lock audit coverage pictures clients container

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

install: $(STAMP) ## make .venv with everything in it

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "cxidea needs Python 3.11 or newer, and $(PYTHON) is none. Name one: make install PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks its venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/pip || { echo "Creating $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing the locked packages into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## run the bot in a local workspace: http://127.0.0.1:8300
	@$(BIN)/cxidea demo

run: install ## run the bot with the settings of .env
	@$(BIN)/cxidea migrate
	@$(BIN)/cxidea run

test: install ## check everything: format, lint, types, tests
	@echo "Format"
	@$(BIN)/ruff format --quiet --check . || { echo "Put right by: make format" >&2; exit 1; }
	@echo "Lint"
	@$(BIN)/ruff check --quiet .
	@echo "Types"
	@$(BIN)/mypy --no-error-summary
	@echo "Tests"
	@$(MAKE) --no-print-directory pytest

pytest: install ## run the tests alone; choose some: make pytest PYTEST_ARGS="-k digest"
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

bench: install ## measure every bar of speed beside its floor: a quarter of an hour (ARGS="--quick")
	@$(BIN)/python -m benchmarks $(ARGS)

soak: install ## kill the bot 2,000 times and more, then 200,000 votes in one process: 90 minutes (SOAK_ARGS="--runs 50 --seed 7")
	@$(BIN)/python -m tests.faults.soak $(SOAK_ARGS)
	@$(BIN)/python -m benchmarks.soak

clients: $(NODE_STAMP) ## install Slack's clients for Node, which some tests drive (needs Node 20 and npm)

$(NODE_STAMP): $(NODE_CLIENTS)/package-lock.json $(NODE_CLIENTS)/package.json $(NODE_CLIENTS)/.npmrc
	@command -v npm >/dev/null || { echo "npm is missing. On Debian and Ubuntu: apt-get install nodejs npm" >&2; exit 1; }
	@echo "Installing the locked packages into $(NODE_CLIENTS)"
	@cd $(NODE_CLIENTS) && npm ci --ignore-scripts --loglevel=error >/dev/null

pictures: install ## take the pictures in docs/images anew (needs Chromium)
	@$(BIN)/python -m tests.browser.pictures

container: install ## carry out the Dockerfile's steps without a container engine (needs the network)
	@$(BIN)/python -m tests.dockerfile

sabotage: install ## put known bugs back in, one at a time: each must turn a named test red
	@$(BIN)/python -m tests.sabotage $(SABOTAGE_ARGS)

coverage: install ## run the tests and show the lines that none of them reaches
	@$(BIN)/python -m pytest --quiet --cov --cov-branch --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

format: install ## format the code and put right what the linter can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

UV_COMPILE = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

lock: install ## write requirements*.txt anew, with the newest versions that pyproject.toml allows
	@$(UV_COMPILE) --upgrade --extra demo --group dev pyproject.toml --output-file requirements.txt
	@$(UV_COMPILE) --constraint requirements.txt pyproject.toml --output-file requirements-run.txt
	@$(UV_COMPILE) --constraint requirements.txt --group build --output-file requirements-build.txt

audit: install ## ask the advisory database about the locked packages (needs the network)
	@$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.txt
