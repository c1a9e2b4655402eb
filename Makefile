PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: app test check bench format

app: $(VENV)/app
	@echo "Bothways starts at http://localhost:8501 (Ctrl+C stops it)"
	$(BIN)/streamlit run ui/app.py

test: $(VENV)/dev browser
	$(BIN)/python -m pytest -q

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core
	$(BIN)/python -m pytest -q tests/test_structure.py tests/tiny

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: browser
browser: $(VENV)/dev
	$(BIN)/python -m tests.browser_install

$(VENV)/app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
