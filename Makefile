# All that is needed beforehand: git, make, python3 (3.11 or newer) and python3-venv.
PYTHON ?= python3
CHECK_PYTHON = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x")'
# Nothing is written outside this folder and the temporary one.
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
BIN := .venv/bin
READY := .venv/.ready
DOCS_READY := .venv-docs/.ready
LINK := .cache/collections/ansible_collections/bitrix24/portal
PYTEST := $(BIN)/python -m pytest
CORES ?= 2.16 2.19 2.20 2.21

.DEFAULT_GOAL := help
.PHONY: help venv demo simulator docs test test-setup test-unit test-integration test-quality test-long matrix mutants coverage addresses release bench clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' Makefile

venv: $(READY) $(LINK)  ## make .venv with all that the tests need, and have it find the collection

$(READY): requirements.txt tests/requirements.txt tests/requirements-alone.txt
	@$(CHECK_PYTHON)
	@echo 'Once, about half a minute: ansible-core and what the tests need go from PyPI into the folder .venv. Please wait.'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/requirements-alone.txt
	@touch $@
	@echo 'Installed.'

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

demo: venv  ## run an example playbook against a simulated portal, and show what happened
	@$(BIN)/python -m tests.demo

simulator: venv  ## keep a simulated portal running to play with
	@$(BIN)/python -m tests.demo --keep

docs: $(DOCS_READY)  ## build the documentation site in .cache/docs/html, without a network
	@.venv-docs/bin/python docs/site/build.py .cache/docs

# Sphinx and its theme would have to agree with what the tests need.
$(DOCS_READY): docs/site/requirements.txt
	@$(CHECK_PYTHON)
	@echo 'Once, about a minute: antsibull-docs, Sphinx and its theme go from PyPI into the folder .venv-docs. Please wait.'
	@$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check -r docs/site/requirements.txt
	@touch $@

test: venv  ## run every test that does not take long
	$(PYTEST) -n 2 --dist loadfile -m "not long"

test-setup:  ## install the Debian packages that the complete run wants, as root or with sudo
	@tests/setup-debian
	@tests/fetch-promtool
	@tests/fetch-npm

test-unit: venv  ## the unit tests only
	$(PYTEST) tests/unit

test-integration: venv  ## the integration targets only
	$(PYTEST) tests/quality/test_integration.py

test-quality: venv  ## linters, sanity, documentation, packaging, examples
	$(PYTEST) -n 2 --dist loadfile tests/quality

test-long: venv matrix mutants  ## what takes minutes
	$(PYTEST) -m long

matrix: venv  ## units, both ways of running, integration and sanity on each supported ansible-core for which a Python is found
	$(BIN)/python -m tests.quality.matrix $(CORES)

mutants: venv  ## alter planner, matching and conversions in each small way: their unit tests notice 85 % at least
	@$(BIN)/python -m tests.mutants

# Both ways of running: in the controller's process and its forks, and in modules.
coverage: export PORTAL_ROOT := $(CURDIR)
coverage: export PORTAL_COVERAGE := $(CURDIR)/.cache/coverage
coverage: venv  ## measure how much of plugins/ units, playbooks and integration targets run; 95 % of the branches are wanted
	@rm -rf $(PORTAL_COVERAGE) && mkdir -p $(PORTAL_COVERAGE)
	$(BIN)/coverage run --rcfile=tests/coverage.ini -m pytest -q -n 2 --dist loadfile -m "not long" \
		tests/unit tests/behaviour tests/faults tests/audit tests/roles tests/probe tests/engines tests/policy
	$(BIN)/coverage run --rcfile=tests/coverage.ini -m tests.quality.targets
	@$(BIN)/coverage combine --rcfile=tests/coverage.ini --quiet $(PORTAL_COVERAGE)
	@$(BIN)/coverage report --rcfile=tests/coverage.ini

addresses: venv  ## have every text name the address that galaxy.yml has as repository
	@$(BIN)/python -m tests.release.addresses

release: venv  ## make the files of VERSION=x.y.z: changelog, version, commit, tarball, checksums, SBOM
	@$(BIN)/python -m tests.release "$(VERSION)"

bench: venv  ## what a task costs
	$(BIN)/python -m tests.bench

clean:  ## remove everything that make has made
	rm -rf .venv .venv-* .cache .ansible .pytest_cache .hypothesis tests/output dist *.tar.gz
	find . -name __pycache__ -prune -exec rm -rf {} +
