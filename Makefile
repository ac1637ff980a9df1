# One word each; CI says the same words. Everything happens in .venv; nothing is fetched from
# elsewhere than the Python package index (and Debian's packages for Chromium, where possible).
VENV := .venv
BIN := $(VENV)/bin
PY ?= python3
STAMP := $(VENV)/.ready
DEV_STAMP := $(VENV)/.ready-dev

.PHONY: setup demo check test golden bench docs clean chromium

setup: $(DEV_STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "adwatch needs Python 3.11 or newer; name one by: make PY=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PY) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

chromium:
	@sh scripts/ensure-chromium.sh

demo: $(STAMP) chromium
	$(BIN)/adwatch demo

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/adwatch rules test
	$(BIN)/python docs/generate.py --check

test: $(DEV_STAMP) chromium
	$(BIN)/python -m pytest -n auto --dist loadgroup

golden: $(DEV_STAMP)
	$(BIN)/python tests/golden/rewrite.py

bench: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.changes
	$(BIN)/python benchmarks/run.py

docs: $(DEV_STAMP)
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
