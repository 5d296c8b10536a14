"""Every row of a CSV file, answered by one version into another file."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from vaticina.errors import DataError
from vaticina.progress import Report
from vaticina.scoring.answer_cells import Answerer, Version
from vaticina.scoring.checked_rows import Checker
from vaticina.scoring.csv_input import Line, Sheet
from vaticina.scoring.row_errors import Policy, Refuse, SetAside

BATCH = 1_000
"""Rows that are in memory, and that the model answers, at once."""


@dataclass(frozen=True, slots=True)
class Files:
    """What is read and what is written; rows that cannot be scored go to ``aside``, or without it refuse the file."""

    source: Path
    target: Path
    aside: Path | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """How many rows were answered, and how many were set aside."""

    rows: int
    aside: int


def score(version: Version, files: Files, report: Report) -> Scored:
    """Appends the answers' columns to the rows of ``files.source``, in their order, and writes ``files.target``.

    Memory does not grow with the file. What is written appears whole or not at all.

    Raises:
        ContractViolation: rows cannot be scored, and there is no file to set them aside in; the first 20 are told.
        DataError: the source is no CSV file, lacks a column, or has one named like an answer; or a file is named twice.
    """
    _check_apart(files)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(files.source.open("rb"))
        except OSError as error:
            raise DataError(f"{files.source} cannot be read: {error.strerror}.") from None
        sheet = Sheet(files.source, file)
        checker, answerer = Checker(version.contract, sheet), Answerer(version)
        _check_names(sheet, answerer)
        policy = _policy(files, sheet, stack)
        target = csv.writer(stack.enter_context(_replacing(files.target)), **sheet.style)
        target.writerow([*sheet.header, *answerer.columns.names])
        rows = 0
        for lines in _batches(sheet.lines()):
            answered = _answered(lines, checker, answerer, policy)
            target.writerows(answered)
            rows += len(answered)
            report("scoring", sheet.share)
        policy.finish()
        return Scored(rows, policy.rows)


def _answered(lines: list[Line], checker: Checker, answerer: Answerer, policy: Policy) -> list[list[str]]:
    """The cells of the lines that can be answered; nothing more is predicted once nothing will be written."""
    goods, faults = checker.check(lines)
    policy.take(faults)
    if policy.stopped:
        return []
    pairs, failures = answerer.answer(goods)
    policy.take(failures)
    return [[*line.cells, *cells] for line, cells in pairs]


def _policy(files: Files, sheet: Sheet, stack: ExitStack) -> Policy:
    if files.aside is None:
        return Refuse(files.source.name)
    return SetAside(csv.writer(stack.enter_context(_replacing(files.aside)), **sheet.style), sheet.header)


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of ``path`` once all is written; a failure leaves what was there."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def _check_apart(files: Files) -> None:
    paths = [path.resolve() for path in (files.source, files.target, files.aside) if path]
    if len(set(paths)) < len(paths):
        raise DataError("The file to read and the files to write must be different ones.")


def _check_names(sheet: Sheet, answerer: Answerer) -> None:
    repeated = [name for name in answerer.columns.names if name in sheet.header]
    if repeated:
        names = ", ".join(map(repr, repeated))
        raise DataError(f"{sheet.path} already has the column {names}, which the answer would add; rename or drop it.")
