# `make bench FILE=news.jsonl ARGS=--quick`: ARGS goes to the command behind a target.
# `make demo` and `make test` set up everything that they need, on a machine with Python and make.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := -m pip install --quiet --disable-pip-version-check --editable
INSTALL := $(BIN)/python $(PIP)
SPARK := .venv-spark
SPHINX = $(BIN)/python -m sphinx --quiet --fail-on-warning --conf-dir docs/site --doctree-dir build/doctrees
PREFIX ?= /usr/local
FILE ?= ../shared/eval/reuters30k.jsonl.gz
# Tests of what kernels return that are quick enough with their readable twins in their place.
INTERPRETED := tests/test_kernels.py tests/test_kernels_digests.py tests/test_kernels_incoming.py \
	tests/test_kernels_arriving.py tests/test_group.py tests/test_language.py tests/test_furniture.py tests/test_novelty.py \
	tests/test_recurring.py \
	-k 'not every_code_point and not stays_whole and not masthead and not filter_passes'
# Tests that bring all kinds of arrays to the kernels.
CHECKED := tests/test_kernels.py tests/test_kernels_digests.py tests/test_kernels_incoming.py \
	tests/test_kernels_arriving.py tests/test_group.py tests/test_novelty.py tests/test_recurring.py tests/test_evidence.py \
	tests/test_weigh.py tests/test_candidates.py tests/test_furniture.py tests/test_language.py \
	tests/test_index_damage.py tests/test_read_usual.py tests/test_sketches.py
# Hashes overflow on purpose, of which NumPy warns where its scalars are not compiled.
INTERPRET := --hypothesis-profile=interpreted -W 'ignore:overflow encountered:RuntimeWarning'
# On all processors; what is left of a slow file goes to whoever is idle.
PARALLEL := --numprocesses auto --dist worksteal
KERNELS := CMakeLists.txt tools/build_kernels.py $(wildcard dedupe/kernels/*.cpp dedupe/kernels/*.h)

SANITIZERS = $(shell gcc -print-file-name=libasan.so) $(shell gcc -print-file-name=libubsan.so)

.PHONY: demo test test-only spark checked fuzz fuzz-readers lint types workflows dist wheels smoke hooks tag bench bench-index \
	quality calibrate soak picture site man install-man clean

demo: $(VENV)/.installed
	@$(BIN)/dedupe report fixtures/articles

# No tracer sees the lines of a compiled kernel: the second run has their readable twins instead. The
# third is not traced: its tests hold a bound on processor time, which tracing doubles.
test: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL) -m 'not timed'
	DEDUPE_TWINS=1 $(BIN)/coverage run -m pytest $(PARALLEL) -m 'not timed' $(INTERPRET) $(INTERPRETED)
	$(BIN)/python -m pytest -m timed
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-only: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(ARGS)

# Spark itself, in an environment of its own: its package and that of its client stand in one place.
spark: $(SPARK)/.installed
	DEDUPE_SPARK=1 $(SPARK)/$(notdir $(BIN))/python -m pytest tests/test_spark_itself.py tests/test_spark_executors.py $(ARGS)

# Kernels that hold every access against its array, under gcc's sanitizers. What Python itself leaves
# unfreed is no matter here.
checked: $(VENV)/.installed-dev
	$(BIN)/python tools/build_kernels.py --checked
	DEDUPE_KERNELS=$$(ls build/checked/dedupe/kernels.*) LD_PRELOAD="$(SANITIZERS)" \
		ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
		$(BIN)/python -m pytest -q $(PARALLEL) -m 'not timed' $(CHECKED)

# A million calls of kernels with what an index stores, changed at random, in the checked build.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tools/build_kernels.py --checked
	$(BIN)/python tools/fuzz_kernels.py --processes 2 $(ARGS)

# Mutated files of all formats through the readers: for half a minute, or ARGS="--seconds 600".
fuzz-readers: $(VENV)/.installed-dev
	$(BIN)/python -m fuzz.readers --cases 500000 --processes 2 --seconds 30 $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

workflows: $(VENV)/.installed-dev
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet .github

dist: $(VENV)/.installed-dev
	rm -rf dist
	$(BIN)/python -m build

# For all Pythons and C libraries of this system and processor; on Linux it needs a container engine.
wheels: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet 'cibuildwheel>=4,<5'
	$(BIN)/python -m cibuildwheel --output-dir wheelhouse

smoke: dist
	$(BIN)/python tools/smoke.py dist/*.whl
	$(BIN)/python tools/run_image.py dist/*.whl

hooks: $(VENV)/.installed-dev
	$(BIN)/pre-commit install

tag: $(VENV)/.installed-dev
	$(BIN)/python tools/check_tag.py "$(TAG)"

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

# Of the documents, and of the code, in build/site: it opens from there. What is broken, were it a
# link, is an error.
site: $(VENV)/.installed-dev
	$(SPHINX) -b html . build/site

man: $(VENV)/.installed-dev
	$(SPHINX) -b man . build/man
	cp build/man/dedupe.1 docs/dedupe.1

install-man:
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/dedupe.1 $(DESTDIR)$(PREFIX)/share/man/man1

clean:
	rm -rf $(VENV) $(SPARK) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* build dist wheelhouse
	rm -f dedupe/kernels.*.so dedupe/kernels*.pyd

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(KERNELS) | $(VENV)/pyvenv.cfg
	@echo "Installing what the project needs into $(VENV) ..." >&2
	@$(INSTALL) '.[all]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	@$(INSTALL) '.[all,dev]'
	@touch $@

$(SPARK)/.installed: pyproject.toml $(KERNELS)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found" >&2; exit 1; }
	@test -d $(SPARK) || $(PYTHON) -m venv $(SPARK)
	@echo "Installing Spark into $(SPARK) ..." >&2
	@$(SPARK)/$(notdir $(BIN))/python $(PIP) . 'pyspark[sql]>=4,<4.3' hypothesis pytest
	@touch $@

$(VENV)/.installed-bench: pyproject.toml $(VENV)/.installed-dev
	@$(INSTALL) '.[all,dev,bench]'
	@touch $@
