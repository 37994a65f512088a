# One entry point for every chore, used by people, pre-commit and CI alike.
# Windows: see README (the same commands with `uv run`).

PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test check setup notebook lock clean

demo: setup          ## Demo extracts, whole run, report
	$(BIN)/virker demo

test: .venv/dev.stamp check  ## Everything that must hold
	$(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/dev.stamp  ## Linters, types, SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint -q sql

setup: .venv/run.stamp  ## The environment, from the hash-pinned lock

# The lock is complete, so pip resolves nothing: --no-deps, and `pip check` proves it whole.
.venv/run.stamp: requirements.lock pyproject.toml
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/pip check
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

LOCK = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header --no-annotate

notebook: setup      ## Jupyter on the marts of the last run
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-notebook.lock
	$(BIN)/jupyter lab notebooks

# Versions and hashes only, no address. `uv run` (Windows) takes the same versions from pyproject.toml.
lock:
	rm -f requirements*.lock && $(PYTHON) .ci/constrain_uv.py
	$(LOCK) -o requirements.lock pyproject.toml
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(LOCK) --extra notebook -c requirements-dev.lock -o requirements-notebook.lock pyproject.toml
	$(PYTHON) .ci/constrain_uv.py

clean:
	rm -rf .venv data reports/output
