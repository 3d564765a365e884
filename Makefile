# make run    set everything up and open the window on a real network (in the terminal where there is no display)
# make test   set everything up and run every check
.PHONY: run test setup-run setup-test clean

PYTHON = .venv/bin/python
export QT_LOGGING_RULES = qt.qpa.plugin=false
export ORT_DISABLE_TELEMETRY = 1

run: setup-run
	@$(PYTHON) -m layerswitch start

test: setup-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy core
	$(PYTHON) -m mypy gui
	QT_QPA_PLATFORM=offscreen LAYERSWITCH_DATA="$${LAYERSWITCH_DATA:-$(wildcard ../shared/data)}" $(PYTHON) -m pytest

setup-run:
	@tools/setup run

setup-test:
	@tools/setup test

clean:
	rm -rf .venv .cache build dist
