# The commands of this project. `make demo` and `make test` need Python 3.11 or newer and nothing else.

.PHONY: agent demo test lint style types plans screenshots bench chaos charge-storm fault-matrix fuzz fuzz-api lock environment

VENV := .venv
INSTALLED := $(VENV)/installed-requirements.txt
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11

demo: environment agent
	@exec $(VENV)/bin/python -m ars.demo $(DEMO_ARGS)

test: environment
	@exec $(VENV)/bin/pytest -n logical --maxprocesses 7 $(TEST_ARGS)

# The file that customers download; the same byte for byte wherever it is built.
agent: environment
	@$(VENV)/bin/python -m agent.build agent/ars-agent.pyz

lint: style types
	$(VENV)/bin/pytest -q tests/test_architecture.py

# What no test asks; `make --jobs` does both at once.
style: environment
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --quiet --check --lint templates
	$(VENV)/bin/python manage.py makemigrations --check --dry-run
	$(VENV)/bin/python manage.py spectacular --validate --fail-on-warn --file /dev/null

types: environment
	$(VENV)/bin/mypy

# Whether a page, sweep or report reads all of a table that grows with the fleet.
plans: environment
	@exec $(VENV)/bin/pytest -n 0 tests/plans

screenshots: environment
	@exec $(VENV)/bin/pytest tests/browser/take_screenshots.py -p no:randomly

bench: environment
	@exec $(VENV)/bin/python -m bench.suite $(BENCH_ARGS)

# The whole service while processes die, services vanish and clocks are wrong, then audited: docs/chaos.md.
chaos: environment
	@exec $(VENV)/bin/python -m bench.chaos $(CHAOS_ARGS)

# Thousands of charges at once while Stripe and the workers fail.
charge-storm: environment
	@exec $(VENV)/bin/python -m bench.charges_under_fault $(STORM_ARGS)

# Every fault at every step of a payment, run and printed; docs/fault-matrix.md holds what must come of it.
fault-matrix: environment
	@exec $(VENV)/bin/python -m tests.faults.table

# A million spoilt answers for the agent to read; FUZZ_INPUTS and FUZZ_SEED say how many, and which.
fuzz: environment
	@exec $(VENV)/bin/python -m tests.agent.fuzz

# The OpenAPI document against the production server, by every kind of caller; FUZZ_API_EXAMPLES and FUZZ_API_SEED.
fuzz-api: environment
	@exec $(VENV)/bin/python -m tests.openapi.fuzz

lock: environment
	$(COMPILE) $(LOCK_ARGS) requirements.in -o requirements.txt
	$(COMPILE) $(LOCK_ARGS) requirements-dev.in -o requirements-dev.txt

# The copy of the lock file is written last: an interrupted installation has none, and is begun anew.
environment:
	@if cmp -s requirements-dev.txt $(INSTALLED) && $(VENV)/bin/python -c ''; then exit 0; fi; \
	python=; \
	for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			python=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "ARS needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3." >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python cannot make virtual environments: install its venv module (on Debian: apt install python3-venv)." >&2; \
		exit 1; \
	fi; \
	if [ -e $(INSTALLED) ] && $(VENV)/bin/python -c '' 2>/dev/null; then \
		echo "requirements-dev.txt has changed: installing what is new into $(VENV)."; \
	else \
		if [ -e $(VENV) ]; then echo "$(VENV) was not finished: making it anew."; fi; \
		echo "Installing into $(VENV) with $$python: once, about a minute."; \
		"$$python" -m venv --clear $(VENV) || exit 1; \
	fi; \
	rm -f $(INSTALLED); \
	if ! $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt; then \
		echo "The packages could not be installed: see above for the reason, then run make again." >&2; exit 1; \
	fi; \
	cp requirements-dev.txt $(INSTALLED)
