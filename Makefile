# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check wheel clean

demo: $(VENV)/installed  ## build the sample week into issues/2025-W33 and show it; ARGS=--no-open only builds
	$(BIN)/digest demo --issues issues $(ARGS)

test: $(VENV)/tools  ## run the tests
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/tools  ## what CI holds besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "digest needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	touch $@

$(VENV)/tools: pyproject.toml requirements.lock $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) dist build
