# Two commands: `make app` installs and starts the app, `make test` installs what tests need and runs them all.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: app test check bench format browser

app: .venv/app
	@echo "Bothways starts at http://localhost:$(PORT) (Ctrl+C stops it)"
	$(BIN)/streamlit run ui/app.py --server.port $(PORT)

test: .venv/dev browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core
	$(BIN)/python -m pytest -q tests/test_structure.py tests/tiny

bench: .venv/dev
	$(BIN)/python -m benchmarks

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: .venv/dev
	$(BIN)/python -m tests.browser_install

.venv/app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/app
	$(PIP) -r requirements-dev.txt
	touch $@
