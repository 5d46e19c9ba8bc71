# `make demo` and `make test` do all set-up themselves; nothing else needs to be run first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
DEMO := saved_models/demo
MODEL := transformer
# Two processes, each with its own share of the test files: most of a test's time is tracing, which takes one core.
PARALLEL := --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-slow lint docs gallery notebooks wheel clean

demo: $(VENV)/installed
	$(RUN)/tfmodels fit translation --run demo --model $(MODEL)
	$(RUN)/tfmodels export demo --to $(DEMO)
	$(RUN)/tfmodels predict $(DEMO) "Thursday, March 7, 2041" "4:05 PM" "in 17 weeks" "63,412 m" "\$$9,870.15" "12.4%"

test: $(VENV)/installed lint
	$(RUN)/pytest -q $(PARALLEL)

test-slow: $(VENV)/installed lint
	$(RUN)/pytest -q $(PARALLEL) -m "slow or not slow"

lint: $(VENV)/installed
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/pyrefly check --python-interpreter-path $(RUN)/python

# The site in site/; a broken link, anchor, snippet or docstring fails it (with --quiet, mkdocs would not count them).
docs: $(VENV)/installed
	$(RUN)/python -m pip install --quiet --editable ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(RUN)/mkdocs build --strict

# Each notebook in an empty folder. `tests/notebooks/execute.py` keeps what they show.
notebooks: $(VENV)/installed
	$(RUN)/pytest -q $(PARALLEL) --dist load -m "slow or not slow" tests/notebooks

# The wheel and the source archive in dist/, as an index takes them. Then the wheel with what it requires and no more.
wheel: $(VENV)/installed
	rm -rf dist
	$(RUN)/python -m build --quiet
	$(RUN)/twine check --strict dist/*
	$(RUN)/python tests/installed/fresh_wheel.py dist

# The images of docs/gallery.md, by the commands that stand there.
gallery: $(VENV)/installed
	$(RUN)/python docs/gallery.py

clean:
	rm -rf $(VENV) runs site dist $(DEMO)

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade pip
	$(RUN)/python -m pip install --quiet --editable ".[dev$(EXTRAS)]"
	touch $@
