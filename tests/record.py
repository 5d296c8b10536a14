"""A pytest plugin that keeps what became of each test of a whole run: ``pytest -p tests.record --record FILE``.

The file is JSON: the ``commit`` that was tested; the ``outcomes`` of the tests that ran, by the name that a proof in
requirements.toml gives them (``passed``, ``skipped`` or ``failed``, the worst of a test's cases and of its set-up and
tear-down); and ``left_out``, the tests that ``-m`` deselected. With pytest-xdist the controller writes it.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

OUTCOMES = ("passed", "skipped", "failed")
"""From the best to the worst."""

LEFT_OUT = "left_out"

WORKER_OUTPUT = "record_left_out"
"""Under which name a process of pytest-xdist sends what it left out; tests/skips.py sends its own under another."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", metavar="FILE", help="write the outcome of each test of this whole run to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Records where ``--record`` asks for it; a process of pytest-xdist only tells what it left out."""
    file = config.getoption("--record")
    if file is None:
        return
    if hasattr(config, "workeroutput"):
        config.pluginmanager.register(Worker(config.workeroutput))
        return
    if config.args_source is pytest.Config.ArgsSource.ARGS or config.getoption("keyword"):
        raise pytest.UsageError("--record keeps a whole run: leave out the names of files, and -k.")
    config.pluginmanager.register(Recorder(Path(file), config.rootpath))


class Worker:
    """Sends the names of deselected tests to the controller; outcomes reach it by themselves."""

    def __init__(self, output: dict[str, Any]) -> None:
        self._output = output

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        names = {item.nodeid.partition("[")[0] for item in items}
        self._output[WORKER_OUTPUT] = sorted(names.union(self._output.get(WORKER_OUTPUT, ())))


class Recorder:
    """Collects the outcomes, and writes them to ``file`` at the end."""

    def __init__(self, file: Path, root: Path) -> None:
        self._file = file
        self._commit = commit(root)
        self._outcomes: dict[str, str] = {}
        self._left_out: set[str] = set()
        file.unlink(missing_ok=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("[")[0]
        self._outcomes[name] = worst([report.outcome, self._outcomes.get(name, "passed")])

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._left_out.update(item.nodeid.partition("[")[0] for item in items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A process of pytest-xdist ends; one that was killed has no output."""
        self._left_out.update(getattr(node, "workeroutput", {}).get(WORKER_OUTPUT, ()))

    def pytest_sessionfinish(self) -> None:
        record = {"commit": self._commit, "outcomes": self._outcomes, LEFT_OUT: sorted(self._left_out)}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")


def worst(outcomes: Iterable[str]) -> str:
    """The worst of ``outcomes``."""
    return max(outcomes, key=OUTCOMES.index)


def commit(root: Path) -> str:
    """The commit at ``root``, or ``unknown`` outside of a repository."""
    command = ["git", "-c", "safe.directory=*", "rev-parse", "HEAD"]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "unknown"
