# make help tells what there is.
# Works with GNU make 3.81 and newer, on Linux and macOS.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

# What an environment needs to be used as it is, and what a Python needs to make one.
USABLE := import sys, pip; sys.exit(sys.version_info < (3, 11))
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ANOTHER := name another Python, 3.11 or newer: make setup PYTHON=python3.12
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help setup run test check format bench conversations chaos docs docs-links pictures lock clean

help:
	@echo "make run      set everything up and run the bots of bots.yaml with the simulator, on port 9000"
	@echo "make test     set everything up and run all tests"
	@echo "make check    format, lint, types and layers"
	@echo "make bench    measure; see benchmarks/RESULTS.md"
	@echo "make conversations   10,000 generated conversations, live, replayed and killed at every point"
	@echo "make chaos    10,000 random kills with SQLite, 2,000 with PostgreSQL; SQLITE=, POSTGRES= and SEED= change that"
	@echo "make docs     a site from docs/, in build/site; docs-links tries the links to elsewhere, pictures takes those of the page anew"
	@echo "make setup    an environment in .venv with the command botkit"
	@echo "make format   put the code into shape"
	@echo "make lock     bring requirements.lock in line with pyproject.toml; UPGRADE=--upgrade takes the newest of everything"
	@echo "make clean    remove .venv and what the tools keep"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(BIN)/python -c '$(USABLE)' 2>/dev/null || { \
		command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here; $(ANOTHER)"; exit 1; }; \
		"$(PYTHON)" -c '$(NEW_ENOUGH)' || { echo "botkit needs Python 3.11 or newer, and $(PYTHON) is older; $(ANOTHER)"; exit 1; }; \
		"$(PYTHON)" -m venv --clear $(VENV); }
	$(PIP_INSTALL) --require-hashes -r requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q botkit
	@touch $(STAMP)

run: setup
	$(BIN)/botkit run --dev

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m benchmarks

# The long form of a property test: what a handler does is the same live, replayed, and killed at every point.
conversations: setup
	CONVERSATIONS=10000 $(BIN)/python -m pytest -q -p no:randomly tests/test_flows_programs.py

# The long form of the weather and of the crash points: processes are stopped for 60 seconds, and killed. What was done
# with a seed is kept in build/ and not done again.
chaos: setup
	STOPPED_SECONDS=60 $(BIN)/python -m pytest -q tests/acceptance/test_weather.py -k stopped
	PYTHONPATH=tests $(BIN)/python -m chaos --sqlite $(or $(SQLITE),10000) --postgres $(or $(POSTGRES),2000) \
		--seed $(or $(SEED),1) --points

# What is said of the code is made from it, and a link that leads nowhere is an error.
docs: setup
	$(BIN)/python -m tools.reference
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet docs build/site
	@echo "build/site/index.html"

pictures: setup
	PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/browser/test_pictures.py

docs-links: setup
	$(BIN)/sphinx-build -b linkcheck docs build/links

# uv does not read pip's configuration: another index than its own is named by UV_DEFAULT_INDEX, and never written down.
lock: setup
	$(BIN)/uv pip compile pyproject.toml $(UPGRADE) --universal --python-version 3.11 --all-extras --group dev \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
