# Two commands: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
CUSTOMERS ?= 20000
OUT ?= var/sample
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run sample test wheel image base-image test-compose check check-kubernetes chaos histories bench bench-full screenshots format schema reference docs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: DATA=$(DATA) CONFIG=$(CONFIG) CUSTOMERS=$(CUSTOMERS) OUT=$(OUT) SEED=$(SEED) PYTHON=$(PYTHON)"

run: $(VENV)/run.installed ## Segment DATA in CONFIG's database (default: a synthetic shop on DuckDB)
	$(BIN)/clientela run$(if $(CONFIG), --config "$(CONFIG)")$(if $(DATA), --data "$(DATA)")

sample: $(VENV)/run.installed ## Write a synthetic shop of CUSTOMERS to OUT
	$(BIN)/clientela sample --customers $(CUSTOMERS) --out "$(OUT)" --seed $(SEED)

test: $(VENV)/dev.installed ## Run all tests, on real servers
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)') # many tests wait

wheel: $(VENV)/run.installed ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

image: ## Build the container image
	docker compose --env-file .env.example build job

base-image: ## Renew the digest of the image that the Dockerfile builds on; needs a registry
	digest=$$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' $(BASE)) && \
	  sed -i "s|^ARG BASE_IMAGE=.*|ARG BASE_IMAGE=$(BASE)@$$digest|" Dockerfile
BASE := python:3.13-slim-bookworm

test-compose: $(VENV)/dev.installed image ## Run the contract on docker-compose.yml's databases, and the container's tests
	tests/deploy/with-compose-databases $(BIN)/python -m pytest -n $(WORKERS) $(or $(TESTS),tests/contract tests/deploy) -k "not mariadb"

check: $(VENV)/dev.installed ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/shellcheck .ci/run tests/deploy/with-compose-databases deploy/compose/postgres-role.sh

check-kubernetes: $(VENV)/dev.installed ## Render and validate the Kubernetes manifests
	$(BIN)/python -m pytest tests/deploy/test_kubernetes.py

chaos: $(VENV)/dev.installed ## Kill the job, or freeze and cut its path to the server, KILLS times per engine, at random moments
	CHAOS_KILLS=$(KILLS) $(BIN)/python -m pytest tests/contract/test_chaos.py -s
KILLS ?= 50

histories: $(VENV)/dev.installed ## Let random histories of NIGHTS nights per engine go by the short and by the full way; SEED=n says which
	HISTORIES_NIGHTS=$(NIGHTS) HISTORIES_SEED=$(SEED) $(BIN)/python -m pytest tests/contract/test_histories.py -s
NIGHTS ?= 400

bench: $(VENV)/dev.installed ## Measure the job beside others, ten minutes: bench/RESULTS.md; DATA is a folder of CSV files
	$(BIN)/python bench/run.py --anew $(BENCH_DATA)

bench-full: $(VENV)/dev.installed ## The same with all peers and up to 10 million customers; goes on where it was
	$(BIN)/python bench/run.py --full $(BENCH_DATA)
BENCH_DATA = $(if $(DATA),--data "$(DATA)")

screenshots: $(VENV)/dev.installed ## Take the pictures of the report in docs/, with Chromium
	$(BIN)/python bench/screenshots.py

format: $(VENV)/dev.installed ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/run.installed ## Write config/schema.json, from the models in job/config.py
	$(BIN)/python -m job.setup.schema

reference: $(VENV)/dev.installed ## Write docs/reference/config.md and commands.md, from job/config.py and job/cli.py
	$(BIN)/python -m docs.generate

docs: reference ## Build the pages of docs/ as a site, into docs/_build
	$(BIN)/python -m sphinx -W --keep-going -n -q docs docs/_build

lock: ## Renew the lock files from pyproject.toml
	uv pip compile pyproject.toml -o requirements.lock $(LOCK)
	uv pip compile pyproject.toml --group dev -o requirements-dev.lock $(LOCK)
	uv pip compile --group build -o requirements-build.lock $(LOCK)
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet

clean: ## Remove the virtual environment and caches; var/ with its database stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "$(PYTHON) is not Python 3.11 to 3.13; name one: make PYTHON=python3.13 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "no virtual environment; on Debian: apt-get install python3-venv" >&2; exit 2; }

# The package is installed as a link to this folder: a change of the code needs no second installation.
$(VENV)/run.installed: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements.lock -r requirements-build.lock
	$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/dev.installed: requirements-dev.lock $(VENV)/run.installed
	$(INSTALL) --require-hashes -r $<
	@touch $@
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
