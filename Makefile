# Every target is one call of tools/dev.py; without make, type that line yourself: python3 tools/dev.py run
PYTHON ?= python3
.DEFAULT_GOAL := help
TARGETS := run test campaign faults mutants bench
TARGETS += check new-board documents pictures
TARGETS += mpy install flash console logs backup restore replay
TARGETS += panel fuzz peristal report
TARGETS += lint help

.PHONY: $(TARGETS)
$(TARGETS):
	@$(PYTHON) tools/dev.py $@ $(ARGS)
