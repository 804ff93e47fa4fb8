# `make demo` and `make test` need Python 3.11+, git and make; everything else they fetch themselves.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin

.PHONY: help demo test lint types tests bench docs pictures format venv system lock clean
.DEFAULT_GOAL := help
.NOTPARALLEL:

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: .venv/.run-stamp ## see pinbot at work on sample repositories
	@$(BIN)/python -m examples.demo

test: system lint types tests ## lint, types and every test

lint: .venv/.dev-stamp ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev-stamp ## mypy --strict
	$(BIN)/mypy

tests: .venv/.dev-stamp ## pytest alone, with what is installed
	$(BIN)/python -m pytest

bench: .venv/.dev-stamp ## measure speed and memory against the budgets
	$(BIN)/python -m benchmarks.run

format: .venv/.dev-stamp ## let ruff format and mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

venv: .venv/.dev-stamp ## make .venv with all that development needs

system: ## Debian packages for the tests on real registries
	@.ci/system-packages docker-registry=docker-registry skopeo=skopeo buildah=buildah umoci=umoci htpasswd=apache2-utils patch=patch pg_ctlcluster=postgresql nginx=nginx haproxy=haproxy fcgiwrap=fcgiwrap ssh-keygen=openssh-client gpg=gnupg

docs: .venv/.dev-stamp ## write the pages of docs/ that come from the code, and the mapping
	$(BIN)/python -m tools.formats_page
	$(BIN)/python -m tools.checks_page
	$(BIN)/python -m tools.mapping

pictures: .venv/.dev-stamp ## draw the pull requests of the tests for docs/ (needs chromium and fonts-dejavu-core)
	$(BIN)/python -m tools.pictures

lock: ## write the lock files anew from pyproject.toml
	.ci/lock

clean: ## remove the virtual environment and every cache
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.run-stamp: requirements/run.lock pyproject.toml .ci/venv
	@.ci/venv requirements/run.lock
	@touch $@

.venv/.dev-stamp: requirements/dev.lock requirements/run.lock pyproject.toml .ci/venv
	@.ci/venv requirements/dev.lock
	@touch .venv/.run-stamp $@
