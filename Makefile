# Everything here needs only make, a C compiler and Python 3.11 or 3.12 with its headers.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 50051
TENANT ?= rules/examples/tailwind
ASK ?= rules/examples/tailwind/requests/priya.json
BIN := .venv/bin
STAMP := .venv/.up-to-date
UV := $(BIN)/uv --quiet pip
CONTRACT := clients/python/ostiary/v1

# uv trusts a list of its own; where the machine has one (a company's proxy may be in it), that one is meant.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/cert.pem /etc/ssl/cert.pem),true,false)

# Says in words what is missing; exit code 3 means "wrong version, try the next interpreter".
define CHECK_PYTHON
import os, shutil, sys, sysconfig
if not (3, 11) <= sys.version_info[:2] <= (3, 12):
    sys.exit(3)
header = os.path.join(sysconfig.get_path("include"), "Python.h")
if not os.path.exists(header):
    sys.exit(f"{sys.executable}: the Python headers are missing ({header}); on Debian: apt-get install python3-dev")
if not any(map(shutil.which, ("cc", "gcc", "clang"))):
    sys.exit("no C compiler found (durable-rules is built from source); on Debian: apt-get install gcc")
endef
export CHECK_PYTHON

.PHONY: help
help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(STAMP) ## Make .venv with everything that the lock names; PYTHON=/path/to/python3.12 picks the interpreter.
	@:

# A named interpreter of another version than the one in .venv means: make .venv anew.
ifdef PYTHON
ifneq ($(shell $(PYTHON) -V 2>&1),$(shell $(BIN)/python -V 2>&1))
$(STAMP): ANEW
endif
endif
.PHONY: ANEW
ANEW:

$(STAMP): pyproject.toml requirements.lock
	@python=; \
	for candidate in $(or $(PYTHON),python3 python3.12 python3.11); do \
	  code=0; fault=$$("$$candidate" -c "$$CHECK_PYTHON" 2>&1) || code=$$?; \
	  if [ $$code -eq 0 ]; then python=$$candidate; break; fi; \
	  if [ $$code -eq 1 ]; then echo "$$fault" >&2; exit 1; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  found=$$($(or $(PYTHON),python3) -V 2>&1 | head -n 1) || true; \
	  echo "ostiary needs Python 3.11 or 3.12 (durable-rules 2.0.28 does not import on 3.13)," >&2; \
	  echo "but $(or $(PYTHON),python3) is: $$found" >&2; \
	  echo "name another one: make setup PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if [ "$$($(BIN)/python -V 2>&1)" != "$$("$$python" -V 2>&1)" ] || ! $(BIN)/python -m pip -V >/dev/null 2>&1; then \
	  echo "making .venv with $$("$$python" -V); the first time takes about half a minute"; \
	  "$$python" -m venv --clear .venv; \
	fi
	@awk '/^uv==/, !/\\$$/' requirements.lock | $(BIN)/python -m pip install \
	  --quiet --disable-pip-version-check --require-hashes --requirement /dev/stdin
	@$(UV) sync --python $(BIN)/python --compile-bytecode \
	  --require-hashes --build-constraints requirements.lock requirements.lock
	@$(UV) install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import durable_rules_engine'
	@touch $@

.PHONY: run
run: STORE ?= sqlite:///.ostiary/ostiary.db
run: setup ## Serve the example tenant on 127.0.0.1:$PORT (50051), ask it one question and print the answer.
	@mkdir -p .ostiary
	@exec $(BIN)/ostiary serve --tenant $(TENANT) --store $(STORE) --port $(PORT) --ask $(ASK)

.PHONY: test
test: setup ## Run all tests but the long ones.
	@$(BIN)/python -m pytest tests --ignore tests/bench

.PHONY: test-long
test-long: setup ## Run the long tests: the random worlds in their full number, hostile input by the ten thousand.
	@$(BIN)/python -m pytest tests --ignore tests/bench -m long --timeout 7200

.PHONY: check
check: setup ## Run what CI runs: format, lint, types, imports, contract, generated code, S-rules, wheel, tests.
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/python -m ostiary.rulebook.schemas --check
	@$(MAKE) breaking generated s-rules wheel-check
	@$(MAKE) test

# Judged against the last release; against the branch being built it would compare the contract with itself.
.PHONY: breaking
breaking: setup
	@release=$$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null) || release=; \
	if [ -z "$$release" ]; then echo "buf breaking: no release tag yet, nothing to compare with"; \
	else echo "buf breaking: against $$release"; $(BIN)/buf breaking --against ".git#tag=$$release"; fi

# Generated code is committed. A diff would miss new files, so the status is asked.
.PHONY: generated
generated: generate
	@if [ -e .git ]; then \
	  changed=$$(git status --porcelain -- $(CONTRACT)); \
	  if [ -n "$$changed" ]; then \
	    echo "generated code differs from what is committed; run make generate and commit $(CONTRACT):" >&2; \
	    echo "$$changed" >&2; exit 1; \
	  fi; \
	fi

.PHONY: bench
bench: setup ## Measure decisions and the life of requests, side by side with Cerbos and procrastinate.
	@$(BIN)/python -m tests.bench

.PHONY: generate
generate: setup ## Write the Python side of the contract, clients/python/ostiary/v1, from protos/.
	@ls protos/ostiary/v1/*_service.proto >/dev/null
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; export PATH="$(CURDIR)/$(BIN):$$PATH"; \
	python -m grpc_tools.protoc -I protos --python_out="$$out" --pyi_out="$$out" protos/ostiary/v1/*.proto; \
	python -m grpc_tools.protoc -I protos --grpc_python_out="$$out" --mypy_grpc_out=quiet:"$$out" protos/ostiary/v1/*_service.proto; \
	rm -f $(CONTRACT)/*_pb2*.py $(CONTRACT)/*_pb2*.pyi; \
	cp "$$out"/ostiary/v1/* $(CONTRACT)/

.PHONY: diagrams
diagrams: setup ## Draw the state machines of a request's life into docs/lifecycle.md.
	@$(BIN)/python -m ostiary.lifecycle.drawing > docs/lifecycle.md

KILLS ?= 300
.PHONY: faults
faults: STORE ?= both
faults: setup ## Kill servers and workers KILLS times (300) on SQLite and on PostgreSQL, and look for what is lost or done twice.
	@$(BIN)/python -m tests.faults.kills --kills $(KILLS) --store $(STORE) $(if $(SEED),--seed $(SEED))

.PHONY: golden
golden: setup ## Write the golden files anew; read their diff before you commit it.
	@$(BIN)/python -m pytest tests/golden --update-golden

.PHONY: s-rules
s-rules: setup ## Print each S-rule with the tests that name it; fails if one that can be tested has none.
	@$(BIN)/python tests/s_rules.py

.PHONY: lock
lock: setup ## Write requirements.lock anew from pyproject.toml, with the newest versions that it allows.
	@$(UV) compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --extra server --group dev --group bench pyproject.toml --output-file requirements.lock >/dev/null

.PHONY: wheel
wheel: setup ## Build the wheel into dist/.
	@rm -rf dist
	@$(BIN)/python -m build -qq --wheel --no-isolation --outdir dist .
	@ls dist/*.whl

# What a caller of the server does: no extras, no compiler, and the client and the contract are there.
.PHONY: wheel-check
wheel-check: wheel
	@set -e; room=$$(mktemp -d); wheel=$$(ls "$$PWD"/dist/*.whl); \
	$(BIN)/ostiary serve --tenant $(TENANT) --port 0 >"$$room/served" 2>"$$room/log" & server=$$!; \
	trap 'kill $$server 2>/dev/null; wait $$server || true; rm -rf "$$room"' EXIT; \
	$(BIN)/uv --quiet venv --python $(BIN)/python "$$room/venv"; \
	env CC=/bin/false $(UV) install --python "$$room/venv/bin/python" --only-binary :all: \
	  --constraint requirements.lock "$$wheel"; \
	for _ in $$(seq 300); do grep -q '^serving tenant' "$$room/served" && break; sleep 0.2; done; \
	address=$$(sed -n 's/^serving tenant .* on \([0-9.:]*\),.*/\1/p' "$$room/served"); \
	(cd "$$room"; env -i PATH=/nowhere "$$room/venv/bin/python" -W error -c "$$CHECK_WHEEL" "$$address"); \
	echo "wheel-check: without extras and without a compiler the wheel's client asks a server"

define CHECK_WHEEL
import importlib.metadata, importlib.util, pathlib, sys
import ostiary.client
import ostiary.v1.decision_service_pb2_grpc
from ostiary.v1.decision_pb2 import OUTCOME_NEEDS_APPROVAL
from ostiary.v1.decision_service_pb2 import EvaluateRequest
folder = pathlib.Path(ostiary.client.__file__).parents[2]
assert "venv" in folder.parts, folder
assert not {"server", "clients", "rules"} & {path.name for path in folder.iterdir()}
assert (folder / "ostiary" / "rules" / "packs" / "standard").is_dir()
assert importlib.util.find_spec("durable_rules_engine") is None
question = EvaluateRequest(access_package="sales-team-access", requestor_id="emil")
with ostiary.client.Client(sys.argv[1]) as client:
    assert client.evaluate(question).outcome == OUTCOME_NEEDS_APPROVAL
endef
export CHECK_WHEEL

.PHONY: clean
clean: ## Remove .venv and everything that tools left behind.
	@rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	@find server clients tests -name __pycache__ -type d -prune -exec rm -rf {} +
