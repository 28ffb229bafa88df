# The front door. Needs git, make and Python 3.11 or newer with its venv module, and nothing else.
#
#   make demo    the service and the demo on http://127.0.0.1:5000
#   make test    every check and test
#   make bench   speed, measured side by side
#   make properties   the properties of the rules, at length
#   make fuzz    a million generated calls; none makes the service fail
#   make mix     fifty thousand calls at once; no answer is another's
#   make cohort  the cards that three hundred synthetic patients would see in a year, in docs/cohort.md
#   make lock    pin the requirements anew
#   make wheel   the package, in dist/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST_ARGS ?=
HOST ?= 127.0.0.1
PORT ?= 5000

.PHONY: demo test check bench properties fuzz mix cohort lock wheel browser clean

demo: $(VENV)/.run
	CDS_ENV=development CDS_AUTH=off $(BIN)/cds-service demo --host $(HOST) --port $(PORT)

test: check browser
	$(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python bench/speed.py

properties: $(VENV)/.test
	METAMORPHIC_EXAMPLES=6000 $(BIN)/pytest -n auto tests/test_metamorphic.py

fuzz: $(VENV)/.test
	FUZZ_CALLS=1000000 $(BIN)/pytest -n auto tests/fuzz

mix: $(VENV)/.test
	MIX_CALLS=50000 $(BIN)/pytest tests/trust/test_mix.py

cohort: $(VENV)/.test
	COHORT_PATIENTS=300 $(BIN)/pytest tests/test_cohort.py
	$(BIN)/cds-service cohort --report docs/cohort.md

wheel: $(VENV)/.run
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

# A browser for the browser tests. Without one they are skipped by name.
browser: $(VENV)/.test
	@sh .ci/chromium

# The flags keep any index's address out of the lock files; they hold none themselves.
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header

lock: $(VENV)/.test
	$(LOCK) requirements.in --output-file requirements.lock
	$(LOCK) requirements-build.in --constraints requirements.lock --output-file requirements-build.lock
	$(LOCK) requirements-test.in --constraints requirements.lock --constraints requirements-build.lock \
		--output-file requirements-test.lock

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python requirements.lock requirements-build.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-test.lock
	$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
