# The commands of the README and of CI. They need Python 3.10 or newer and make, and install everything else into
# .venv again when pyproject.toml or constraints.txt changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo pipeline test check docs fuzz oracle torture bench bench-check release-check clean

demo: $(VENV)/installed  ## lint a bug in the example pipeline, and show the charts of the fixed code
	@rm -rf build/demo && mkdir -p build && cp -R examples/pipeline build/demo
	@git apply --directory=build/demo examples/bugs/stage-names-differ.patch
	@printf '%s\n\n' '# the example pipeline with examples/bugs/stage-names-differ.patch: wandblint build/demo'
	@$(BIN)/wandblint --exit-zero --no-cache build/demo
	@printf '\n%s\n\n' '# without the bug: wandblint charts examples/pipeline'
	@$(BIN)/wandblint charts examples/pipeline

pipeline: $(VENV)/installed-dev  ## run examples/pipeline offline and audit what it recorded
	@rm -rf build/pipeline
	$(BIN)/python examples/pipeline/run_fast_to_sota.py --config examples/pipeline/configs/burgers_small.yaml --output build/pipeline
	@PATH=$(abspath $(BIN)):$$PATH $(BIN)/wandblint audit build/pipeline/wandb --expect-runs 1 --against examples/pipeline

test: $(VENV)/installed-dev  ## run every test
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

check: $(VENV)/installed-dev  ## check style, types, the direction of imports, and wandblint itself
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/wandblint wandblint rules scripts

docs: $(VENV)/installed-dev $(VENV)/installed-docs  ## write the tables and pictures, and build the site in build/site
	$(BIN)/python scripts/generate_docs.py
	$(BIN)/python scripts/terminal_picture.py
	$(BIN)/python scripts/build_site.py

fuzz: $(VENV)/installed-dev  ## test with tens of thousands of random programs; takes hours
	@$(BIN)/python -m pytest --numprocesses auto --hypothesis-profile fuzz tests/test_fuzz.py

oracle: $(VENV)/installed-dev  ## run random tracking programs and compare their records with the predictions; ORACLE="--hours 8 --seed 3"
	@$(BIN)/python -m tests.oracle --report $(or $(ORACLE),--hours 1)

torture: $(VENV)/installed-dev  ## damage files, names and caches, kill runs, measure pathological programs; TORTURE="--hours 2 --seed 3"
	@$(BIN)/python -m tests.torture $(or $(TORTURE),--hours 1)

bench: $(VENV)/installed  ## measure the speed, as ratios; BENCH="CHECKOUT ... --peers FOLDER" adds more
	@$(BIN)/python benchmarks/bench.py $(BENCH)

bench-check: $(VENV)/installed  ## fail if a ratio has become worse
	@$(BIN)/python benchmarks/bench.py --check

release-check: $(VENV)/installed  ## compare the version, the tag, the changelog and the pages
	@$(BIN)/python scripts/release_check.py

clean:
	rm -rf $(VENV) build dist *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "wandblint needs Python 3.10 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev,examples]' || { \
		echo 'Without the extra `examples` (no torch for this machine?): tests that run the pipeline are skipped.'; \
		$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'; }
	@touch $@ $(VENV)/installed

$(VENV)/installed-docs: pyproject.toml constraints.txt | $(VENV)/installed-dev
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev,docs,examples]'
	@touch $@
