# make run    set everything up and open the window on a real network (in the terminal where there is no display)
# make test   set everything up and run every check
# make bench  measure speed, each bench in short (docs/benchmarks.md); some take minutes, so not part of make test
# make board  make the emulated Arm board: about 4 minutes, 1 GB, root    make test-board  and test Arm NN on it
.PHONY: run test bench board test-board setup-run setup-test clean

PYTHON = .venv/bin/python
export QT_LOGGING_RULES = qt.qpa.plugin=false
export ORT_DISABLE_TELEMETRY = 1
unexport PYTHONPATH PYTHONHOME

run: setup-run
	@$(PYTHON) -E -P -m layerswitch start

test: setup-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy core
	$(PYTHON) -m mypy gui
	QT_QPA_PLATFORM=offscreen LAYERSWITCH_DATA="$${LAYERSWITCH_DATA:-$(wildcard ../shared/data)}" $(PYTHON) tools/run_tests.py

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
