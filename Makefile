# `make bench FILE=news.jsonl ARGS=--quick`: ARGS goes to the command behind a target.
# `make demo` and `make test` set up everything that they need, on a machine with Python and make.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
FILE ?= ../shared/eval/reuters30k.jsonl.gz

.PHONY: demo test lint types bench bench-index quality calibrate soak picture clean

demo: $(VENV)/.installed
	@$(BIN)/dedupe report fixtures/articles

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks $(FILE) $(ARGS)

bench-index: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.index $(FILE) $(ARGS)

soak: $(VENV)/.installed-dev
	$(BIN)/python -m soak $(ARGS)

quality: $(VENV)/.installed-dev
	$(BIN)/python -m evals quality $(ARGS)

calibrate: $(VENV)/.installed-dev
	$(BIN)/python -m evals calibrate $(ARGS)

picture: $(VENV)/.installed
	$(BIN)/dedupe report fixtures/articles --svg docs/report.svg
	$(BIN)/dedupe compare fixtures/articles/*.txt --svg docs/compare.svg

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the project needs into $(VENV) ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[all]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[all,dev]'
	@touch $@

$(VENV)/.installed-bench: pyproject.toml $(VENV)/.installed-dev
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[all,dev,bench]'
	@touch $@
