# One word each; CI says the same words. Everything happens in .venv; nothing is fetched from
# elsewhere than the Python package index (and Debian's packages for Chromium, where possible).
VENV := .venv
BIN := $(VENV)/bin
PY ?= python3
STAMP := $(VENV)/.ready
DEV_STAMP := $(VENV)/.ready-dev

.PHONY: setup demo check test soak golden bench docs clean chromium

setup: $(DEV_STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "adwatch needs Python 3.11 or newer; name one by: make PY=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PY) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[ocr]'
	touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev,ocr,workers,s3]'
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

# One process more than there are cores: many tests wait for servers, clocks and kills.
test: $(DEV_STAMP) chromium
	$(BIN)/python -m pytest -n $$(($$(nproc) + 1)) --dist loadgroup -m "not soak"

# The long ones: more kills, more databases, more ways to stop.
soak: $(DEV_STAMP) chromium
	$(BIN)/python -m pytest -n $$(nproc) --dist loadgroup -m soak

golden: $(DEV_STAMP)
	$(BIN)/python tests/golden/rewrite.py

bench: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.changes
	$(BIN)/python benchmarks/run.py

docs: $(DEV_STAMP)
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
