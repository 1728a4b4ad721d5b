# Two commands matter: make demo, make test. Everything is written below this folder.
PYTHON ?= python3
BIN := .venv/bin
# A worker a core, each with a server of its own; who finishes first takes over from the others.
AT_ONCE := --numprocesses logical --maxprocesses 8 --dist worksteal
UNMEASURED := hypothesis or exhaustive or attack
# Compiled once and kept, even where the environment says otherwise: each worker and each command that
# a test starts would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test serve bench clean lock check

demo: .venv/run
	@$(BIN)/huhang demo

serve: .venv/run
	@$(BIN)/huhang serve

# Coverage is of the examples alone: each rule has one, and measuring takes twice the time.
test: .venv/dev check tests/oidc/node_modules
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not ($(UNMEASURED))" --cov --cov-report=term
	@$(BIN)/python -m pytest $(AT_ONCE) -m "$(UNMEASURED)"
	@$(BIN)/python -m coverage report --include='domain/*' --fail-under=98 >/dev/null
	@$(BIN)/python -m coverage report --omit='domain/*' --fail-under=90 >/dev/null

check: .venv/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev
	@$(BIN)/python -m benchmarks

# Nothing makes a log of real work again: it goes only on purpose, by FORCE=1.
clean:
	@! kill -0 $$(head -n 1 .huhang/postgres/postmaster.pid 2>/dev/null) 2>/dev/null || \
		{ echo "A server runs on .huhang; end make serve and other commands first."; exit 1; }
	@test -n "$(FORCE)" || ! test -e .huhang || HUHANG_HOME=.huhang $(BIN)/huhang disposable || \
		{ echo "Nothing was deleted; move .huhang away, or say make clean FORCE=1."; exit 1; }
	find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf tests/oidc/node_modules .venv .huhang .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage* dist

# Needs uv; run after changing the dependencies in pyproject.toml.
lock:
	uv lock --upgrade
	uv export --no-header --no-annotate --no-emit-project --quiet -o requirements.lock
	uv export --no-header --no-annotate --no-emit-project --group dev --quiet -o requirements-dev.lock

# Needs npm; without it the tests against a real OpenID Connect provider are skipped.
tests/oidc/node_modules: tests/oidc/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/oidc --silent --no-audit --no-fund; \
		else echo "npm is missing: sign-in by OpenID Connect is not tested."; fi

# --no-deps: the locks are complete, and resolving anew would meet releases that they do not know.
.venv/run: requirements.lock pyproject.toml
	@echo "Making the environment in .venv ..."
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --no-deps --require-hashes -r requirements.lock
	@$(INSTALL) --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	@$(INSTALL) --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
