# Throughway in two commands:
#   make demo    a fictional community, its agreements and its data, served as a site
#   make test    every check and every test: on SQLite, what can differ on PostgreSQL, and in a browser
# A target only calls a tool. Real work lives in the `throughway` command, so that
# someone without make can do the same: .venv/bin/throughway demo

PYTHON     ?= python3
VENV       := .venv
BIN        := $(VENV)/bin
STAMP      := $(VENV)/.synced
# The resolver that pyproject.toml names, as `uv==1.2.3`.
UV         := $(shell sed -n 's/^ *"\(uv==[^"]*\)".*/\1/p' pyproject.toml)

# Never fetch another Python: use the one named above, or say what is missing.
export UV_PYTHON_DOWNLOADS := never
# Trust what the operating system trusts: many school networks re-sign TLS.
export UV_SYSTEM_CERTS := 1
# The rules that hold the floors of the house lie beside the project's other settings.
export PYTHONPATH := .
# Each module is compiled once: the tests start hundreds of processes that import the program.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/bytecode

# The first browser found. Another: make test CHROMIUM=/path/to/browser
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))
APT_GET  := apt-get -q -o DPkg::Lock::Timeout=500

.DEFAULT_GOAL := help
.PHONY: help setup demo test sqlite postgresql test-postgresql floor floor-check kernel random calendar check browser chromium servers pictures fix bench house mutation docs wheel installed lock clean

help:  ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*##/  make \1\t/p' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP)  ## Install everything into .venv

demo: $(STAMP)  ## Make a fictional community, run the main job on it, serve it
	$(BIN)/throughway demo

# The parts run one after another, each to its end; what failed in each is said last (tests/parts.py).
PARTS := check sqlite postgresql browser
test: $(STAMP)  ## Every check and every test on SQLite, what can differ on PostgreSQL, and in a browser
	-@$(MAKE) --no-print-directory chromium
	@$(BIN)/python -m tests.parts $(PARTS)

SUITE := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --ignore tests/browser
sqlite: $(STAMP) servers  ## Every test on SQLite
	$(SUITE)

# Pytest chooses what can differ there, and says how many tests it leaves out (tests/databases.py).
postgresql: $(STAMP) servers  ## What can differ on PostgreSQL, after `make sqlite`
	DATABASE=postgresql EACH_STATEMENT=once $(SUITE)

# What can differ on the oldest Python that is promised, in an environment of its own; no part of `make test`.
FLOOR    := python3.11
ON_FLOOR := $(MAKE) --no-print-directory VENV=build/floor PYTHON=$(FLOOR)
KERNEL   := vocabulary paper store partners agreements consent training ledger gate
floor-check:
	@$(ON_FLOOR) check
floor:  ## The tests of the kernel and of loading on Python 3.11: make floor FLOOR=/path/to/python3.11
	@$(ON_FLOOR) kernel
kernel: $(STAMP)
	$(SUITE) $(KERNEL:%=tests/%) tests/intake

test-postgresql: $(STAMP) servers  ## Every test that uses a database, on PostgreSQL
	DATABASE=postgresql $(SUITE)

random: $(STAMP)  ## The tests of properties on other examples, many and new ones in each run
	EXAMPLES=random $(SUITE) -m hypothesis

# Debian packs faketime. Of the processes that a test starts with an empty environment, each has the true day.
DAY := 2028-02-29
calendar: $(STAMP)  ## Every test on SQLite as if today were another day: make calendar DAY=2028-02-29
	faketime -m --exclude-monotonic '$(DAY) 10:00' $(SUITE)

browser: $(STAMP) chromium  ## The tests in a browser, at the width of a phone and of a desk
	CHROMIUM="$(or $(CHROMIUM),chromium)" $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/browser

pictures: $(STAMP) chromium  ## Take the pictures of the manual anew
	CHROMIUM="$(or $(CHROMIUM),chromium)" PICTURES=docs/pictures STUDENTS=5000 $(BIN)/python -m pytest tests/browser/test_pictures.py

# A browser for the tests: one that is there, else Debian's, where this machine lets us install it.
chromium:
	@if [ -z "$(CHROMIUM)" ]; then \
	  if ! command -v apt-get >/dev/null; then \
	    echo 'The browser tests need Chromium. Install it, then: make test CHROMIUM=/path/to/browser' >&2; exit 1; \
	  elif [ "$$(id -u)" -eq 0 ]; then as_root=; \
	  elif sudo -n true 2>/dev/null; then as_root=sudo; \
	  else \
	    echo 'The browser tests need Chromium. Run: sudo apt-get install chromium fonts-liberation' >&2; exit 1; \
	  fi; \
	  $$as_root $(APT_GET) update && \
	  $$as_root env DEBIAN_FRONTEND=noninteractive $(APT_GET) install -y --no-install-recommends chromium fonts-liberation; \
	fi

# The servers that the manual shows in front of ours, as Debian packs them: unpacked for their test, not installed, so that none of them
# is started. Where that cannot be done, the test is skipped.
servers: $(STAMP)
	@if [ ! -d $(VENV)/servers ] && command -v apt-get >/dev/null && command -v dpkg >/dev/null; then \
	  mkdir -p $(VENV)/servers && cd $(VENV)/servers && \
	  for package in nginx caddy; do \
	    $(APT_GET) download $$package >/dev/null 2>&1 && dpkg -x $${package}_*.deb . || echo "no $$package to test with"; \
	  done; rm -f ./*.deb; \
	fi

# Runs every step even when one fails, then says which failed and how many.
CHECKS := "ruff format --check ." "ruff check ." "mypy src" "lint-imports" "djhtml --check --tabwidth 2 src"
check: $(STAMP)  ## Everything a reviewer would ask; changes no file
	@failed=0; passed=0; \
	for step in $(CHECKS); do \
	  echo "== $$step"; \
	  if $(BIN)/$$step; then passed=$$((passed + 1)); else failed=$$((failed + 1)); echo "FAILED $$step"; fi; \
	done; \
	test $$failed -eq 0 || echo "Try: make fix"; \
	echo "$$failed failed, $$passed passed"; test $$failed -eq 0

fix: $(STAMP)  ## Mend what a tool can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## Measure the ratios the project promises, into docs/bench.md
	$(BIN)/python -m bench

house: $(STAMP)  ## Count lines, names and what one command runs, into docs/house.md
	$(BIN)/python -m bench.house

# An hour or two; `python -m bench.mutation --every=6` takes a sample of it.
mutation: $(STAMP)  ## Flip each clause of what decides who sees what, and see a test fail
	$(BIN)/python -m bench.mutation

docs: $(STAMP)  ## Build the manual into build/docs
	$(BIN)/mkdocs build --strict

# As on a server: nothing of this checkout is imported, and compiled modules lie beside their sources.
ALONE := env -u PYTHONPATH -u PYTHONPYCACHEPREFIX build/installed/bin/python

wheel: $(STAMP)  ## Build the wheel into build/wheel
	rm -rf build/wheel
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir build/wheel

installed: wheel  ## Install the wheel as a server does, without any test tool, into build/installed, and say its size
	rm -rf build/installed
	$(PYTHON) -m venv build/installed
	$(ALONE) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement server.lock
	$(ALONE) -m pip install --quiet --disable-pip-version-check --no-deps build/wheel/*.whl
	$(ALONE) -P -m throughway --version
	du -sm build/wheel/*.whl build/installed

# The locks hold versions and hashes and no download address, and no extra: those are for who needs them.
# server.lock is what the program needs; requirements.lock adds what its tests and benches need, at the same versions.
lock: $(STAMP)  ## Renew the three locks from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra effects --group dev --group bench --no-header \
	  --no-emit-index-url --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --constraint requirements.lock --no-header \
	  --no-emit-index-url --output-file server.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra effects --constraint requirements.lock --no-header \
	  --no-emit-index-url --output-file server-effects.lock pyproject.toml

clean:  ## Remove what these commands made; never touches data
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis build

# The environment is rebuilt only when the project or its lock changes.
$(STAMP): pyproject.toml requirements.lock
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'No $(PYTHON) found. Throughway needs Python 3.11 or newer: make PYTHON=python3.13' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Throughway needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.13" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'This Python cannot make a virtual environment. On Debian or Ubuntu: sudo apt-get install python3-venv' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
