# Needs make and Python 3.11 or newer; the rest is installed into .venv.
# `make help` lists what there is. Works with the make of macOS (3.81) as well.

SHELL := /bin/sh
PORT ?= 8000

# python3 where it is new enough, else the newest that is.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; \
	done)

PY := .venv/bin/python
MANAGE := $(PY) manage.py
# The lists name all that is needed, with digests. Python compiles what is imported; most never is.
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes

# `make demo` keeps its data and its key between starts; `make clean` throws both away.
DEMO_DATA := demo.sqlite3
DEMO_FILES := demo-evidence
DEMO_KEY := .venv/demo-key
DEMO_ENV = DEBUG=on PUBLIC_PAGES=on ALLOWED_HOSTS= SECURE_SSL_REDIRECT=off MAIL_QUEUE_THREAD=on \
	DATABASE_URL=sqlite:///$(DEMO_DATA) EVIDENCE_ROOT=$(DEMO_FILES) SECRET_KEY="$$(cat $(DEMO_KEY))" \
	SITE_ADDRESS=http://127.0.0.1:$(PORT)

# Settings as in production; nothing listens and the database is a file that is thrown away.
PRODUCTION = DEBUG=off ALLOWED_HOSTS=tracker.example SECURE_SSL_REDIRECT=on \
	SECRET_KEY=not-a-secret-but-long-enough-for-the-checks-0123456789-abcdefghij \
	AUDIT_SIGNING_KEY=neither-is-this-one

.PHONY: help demo verify-demo test test-fast test-deep mutants bench check messages browser-test clean python

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

# What PDFs and Word documents need is installed while the data are written, which takes longer.
demo: .venv/base .venv/api $(DEMO_KEY) ## the article and a fictional plan with fictional progress, at 127.0.0.1:PORT (PORT=8000)
	@for kind in pdf word; do test .venv/$$kind -nt requirements/$$kind.txt || { \
		{ $(PIP) -r requirements/$$kind.txt && touch .venv/$$kind; } || \
		echo "The packages of requirements/$$kind.txt could not be installed, and are left out." >&2; }; done & \
	exec env $(DEMO_ENV) $(MANAGE) demo 127.0.0.1:$(PORT)

verify-demo: .venv/base $(DEMO_KEY) ## compare every row of the demonstration with its audit log
	@test -f $(DEMO_DATA) || { echo "There is no demonstration yet: start it with make demo." >&2; exit 1; }
	@exec env $(DEMO_ENV) $(MANAGE) verify_audit $(ARGS)

test: .venv/dev ## the suite on SQLite, its share on PostgreSQL (TEST_DATABASE_URL, else out of a wheel)
	$(PY) -m tests.engines $(ARGS)

test-fast: .venv/dev ## most tests, on SQLite, without chromium: the everyday loop
	$(PY) -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder --no-migrations --ignore=tests/browser -m "not slow" $(ARGS)

test-deep: .venv/dev ## hundreds of histories, races, kills and drawn cases (an hour)
	TEST_DEPTH=deep $(PY) -m tests.engines $(ARGS)

browser-test: .venv/dev ## only the tests that drive chromium
	$(PY) -m tests.engines --on SQLite tests/browser $(ARGS)

mutants: .venv/dev ## plant some seventy faults, one after the other, and see that a test fails for each
	$(PY) -m tests.mutants $(ARGS)

bench: .venv/dev ## how long pages and files take, as ratios within one run (SIZE, DB, PAGES, AGAINST, DATA)
	$(PY) -m tests.bench $(if $(SIZE),--size=$(SIZE)) $(if $(DB),--db=$(DB)) \
		$(if $(PAGES),--pages=$(PAGES)) $(if $(AGAINST),--against=$(AGAINST)) $(if $(DATA),--data=$(DATA))

check: .venv/dev ## everything that can be said without running a test
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	$(PY) -m tests.catalogues
	@set -e; \
	folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	export $(PRODUCTION) DATABASE_URL="sqlite:///$$folder/check.sqlite3" STATIC_ROOT="$$folder/static"; \
	set -x; \
	$(MANAGE) makemigrations --check --dry-run; \
	$(MANAGE) check --deploy --fail-level WARNING; \
	$(MANAGE) migrate --verbosity 0; \
	$(MANAGE) check --database default --fail-level WARNING; \
	$(MANAGE) collectstatic --noinput --verbosity 0
	@echo "make check: all is well"

messages: .venv/dev ## the message catalogues anew, of every language that there is (needs gettext)
	@DEBUG=on SECRET_KEY=unused $(MANAGE) makemessages --all --ignore=.venv
	@DEBUG=on SECRET_KEY=unused $(MANAGE) compilemessages --ignore=.venv

clean: ## remove what was installed, built or seeded (the demonstration data too)
	rm -rf .venv .bench staticfiles htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache $(DEMO_FILES)
	rm -f $(DEMO_DATA) $(DEMO_DATA)-shm $(DEMO_DATA)-wal
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- what the targets above stand on

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Install one, or name it: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older or is not there." >&2; exit 1; }

$(PY): | python
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "$(PYTHON) -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# Stamps: installed again when the list changes.
.venv/base: requirements/base.txt | $(PY)
	@echo "Installing what the site needs …"
	@$(PIP) -r $<
	@touch $@

.venv/api: requirements/api.txt .venv/base | $(PY)
	@$(PIP) -r $< && touch $@ || echo "The API is left out: its packages could not be installed." >&2

.venv/dev: requirements/dev.txt | $(PY)
	@echo "Installing what the checks and tests need …"
	@$(PIP) -r $<
	@touch $@

$(DEMO_KEY): | $(PY)
	@(umask 077; $(PY) -c 'import secrets; print(secrets.token_urlsafe(50))' > $@)
