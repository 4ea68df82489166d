# Two commands: `make lab` (learn) and `make test` (all tests). Everything else is for those who change the kit.
PYTHON ?= python3
VENV := .venv
# Where this is set, each of the many processes compiles TensorFlow anew, which takes longer than to load it.
export PYTHONDONTWRITEBYTECODE :=
PY := $(VENV)/bin/python
COVERAGE := --cov=tlkit --cov=tlkit_widgets --cov-report=
# Counting lines is nearly free from Python 3.12 on; before, it would make the tests half as long again.
FREE_COVERAGE = $(shell $(PY) -c "import sys; print('$(COVERAGE)' if sys.version_info >= (3, 12) else '')")
# Two processes share two cores: more threads for the small networks of the tests would double the CPU time.
PER_PROCESS := TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
PROCESSES := 2

.PHONY: lab test coverage quick check fast test-oldest test-newest tried locks bench parity notebooks book doctor clean

lab: $(VENV)/.installed-lab
	$(VENV)/bin/tlkit lab

# The browser's tests come last: they wait for a page, and beside long trainings they might wait in vain.
test: check
	failed=0; $(PER_PROCESS) $(PY) -m pytest -n 2 -m "not browser" $(FREE_COVERAGE) || failed=1; $(PER_PROCESS) $(PY) -m tests.parity || failed=1; \
	$(PY) -m pytest -n 2 -m browser || failed=1; $(PY) -m tests.covered || failed=1; exit $$failed

# How much of each package the tests without a browser run; `make test` prints it, too, where that costs nearly nothing.
coverage: $(VENV)/.installed-test
	$(PER_PROCESS) $(PY) -m pytest -n 2 -m "not browser" $(COVERAGE)
	$(PY) -m tests.covered

# Before each commit: style and types beside the fast tests.
quick: $(VENV)/.installed-test
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target check fast

fast: $(VENV)/.installed-test
	$(PER_PROCESS) $(PY) -m pytest -n 2 -m "not slow and not browser" --ignore=tests/browser --durations=5

# With the oldest and the newest packages that pyproject.toml allows, each in an environment of its own: the fast tests and
# lesson 0; with ALL=1, everything. Keras before 3.15.1 comes without its tests: only the newest can be asked for parity.
test-oldest test-newest: test-%:
	$(MAKE) --no-print-directory VENV=.venv-$* LOCK=tests/locks/$*.txt tried

tried: $(VENV)/.installed-lock
	failed=0; $(PER_PROCESS) $(PY) -m pytest -n $(PROCESSES) -m "not browser$(if $(ALL),, and not slow)" || failed=1; \
	$(if $(ALL),$(if $(findstring newest,$(VENV)),$(PER_PROCESS) $(PY) -m tests.parity || failed=1;) $(PY) -m pytest -n $(PROCESSES) -m browser,\
	$(PER_PROCESS) $(PY) -m pytest tests/test_notebooks.py -k "runs_again and 00_orientation") || failed=1; exit $$failed

# Which versions these are: worked out anew from the ranges in pyproject.toml.
COMPILE = $$(command -v uv || echo $(VENV)/bin/uv) pip compile --quiet --universal --python-version 3.11 --extra test \
	--no-annotate --custom-compile-command "make locks" --upgrade pyproject.toml
locks:
	$(COMPILE) --resolution lowest-direct --output-file tests/locks/oldest.txt
	$(COMPILE) --resolution highest --output-file tests/locks/newest.txt

check: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/codespell
	$(VENV)/bin/pyrefly check --min-severity warn
	$(PY) -m tests.biome

# Keras' own tests of training, with the kit's `fit` in the place of Keras'.
parity: $(VENV)/.installed-test
	$(PY) -m tests.parity

bench: $(VENV)/.installed-test
	$(PY) -m tests.benchmarks

notebooks: $(VENV)/.installed-test
	$(PY) -m tlkit.lessons.build --execute

# The lessons as they were executed, the documentation and the API as a site without a kernel, in build/book.
book: $(VENV)/.installed-book
	$(PY) docs/book

doctor: $(VENV)/.installed-lab
	$(VENV)/bin/tlkit doctor

# Installed again only when pyproject.toml changes: from the second time on no network is needed.
$(VENV)/.installed-lab: pyproject.toml | $(VENV)/bin/pip
	$(call install,--editable ".")
	touch $@

$(VENV)/.installed-book: pyproject.toml | $(VENV)/bin/pip
	$(call install,--editable ".[book]")
	touch $@ $(VENV)/.installed-lab

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/pip
	$(call install,--editable ".[test]")
	touch $@ $(VENV)/.installed-lab $(VENV)/.installed-book

$(VENV)/.installed-lock: $(LOCK) pyproject.toml | $(VENV)/bin/pip
	$(call install,--no-deps --requirement $(LOCK) --editable .)
	touch $@

# uv needs a fifth of pip's time. It is taken from the path or fetched by pip; without it, pip does the same. Links would
# lead out of the folder that the sandbox of `tlkit grade` shows: files are copied.
define install
	@echo "Setting up in $(VENV): TensorFlow, JupyterLab and what they need, about 3 GB. Once, this takes a few minutes."
	@uv=$$(command -v uv || { $(PY) -m pip install --quiet uv && echo $(VENV)/bin/uv; }); \
	{ [ -n "$$uv" ] && "$$uv" pip install --python $(PY) --link-mode copy $(1); } || \
	$(PY) -m pip install $(1)
endef

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "tlkit needs Python 3.11, 3.12 or 3.13; try: make PYTHON=python3.12 lab")'
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .venv-oldest .venv-newest node_modules dist build test-results
