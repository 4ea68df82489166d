# Two commands: `make lab` (learn) and `make test` (all tests). Everything else is for those who change the kit.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: lab test check bench notebooks doctor clean

lab: $(VENV)/.installed-lab
	$(VENV)/bin/tlkit lab

# The browser's tests come last and alone: they wait for a page, and a busy machine would make them wait in vain.
test: check
	failed=0; $(PY) -m pytest -n 2 -m "not browser" || failed=1; $(PY) -m pytest -m browser || failed=1; exit $$failed

check: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright --warnings

bench: $(VENV)/.installed-test
	$(PY) -m tests.benchmarks

notebooks: $(VENV)/.installed-test
	$(PY) -m tlkit.lessons.build --execute

doctor: $(VENV)/.installed-lab
	$(VENV)/bin/tlkit doctor

# Installed again only when pyproject.toml changes: from the second time on no network is needed.
$(VENV)/.installed-lab: pyproject.toml | $(VENV)/bin/pip
	$(PY) -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/pip
	$(PY) -m pip install --quiet --editable ".[test]"
	touch $@ $(VENV)/.installed-lab

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "tlkit needs Python 3.11, 3.12 or 3.13; try: make PYTHON=python3.12 lab")'
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) dist build test-results
