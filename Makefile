# Everything a newcomer types. Each target makes .venv by itself, and again when what it is made from has changed.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
MADE := .venv/made
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= 2

.PHONY: help setup demo run test check kills bench quality fit gallery

help:
	@echo "make demo    a whole Tocsin with sample news, in a page of this machine; no token, no network"
	@echo "make run     the bot, with the settings of .env"
	@echo "make test    style, types and tests"
	@echo "make check   style and types only"
	@echo "make kills   the bot killed 200 times, nothing lost"
	@echo "make bench   the measurements"
	@echo "make quality how well labelled texts are understood, held to floors"
	@echo "make fit     the weights by which deadlines and alerts are told, from those texts"
	@echo "make gallery what the bot says, redrawn into docs/gallery.md"

setup: $(MADE)

$(MADE): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Tocsin needs Python 3.11 or later: install it, or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or later, this one is " + sys.version.split()[0])'
	@echo "Installing Tocsin into .venv (once, a minute or two)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "This Python makes no virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PIP) --require-hashes -r constraints.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(MADE)
	@exec $(BIN)/tocsin demo

run: $(MADE)
	@exec $(BIN)/tocsin run

check: $(MADE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

test: check
	$(BIN)/pytest -n $(WORKERS)

kills: $(MADE)
	KILLS=200 $(BIN)/pytest tests/kills -n $(WORKERS)

bench: $(MADE)
	$(BIN)/pytest benchmarks -s

quality: $(MADE)
	$(BIN)/python -m tests.quality $(QUALITY)

fit: $(MADE)
	$(BIN)/python -m tests.quality.date_fit $(QUALITY)
	$(BIN)/python -m tests.quality.fit $(QUALITY)

gallery: $(MADE)
	$(BIN)/python -m tests.gallery
