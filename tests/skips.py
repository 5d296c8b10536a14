"""A plugin of pytest: tells which tests marked ``system`` were left out, and with ``--no-skips`` fails on any skip.

A test names what it needs, as in ``@pytest.mark.system("wrk")``; ``tests/system.py`` has the list.
"""

from collections import Counter
from typing import Any

import pytest

from tests.system import NEEDS, is_here

LEFT_OUT = pytest.StashKey[Counter[str]]()
"""What was needed -> how many tests that need it were left out."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test makes the run fail")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = Counter()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for need in _needs(item):
            if need not in NEEDS:
                raise pytest.UsageError(f"{item.nodeid} needs {need!r}, which tests/system.py does not install")


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        item.config.stash[LEFT_OUT].update(_needs(item))


def _needs(item: pytest.Item) -> set[str]:
    return {need for mark in item.iter_markers("system") for need in mark.args}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:  # this process runs some of the tests for another, which tells the result
        left_out = config.stash[LEFT_OUT]
        output["left_out"] = dict(left_out)
    elif _forbidden(config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each process of pytest-xdist collects all tests, and so leaves out the same ones."""
    left_out: Counter[str] = Counter(getattr(node, "workeroutput", {}).get("left_out"))
    node.config.stash[LEFT_OUT] = left_out


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if "not system" in config.option.markexpr:
        _tell_left_out(terminalreporter, config.stash[LEFT_OUT])
    if skipped := _forbidden(config):
        terminalreporter.line(f"--no-skips: {skipped} skipped tests make this run fail", red=True)


def _tell_left_out(reporter: pytest.TerminalReporter, left_out: Counter[str]) -> None:
    for need, count in sorted(left_out.items()):
        command = "'make test-system'"
        if not is_here(need):
            command = f"'make system' as root, which installs it, and {command}"
        reporter.line(f"left out: {count} tests that need {need}; run {command}")


def _forbidden(config: pytest.Config) -> int:
    """How many tests were skipped though none may be."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not config.getoption("no_skips"):
        return 0
    return len(reporter.stats.get("skipped", []))
