# `make app` opens the page, `make test` checks everything; both set up what they need.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8866
# Not ?=: conda and some shells export a HOST that is something else.
HOST   := 127.0.0.1
# Whether a browser window is opened (0 or 1).
OPEN   ?= 1
# Options of the page's server; those that hold wherever it is started are in voila.json.
VOILA_OPTIONS ?=
PYTEST_OPTIONS ?=

BIN := $(VENV)/bin
TEMPLATE := share/jupyter/voila/templates/gncviz/conf.json share/jupyter/voila/templates/gncviz/index.html.j2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Two workers with a thread each: more threads than cores wait for each other. The page's tests
# come after the others and alone, for they time what a person would wait for.
PYTEST := $(BIN)/python -m pytest $(PYTEST_OPTIONS)
WORKERS := OMP_NUM_THREADS=1 $(PYTEST) -n 2

.DEFAULT_GOAL := help
.PHONY: help app test test-seen test-all lint docs site format bench release lock clean

help: ## Show what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

app: $(VENV)/app.stamp ## Set up what is missing and open the page.
	@echo "The page: http://$(HOST):$(PORT)/ (stop it with Ctrl-C)"
	@exec $(BIN)/voila app.ipynb --Voila.ip=$(HOST) --port=$(PORT) --Voila.port_retries=0 \
	    $(if $(filter 0,$(OPEN)),--no-browser) $(VOILA_OPTIONS)

test: $(VENV)/dev.stamp lint docs ## Check style, types, documentation, behaviour (eleven minutes).
	@scripts/install_browser.sh
	$(WORKERS) -m "not slow and not browser"
	$(PYTEST) -m "not slow and browser"

test-seen: $(VENV)/dev.stamp ## What people see, at length: notebooks, documents, the page in every look.
	@scripts/install_browser.sh
	$(WORKERS) -m "slow" tests/notebooks tests/test_documents.py
	$(PYTEST) -m "slow and browser"

test-all: $(VENV)/dev.stamp lint docs ## The same with the long statistical tests.
	@scripts/install_browser.sh
	HYPOTHESIS_PROFILE=default $(WORKERS) -m "not browser"
	$(PYTEST) -m browser

lint: $(VENV)/dev.stamp ## Check style and types.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Warnings, among them references to what is not there, are errors. Nothing is kept from the last
# time, for a file that has not changed would not warn again.
docs: $(VENV)/dev.stamp ## Build the documentation into docs/_build/html.
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet docs docs/_build/html

# Outputs are kept while they hold; those of a test run, too, so that this takes three minutes or none.
site: $(VENV)/dev.stamp ## The same with the notebooks' figures: runs them where needed.
	@$(BIN)/python scripts/notebook_runs.py
	@$(MAKE) --no-print-directory docs

format: $(VENV)/dev.stamp ## Put the code into shape.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## Measure what is fast, against the naive way.
	@$(BIN)/python -m benchmarks

release: $(VENV)/dev.stamp ## Build the wheel, and try it in an environment of its own.
	@rm -rf dist
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@scripts/smoke.sh dist/gncviz-*.whl -c $(CURDIR)/constraints.txt

lock: $(VENV)/dev.stamp ## Write constraints.txt anew from what is installed.
	@$(BIN)/python scripts/lock.py constraints.txt

clean: ## Remove the environment and caches.
	rm -rf $(VENV) docs/_build .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "gncviz needs Python 3.11 or newer; name one by: make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment $(VENV)"
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -f $@; exit 1; }

# The installed template is a copy, so that a change to it needs installing too.
$(VENV)/app.stamp: pyproject.toml constraints.txt $(TEMPLATE) | $(VENV)/bin/python
	@echo "Installing the page (a few minutes, the first time)"
	@$(PIP) -e ".[app]"
	@$(BIN)/python -m gncviz.explorer.browser.served
	@touch $@

$(VENV)/dev.stamp: $(VENV)/app.stamp
	@echo "Installing what tests and documentation need"
	@$(PIP) -e ".[app,data,distributed,test,dev,docs]"
	@touch $@
