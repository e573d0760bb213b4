# Every target but `help` and `clean` first makes a virtual environment in .venv, which needs Python 3.11 or newer.
# Choose another interpreter with `make test PYTHON=python3.13`, pass arguments to pytest with `make test ARGS="-k when"`.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v "$$name" && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := $(wildcard runtime generator jobs tests docs benchmarks)
ARGS ?=
SEED ?=
MINUTES ?=

.DEFAULT_GOAL := help
.PHONY: help demo test faults generate check lint types bench docs clean

help: ## print this list
	@echo "memshelf: background jobs on MongoDB, described by JSON Schemas"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

demo: $(INSTALLED) ## watch the example's jobs run through a real MongoDB
	@$(BIN)/python docs/demo/main.py $(ARGS)

test: $(INSTALLED) ## run every test, on real MongoDB servers that it starts itself, a file at a time on each processor
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile $(ARGS)

faults: $(INSTALLED) ## hold the queue's promises through faults, for minutes: SEED=… repeats a run, MINUTES=… is the mix's
	@FAULTS=full FAULTS_SEED=$(SEED) FAULTS_MINUTES=$(MINUTES) $(BIN)/python -m pytest tests/faults \
		-o faulthandler_timeout=1800 --durations=10 $(ARGS)

generate: $(INSTALLED) ## write generated/ from schemas/
	@$(BIN)/memshelf-gen $(ARGS)

check: $(INSTALLED) ## tell whether generated/ is what schemas/ says
	@$(BIN)/memshelf-gen check $(ARGS)

lint: $(INSTALLED) ## look for mistakes, in the schemas too, and for formatting that black would change
	@$(BIN)/memshelf-gen lint --fail-on note
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/black --check --quiet $(SOURCES) || { echo "black would change files; run: $(BIN)/black $(SOURCES)"; exit 1; }

types: $(INSTALLED) ## check the types with mypy --strict and pyright
	@$(BIN)/mypy $(SOURCES) $(wildcard generated)
	@$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(INSTALLED) ## measure beside raw pymongo and other queues; ARGS=--write puts it into docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(INSTALLED) ## run the documentation: its tutorial, its commands, its tables
	@$(BIN)/python -m pytest tests/docs $(ARGS)

clean: ## remove everything that make has made
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .corpora build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer with its venv module is needed, and none was found on the PATH."; \
		echo "Install one (on Debian or Ubuntu: python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python"; \
		exit 1; fi
	@echo "making $(VENV) with $(PYTHON); this takes a minute, once"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@touch $@
