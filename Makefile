# Every target is one call of tools/dev.py; without make, type that line yourself: python3 tools/dev.py run
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: run test campaign faults bench check lint help

run test campaign faults bench check lint help:
	@$(PYTHON) tools/dev.py $@ $(ARGS)
