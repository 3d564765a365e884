PYTHON ?= .venv/bin/python

.PHONY: test lint
test: lint
	QT_QPA_PLATFORM=offscreen ORT_DISABLE_TELEMETRY=1 $(PYTHON) -m pytest
lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy core
