# make run    set everything up and open the window on a real network (in the terminal where there is no display)
# make test   set everything up and run every check: about 6 minutes on two cores
# make check  lint, types and the quick tests, for while you work: about a minute
# make bench  measure speed, each bench in short (docs/benchmarks.md); some take minutes, so not part of make test
# make board  make the emulated Arm board: about 4 minutes, 1 GB, root    make test-board  and test Arm NN on it
.PHONY: run test check lint bench board test-board setup-run setup-test clean

PYTHON = .venv/bin/python
export QT_LOGGING_RULES = qt.qpa.plugin=false
export ORT_DISABLE_TELEMETRY = 1
# Tests start hundreds of processes, each of which would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE
# Python imports what is installed, and nothing that lies about.
unexport PYTHONPATH PYTHONHOME

run: setup-run
	@$(PYTHON) -E -P -m layerswitch start

# One process more than there are cores, since tests wait as well. A file's tests stay together: they share fixtures, and
# only one file measures on this computer itself, where one agent may at a time.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PYTEST = QT_QPA_PLATFORM=offscreen LAYERSWITCH_DATA="$${LAYERSWITCH_DATA:-$(wildcard ../shared/data)}" \
	$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: lint
	$(PYTEST)

# Nothing that measures on boards or draws a whole window.
QUICK = $(addprefix tests/core/,experiments explain measurement network planner prediction) $(wildcard tests/core/test_*.py) \
	$(addprefix tests/gui/,jobs views widgets)

check: lint
	$(PYTEST) -m "not slow and not board" $(QUICK)

lint: setup-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy core gui

# networks.py is not among them: it measures on a board. Each prints what it is and its table; a failing one is named.
BENCHES ?= $(filter-out bench/networks.py,$(wildcard bench/*.py))

bench: setup-run
	@failed=""; for one in $(BENCHES); do echo; echo "== $$one"; \
	QT_QPA_PLATFORM=offscreen $(PYTHON) $$one || failed="$$failed $$one"; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

board:
	@sh tests/board/make-board

test-board: setup-test
	@sh tests/board/make-board; code=$$?; \
	if [ $$code = 3 ]; then echo "Skipped: the emulated Arm board cannot be made here (see above)."; exit 0; fi; \
	[ $$code = 0 ] || exit $$code; \
	$(PYTHON) -m pytest -m board tests/board; code=$$?; [ $$code = 5 ] || exit $$code

setup-run:
	@tools/setup run

setup-test:
	@tools/setup test

clean:
	rm -rf .venv .cache build dist
