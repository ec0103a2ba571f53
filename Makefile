# Everything runs from .venv, which is made from the lock files; Python 3.11+ and make are all it needs.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
# The lock files' contents decide whether it is up to date.
RUN_STAMP := $(VENV)/.stamp-run
DEV_STAMP := $(VENV)/.stamp-dev

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)$$/make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  %-18s %s\n' "$$name" "$$text"; done

.PHONY: demo
demo: $(RUN_STAMP) ## Run the main job on local processes, start to finish
	@$(BIN)/python -m brownout demo

.PHONY: setup
setup: $(RUN_STAMP) ## Make .venv, with the `brownout` command in .venv/bin

.PHONY: test
test: $(DEV_STAMP) ## Run the default test suite, a process a core
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m 'not browser and not docker and not slow and not cluster' $(ARGS)

# What differs between interpreters, without the tests of the command line, which start many processes.
OTHER_PYTHON_TESTS ?= tests/backend tests/chaos tests/client tests/fleet tests/recorder tests/results tests/terms

.PHONY: test-other-python
test-other-python: $(DEV_STAMP) ## A third of them: make test-other-python PYTHON=python3.13 VENV=.venv-3.13
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m 'not browser and not docker and not slow and not cluster' \
		$(OTHER_PYTHON_TESTS) $(ARGS)

# The oldest Locust that pyproject.toml allows, and the newest that the package index has.
LOCUST ?= 2.46.1 newest

.PHONY: test-locust
test-locust: ## Load tests with other versions of Locust: make test-locust LOCUST=2.46.1
	@for version in $(LOCUST); do \
		$(MAKE) --no-print-directory test-one-locust VERSION=$$version VENV=.venv-locust-$$version || exit; done

.PHONY: test-one-locust
test-one-locust: $(DEV_STAMP)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --upgrade-package locust \
		$(if $(filter newest,$(VERSION)),locust,locust==$(VERSION))
	@echo "the load's tests with $$($(BIN)/python -m locust --version)"
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m 'not browser and not docker and not slow and not cluster' \
		tests/loadtest tests/recorder $(ARGS)

.PHONY: test-k8s
test-k8s: $(DEV_STAMP) ## The scenario on the cluster of KUBECONFIG; see docs/kubernetes.md
	@BROWNOUT_TEST_K8S=1 $(BIN)/python -m pytest -m cluster tests/k8s_live $(ARGS)

# An index or certificate of the user's own reaches the build when the environment has it; no image keeps it.
PIP_SETTINGS := $(foreach name,PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_CERT,$(if $($(name)),--build-arg $(name)))
BUILD = docker build $(PIP_SETTINGS) $(ARGS)
BUILD_FAILED = { echo "The image was not built; Docker's own words are above. Is it running? \
	.venv/bin/brownout doctor. Is there another package index? PIP_INDEX_URL=… make $@" >&2; exit 1; }

.PHONY: service-images
service-images: ## Build the images of the two services; ARGS go to docker build
	@$(BUILD) -t backend-service:latest -f services/backend/Dockerfile services || $(BUILD_FAILED)
	@$(BUILD) -t client-service:latest services/client || $(BUILD_FAILED)

.PHONY: images
images: service-images ## Build those and the harness's
	@$(BUILD) -t brownout:latest . || $(BUILD_FAILED)

.PHONY: lint
lint: $(DEV_STAMP) ## Ruff, mypy (strict) and import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-cache

DIST ?= dist

.PHONY: dist
dist: $(DEV_STAMP) ## Build the wheels of brownout and of brownout-faults into dist/
	@for project in services/faults .; do $(BIN)/uv build --quiet --wheel --no-build-isolation \
		--python $(BIN)/python --out-dir "$(DIST)" $$project || exit; done

.PHONY: bench
bench: $(DEV_STAMP) ## Run every benchmark of bench/, one after the other
	@$(BIN)/python -m bench

# make lock UPGRADE= keeps the pins that still fit.
UPGRADE ?= --upgrade

.PHONY: pictures
pictures: $(DEV_STAMP) ## Take the pictures of docs/images from real runs; needs Chromium
	@$(BIN)/python -m tests.browser.screenshots

.PHONY: lock
lock: $(DEV_STAMP) ## Pin the newest versions that pyproject.toml allows
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--no-emit-package brownout-faults $(UPGRADE) \
		--python-version 3.11 pyproject.toml --extra compose --extra k8s --group build -c lock/held_back.txt -o lock/run.txt
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--no-emit-package brownout-faults --python-version 3.11 pyproject.toml --all-extras --group dev -c lock/run.txt -o lock/dev.txt
	@for service in backend client; do $(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --python-version 3.11 services/$$service/requirements.txt -c lock/run.txt \
		-o services/$$service/lock.txt || exit; done

.PHONY: clean
clean: ## Remove .venv and caches; results stay
	@rm -rf .venv .venv-* dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# uv is a pinned wheel like every other tool here: it installs in seconds what takes pip a minute.
$(VENV)/.stamp-uv: lock/uv.txt
	@test -n "$(PYTHON)" || { echo "brownout needs Python 3.11 or newer, and none was found on PATH." \
		"Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian and Ubuntu:" \
		"apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/uv.txt
	@touch $@

$(RUN_STAMP): $(VENV)/.stamp-uv lock/run.txt pyproject.toml services/faults/pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r lock/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
		--editable services/faults --editable .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) lock/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r lock/dev.txt
	@touch $@
