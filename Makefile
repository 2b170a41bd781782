# Each target is one step a person or CI takes; `make help` lists them.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
REPORT_OPTIONS ?=
OUTPUT_OPTIONS ?=
# Two pytest workers suit the two cores the targets are measured on.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help reports test lint check lab app notebooks exercises samples everything drills pictures lock wheelhouse clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "%-12s %s\n", $$1, $$2}'

$(VENV)/core.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11, 2) <= v[:3] < (3, 13) else "Python 3.11.2 - 3.12 is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up the tools in $(VENV) (once, a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/core.stamp requirements-dev.lock
	@echo "Setting up the test tools (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

reports: $(VENV)/core.stamp ## set up, then make every region's pages (reports/site/index.html)
	@$(BIN)/sosrake reports $(REPORT_OPTIONS)

test: $(VENV)/dev.stamp ## run the tests, then check every stored notebook output strictly
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
	$(BIN)/python tools/check_notebooks.py -n $(WORKERS)

lint: $(VENV)/dev.stamp ## check style, types and forms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p sosrake_lib
	$(BIN)/python tools/make_environment.py --check
	$(BIN)/python tools/make_exercises.py --check
	$(BIN)/python tools/make_data_dictionary.py --check
	$(BIN)/python tools/make_sentences.py --check
	$(BIN)/python tools/check_texts.py

lab: $(VENV)/core.stamp ## open the notebooks in JupyterLab
	@$(BIN)/sosrake lab

app: $(VENV)/core.stamp ## serve the situation picture on this machine; another app: make app APP=mittarilaskuri
	@$(BIN)/sosrake app --list
	@$(BIN)/sosrake app $(APP)

notebooks: $(VENV)/dev.stamp ## run the notebooks and save them in the form git keeps
	$(BIN)/python tools/save_notebooks.py

exercises: $(VENV)/dev.stamp ## make the exercise notebooks from the lessons
	$(BIN)/python tools/make_exercises.py

samples: $(VENV)/dev.stamp ## pick the sample figures again from ../shared and make the synthetic ones
	$(BIN)/python tools/make_samples.py
	$(BIN)/python tools/make_synthetic.py
	$(BIN)/python tools/synthetic_survey.py
	$(BIN)/python tools/synthetic_chain.py
	$(BIN)/python tools/synthetic_costs.py
	$(BIN)/python tools/synthetic_observations.py
	$(BIN)/python tools/synthetic_participation.py
	$(BIN)/python tools/synthetic_feedback.py
	$(BIN)/python tools/synthetic_reporting.py
	$(BIN)/python tools/synthetic_followup.py
	$(BIN)/python tools/synthetic_outcomes.py

everything: $(VENV)/core.stamp ## every region's site and every output, with the time of each output
	@$(BIN)/sosrake reports $(REPORT_OPTIONS)
	@$(BIN)/sosrake outputs --times reports/tuotokset_ajat.csv $(OUTPUT_OPTIONS)

check: lint test ## lint and tests one after the other

drills: $(VENV)/dev.stamp ## the long drills (not part of CI)
	$(BIN)/python benchmarks/protect_drill.py
	$(BIN)/python benchmarks/reports_time.py
	$(BIN)/python benchmarks/kill_drill.py
	$(BIN)/python benchmarks/register_drill.py
	$(BIN)/python benchmarks/app_openings.py
	$(BIN)/python benchmarks/sliced_client.py
	$(BIN)/python benchmarks/indicators.py
	$(BIN)/python benchmarks/effects.py
	$(BIN)/python benchmarks/coverage.py
	$(BIN)/python benchmarks/import_mutations.py
	$(BIN)/python benchmarks/import_tables.py
	$(BIN)/python benchmarks/records.py
	$(BIN)/python benchmarks/intake_load.py
	$(BIN)/python benchmarks/everything.py --make
	$(BIN)/python tools/wheelhouse_drill.py

pictures: $(VENV)/dev.stamp ## render pages and the app to pictures (needs Debian's chromium)
	$(BIN)/python tools/contact_sheet.py
	$(BIN)/python tools/contact_sheet_outputs.py

wheelhouse: $(VENV)/core.stamp ## make the bundle that is installed without a network (build/wheelhouse)
	@$(BIN)/python tools/make_wheelhouse.py

lock: $(VENV)/dev.stamp ## resolve the two lock files and environment.yml again
	$(PYTHON) tools/make_locks.py

clean: ## remove what the machine made; your own data in data/private stays
	rm -rf $(VENV) build reports/site reports/releases reports/notebooks reports/failed reports/journal* reports/tuotokset* .pytest_cache .ruff_cache .mypy_cache
