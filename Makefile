# Two commands do everything: `make book` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TEACH  := $(VENV)/.teach
NOTEBOOKS := _build/notebooks
PORT   ?= 8000
CHAPTERS ?= all
COURSE ?= assignments
SEEDS  ?= 20

.DEFAULT_GOAL := help
.PHONY: help install book serve lab exercises restore assignment test variants bench clean
.DELETE_ON_ERROR:

# Tests run one a core, as the book's kernels do. Threads of their own would wait for each other.
test variants: export OMP_NUM_THREADS = 1

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(READY) ## make the environment .venv with the exact pins

$(READY): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.12 ...")'
	@echo "[install] making $(VENV) (a minute or two; PyTorch is most of it)"
	@$(PYTHON) -m venv $(VENV) || { echo "[install] could not make $(VENV): on Debian and Ubuntu install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "[install] ready: $(VENV)"

$(TEACH): requirements-teach.txt $(READY)
	@echo "[install] adding nbgrader, for assignments and their test"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-teach.txt
	@touch $@

book: $(READY) ## execute the notebooks and build the static site
	@$(BIN)/python tools/build_book.py

serve: book ## build the site and serve it on PORT (8000)
	@echo "[serve] http://localhost:$(PORT)  (stop with Ctrl-C)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lab: $(READY) ## open JupyterLab on the exercises
	@$(BIN)/jupyter lab exercises

exercises: $(READY) ## regenerate the exercise and solution notebooks from solutions/*.py
	@$(BIN)/python tools/exercises.py

restore: $(READY) ## bring back the notebooks of CHAPTERS="05" as they were; yours are kept beside them
	@for chapter in $(CHAPTERS); do $(BIN)/python tools/exercises.py --restore "$$chapter" || exit 1; done

assignment: $(TEACH) ## stage CHAPTERS="05" (all) as an nbgrader course in COURSE (assignments) and try the grading
	@$(BIN)/python tools/assignment.py $(COURSE) $(CHAPTERS)

test: book $(TEACH) ## run every test: types, notebooks, units, properties, doctests, the site in Chromium
	@echo "[test] types"
	@$(BIN)/mypy
	@echo "[test] every notebook runs"
	@mkdir -p $(NOTEBOOKS)
	@for page in $$(grep -l '^kernelspec:' book/*.md); do \
	  $(BIN)/jupytext --quiet --to ipynb --output $(NOTEBOOKS)/$$(basename $$page .md).ipynb $$page || exit 1; done
	@SCALING_LIB_NO_PROGRESS=1 $(BIN)/python -m pytest -q -n auto --dist loadfile --nbval-lax $(NOTEBOOKS) exercises solutions
	@echo "[test] units, properties, doctests, the site"
	@$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not alone"
	@echo "[test] a move of an explorer is painted within a frame"
	@$(BIN)/python -m pytest -q -m alone tests/browser

variants: $(TEACH) ## every exercise under SEEDS (20) course seeds, every chapter graded (an hour; for a scheduled job)
	@SEEDS=$(SEEDS) $(BIN)/python -m pytest -q -n auto --dist worksteal tests/test_checks_bank.py tests/test_exercises.py tests/test_assignment.py

bench: book ## measure speed beside the peers (minutes)
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.explorers

clean: ## delete what was built (not the environment)
	rm -rf _build _assets node_modules .mypy_cache .pytest_cache .hypothesis
