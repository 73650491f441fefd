# The only place where commands are spelled. `make` alone says what there is.

PORT ?= 8000
GATE ?=
TESTS ?= tests
WORKERS ?= 2

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

export UV_PYTHON_DOWNLOADS := never
export PATH := $(PATH):$(CURDIR)/.tools/bin
# Many checks start the program in a process of its own: it is compiled once, not each time.
unexport PYTHONDONTWRITEBYTECODE

RUN := uv run --no-sync
LOCK_FILES := $(wildcard tests/*/package-lock.json tests/*/*/package-lock.json)
NODE_PACKAGES := $(LOCK_FILES:package-lock.json=node_modules/.package-lock.json)

##@ Use it
.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: uv ## Run the whole system here with made-up people: http://localhost:8000 (PORT=8000)
	uv sync --locked --no-dev --inexact
	$(RUN) jiazhao demo --port $(PORT)

##@ Check it
.PHONY: test
test: lint ## Check everything with small counts, at most 20 minutes (TESTS=tests/unit for a part)
	setup/system-needs chromium fonts tokens
	$(RUN) pytest -n $(WORKERS) --dist loadfile $(TESTS)

.PHONY: lint
lint: packages ## Check format, rules, types, layers and the browser's modules
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports
	npm test --prefix tests/web

.PHONY: gates
gates: packages ## Prove reliability with large counts and planted faults (GATE=name for one)
	setup/system-needs chromium fonts tokens
	$(RUN) python -m gates $(GATE)

.PHONY: bench
bench: packages ## Measure speed as ratios to its limits and to peers
	setup/system-needs tokens
	$(RUN) python -m bench

##@ Work on it
.PHONY: screens
screens: packages ## Take screenshots of every page into var/screens
	setup/system-needs chromium fonts
	$(RUN) python -m tests.browser.screens var/screens

.PHONY: format
format: packages ## Format the code and mend what the rules can mend
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

.PHONY: vendor
vendor: packages ## Bundle the browser's third-party modules anew into src/jiazhao/web/vendor
	npm run vendor --prefix tests/web

.PHONY: clean
clean: ## Remove what the tools and the demo made (.venv, caches, node_modules, var)
	rm -rf .venv .tools .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist var
	find . -name node_modules -prune -exec rm -rf {} + -o -name __pycache__ -prune -exec rm -rf {} +

# -- what the targets above stand on

.PHONY: uv
uv:
	@setup/install-uv

.PHONY: packages
packages: uv node $(NODE_PACKAGES)
	uv sync --locked --group dev

.PHONY: node
node:
	@setup/system-needs node

%/node_modules/.package-lock.json: %/package-lock.json
	npm ci --prefix $* --no-audit --no-fund
