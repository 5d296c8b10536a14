# Everything a developer or CI does, one verb each. A machine needs Python 3.11+ and nothing else.
PYTHON ?= python3
BIN := .venv/bin
# One environment, two stamps: for the demo, and for all that a developer needs, which holds the demo's at the same pins.
RUN_STAMP := .venv/.installed-run
STAMP := .venv/.installed
DEMO := medico
TRAINED := $(DEMO)/.vaticina/.trained
PORT ?= 8000
RECORDED = -p tests.record --record .pytest_cache/$@.json
PROVED = $(BIN)/python -m tests.requirements $(foreach run,$@ test test-system,.pytest_cache/$(run).json) && exit $${failed:-0}
LISTINGS := src/vaticina/examples/listings
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url

.PHONY: setup system run test test-system check format lock bench bench-peers bench-variants bench-growth bench-flame bench-crowd bench-m4 bench-gluon bench-training test-volume clean

setup: $(STAMP)

$(RUN_STAMP): requirements/run.txt requirements/uv.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

$(STAMP): requirements/lock.txt $(RUN_STAMP)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/lock.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

run: $(TRAINED)
	$(BIN)/vaticina serve $(DEMO) --port $(PORT)

$(TRAINED): | $(RUN_STAMP)
	test -f $(DEMO)/project.toml || $(BIN)/vaticina init $(DEMO) --example medico
	$(BIN)/vaticina train $(DEMO)
	mkdir -p $(@D)
	touch $@

# With CI set, as CI has it, a skipped test makes the run fail.
PYTEST := $(BIN)/python -m pytest $(if $(CI),--no-skips) -n 2 --dist loadfile --no-loadscope-reorder

# Two processes, a file's tests in one of them, so that a model is trained once for all that need it. What needs more of
# the machine than Python is left out, and stands at the end. Then each requirement is looked up: its proofs must be
# among the tests that passed.
test: setup
	$(PYTEST) -m "not system" $(RECORDED) || failed=1; $(PROVED)

# installs what the tests marked `system` need: wrk and older Pythons; as root
system: setup
	$(BIN)/python -m tests.system

test-system: setup
	$(PYTEST) -m system $(RECORDED) || failed=1; $(PROVED)

check: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m tests.architecture

format: setup
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

# The lock of the example listings is made in a folder of the clone, where its path to Vaticina leads. On a network that
# has no more than a mirror of the package index, say where: POETRY_PYPI_MIRROR_URL=… make lock
lock: setup
	$(LOCK) --all-extras --group dev pyproject.toml -o requirements/lock.txt > /dev/null
	$(LOCK) --extra train --constraint requirements/lock.txt pyproject.toml -o requirements/run.txt > /dev/null
	printf 'poetry>=2.1\npoetry-plugin-pypi-mirror>=0.6\n' | $(LOCK) - -o requirements/poetry.txt > /dev/null
	rm -rf .lock && cp -r $(LISTINGS) .lock
	$(BIN)/uv run --quiet --no-project --isolated --with-requirements requirements/poetry.txt poetry lock --directory .lock
	mv .lock/poetry.lock $(LISTINGS)/poetry.lock && rm -r .lock

# Benchmarks that read real tables take those of tests/data, or of another folder, for example: make bench-m4 DATA=../m4s
export DATA

# predictions while the server trains
bench-training: setup
	$(BIN)/python -m benchmarks.training $(BENCH)

# a million documents from a MongoDB wire server, in flat memory
test-volume: setup
	$(BIN)/python -m tests.sources.volume

# wrk drives the load; options go in BENCH, for example: make bench BENCH="--rounds 5"
bench: setup
	$(BIN)/python -m benchmarks --write $(BENCH)

bench-peers: setup
	$(BIN)/python -m benchmarks.peers --write $(BENCH)

bench-variants: setup
	$(BIN)/python -m benchmarks.variants --write $(BENCH)

bench-growth: setup
	$(BIN)/python -m benchmarks.growth --write $(BENCH)

# a thousand connections beside sixty-four
bench-crowd: setup
	$(BIN)/python -m benchmarks.crowd --write $(BENCH)

bench-gluon: setup
	$(BIN)/python -m benchmarks.gluon --write $(BENCH)

bench-flame: setup
	$(BIN)/python -m benchmarks.flame --write $(BENCH)

# Kind window on M4's series, for example: make bench-m4 BENCH="--every 10"
bench-m4: setup
	$(BIN)/python -m benchmarks.m4 --write $(BENCH)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage dist $(DEMO)/.vaticina
