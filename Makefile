# dlcourse: `make help` lists what can be done. Nothing but Python 3.11-3.13 and make is needed.
PYTHON ?= python3
PIP_OPTIONS ?=
PORT ?= 8000
LAB_OPTIONS ?=
ASSIGNMENT ?=
HUB_OPTIONS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READING := $(patsubst %,tests/e2e/test_%.py,book reading keyboard start_page)
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help venv book serve lab exercises grade demo hub bench test lint unit check-exercises check-book check-reading e2e pdf install-matrix lock clean

help:  ## this list
	@echo "make TARGET   (times: about, on two free cores; several times that on busy ones)"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Options: PYTHON=python3.12  PIP_OPTIONS='...' (passed to pip install)  PORT=8000 (serve)  ASSIGNMENT=convolution (grade)  LAB_OPTIONS=--allow-root (lab)  HUB_OPTIONS='carol dave' (hub: names to add)"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -V >/dev/null 2>&1 || { echo "\"$(PYTHON)\" does not start here. Name a Python 3.11, 3.12 or 3.13 that does: make PYTHON=/path/to/python3.12 venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "dlcourse needs Python 3.11, 3.12 or 3.13; \"$(PYTHON)\" is Python %d.%d. Install one of them and say which: make PYTHON=python3.12" % v)'
	@echo "Installing the packages of requirements.lock into $(VENV) (once; 2 GB; one to five minutes without a word) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements.lock || { echo "Not everything is installed: pip says above why. Once that is put right (a network? room on the disk?), the same command goes on." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements >/dev/null 2>&1
	@touch $(READY)
	@echo "Ready. What is broken, if anything ever is: $(BIN)/dlcourse doctor"

venv: $(READY)  ## the virtual environment .venv, installed from the lock (1-5 min, once)

book: $(READY)  ## execute every chapter and build the book into _build/html (4 min; nothing changed: 20 s)
	@$(BIN)/python -m dlcourse.book build

serve: $(READY)  ## serve the built book on http://127.0.0.1:8000 until Ctrl-C (at once)
	@$(BIN)/python -m dlcourse.book serve --port $(PORT)

lab: $(READY)  ## open JupyterLab on your own copy of exercises and chapters, work/ (10 s)
	@$(BIN)/python -m dlcourse.exercises lab $(LAB_OPTIONS)

exercises: $(READY)  ## make exercises/ again from solutions/ (20 s)
	@$(BIN)/python -m dlcourse.exercises build

grade: $(READY)  ## grade the notebooks in submitted/<student>/<assignment>/ (20 s, then 2 s a notebook)
	@$(BIN)/python -m dlcourse.grading run $(ASSIGNMENT)

demo: $(READY)  ## grade the bundled demo classes and compare with the marks they deserve (1 min)
	@$(BIN)/python -m dlcourse.grading demo

hub: $(READY)  ## JupyterHub for a class on this machine: http://127.0.0.1:8080, Ctrl-C stops it (10 s)
	@deploy/jupyterhub/start $(HUB_OPTIONS)

bench: $(READY)  ## measure what the page How fast prints (9 min; nothing else should run)
	@$(BIN)/python -m benchmarks run

test: lint unit book check-book  ## everything that CI runs (10 min)

lint: $(READY)  ## ruff: faults and formatting (2 s)
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

unit: $(READY)  ## unit and parity tests, the graders, the released exercises, the demo class (5 min)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not browser" tests

check-exercises: $(READY)  ## exercises/ is what solutions/ gives, and leaks nothing (20 s)
	@$(BIN)/python -m dlcourse.exercises build --check

check-book: $(READY)  ## every executed cell ran and prints the same again; links, figures, requests (3 min)
	@$(BIN)/python -m dlcourse.book check

check-reading: book  ## the built book in Chromium: every page, keyboard, phone, dark, axe; pictures in _build/e2e (3 min)
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup $(READING)

e2e: book  ## all that people do in Chromium: the same, paper, slow line, JupyterLab, Formgrader, a hub (10 min)
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests/e2e

pdf: book  ## the whole book as _build/dlcourse.pdf (needs Chromium; 1 min)
	@$(BIN)/python -m dlcourse.book pdf

install-matrix: $(READY)  ## install and use the course with each Python, versions, wheel, odd folder (30 min)
	@$(BIN)/python tests/install --pip-options "$(PIP_OPTIONS)"

lock:  ## write requirements.lock anew from the ranges in pyproject.toml (5 min)
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet $(PIP_OPTIONS) torch==2.13.0 -e '.[all]'
	@{ sed -n '/^#/p' requirements.lock; $(VENV)-lock/bin/python -m pip freeze --all --exclude-editable | sed -e 's/+cpu$$//' -e '/^pip==/d' -e '/^wheel==/d'; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock && rm -rf $(VENV)-lock

clean:  ## remove what was built, not .venv (at once)
	rm -rf _build .pytest_cache .ruff_cache
