# make app      starts the application on http://localhost:8501
# make test     runs the tests; those in a browser need Chromium
# make gpu      installs CUDA beside it, for an NVIDIA GPU
# make lint     checks the style
# make audit    asks the package index for known security holes of what is pinned
# make lock     pins every package anew, by what pyproject.toml asks for

PYTHON ?= python3
BIN = .venv/bin
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --quiet --custom-compile-command "make lock"
# On all cores, as pip has only one; a few packages have files that are no Python.
COMPILE_MODULES = -@$(BIN)/python -m compileall -qq --workers 0 .venv/lib 2>/dev/null

app: .venv/app.done
	$(BIN)/streamlit run app.py

# A third process keeps two cores busy while others wait for a browser or a server
test: .venv/dev.done
	$(BIN)/python -m pytest -n 3 --dist worksteal

lint: .venv/dev.done
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

audit: .venv/dev.done
	$(BIN)/python .ci/audit.py

gpu: .venv/app.done
	$(BIN)/pip install --quiet -r requirements-gpu.txt

lock: .venv/dev.done
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --constraint requirements.txt --extra gpu --output-file requirements-gpu.txt
	$(COMPILE) --constraint requirements.txt --extra dev --output-file requirements-dev.txt

.venv/app.done: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	$(COMPILE_MODULES)
	touch $@

.venv/dev.done: .venv/app.done requirements-dev.txt
	$(BIN)/pip install --quiet --no-compile -r requirements-dev.txt
	$(COMPILE_MODULES)
	touch $@

.PHONY: app test lint audit gpu lock
