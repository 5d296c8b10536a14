"""Every row of a table, answered by one version, written to a CSV file."""

import csv
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError
from vaticina.progress import Report
from vaticina.scoring.answer_cells import RowAnswerer, Version
from vaticina.scoring.answer_columns import AnswerColumns
from vaticina.scoring.checked_rows import RowChecker
from vaticina.scoring.input_file import regular_file
from vaticina.scoring.output_file import is_standard_output, is_stream, writing
from vaticina.scoring.row_errors import RefuseFile, RowErrorPolicy, SetRowsAside
from vaticina.tables import TableFile, TableRow, open_table

BATCH = 1_000
"""Rows that are in memory, and that the model answers, at once."""


@dataclass(frozen=True, slots=True)
class ScoringFiles:
    """The table to read (CSV, Parquet or Excel) and the CSV file to write.

    Rows that cannot be scored are written to ``aside``; without it, one such row refuses the table. ``-`` is the
    standard input, or the standard output. ``notation`` says how the table is written.
    """

    source: Path
    target: Path
    aside: Path | None = None
    notation: TableNotation = PLAIN


@dataclass(frozen=True, slots=True)
class ScoringSummary:
    """How many rows were answered, and how many were set aside."""

    rows: int
    aside: int


def score(version: Version, files: ScoringFiles, report: Report) -> ScoringSummary:
    """Appends the columns of the answers to the rows of ``files.source``, in their order, and writes ``files.target``.

    Memory does not grow with the file. The target is written whole or not at all, also when it is a device or a pipe.

    Raises:
        ContractViolation: rows cannot be scored, and there is no file to set them aside in; it lists the first 20.
        DataError: the source is not a table, lacks a column, or has one named like an answer; or a file is named twice.
        MissingExtra: the source is Parquet, and pyarrow is not installed.
    """
    _check_different(files)
    with regular_file(files.source) as source:
        return _score_table(version, open_table(source, files.notation), files, report)


def _score_table(version: Version, table: TableFile, files: ScoringFiles, report: Report) -> ScoringSummary:
    checker, answerer = RowChecker(version.contract, table), RowAnswerer(version)
    _check_names(table, answerer.columns)
    with ExitStack() as stack:
        policy = _policy(files, table, stack)
        target = _writer(stack.enter_context(writing(files.target)), table)
        target.writerow([*table.header, *answerer.columns.names])
        count = 0
        for rows in _batches(table.rows()):
            answered = _answered(rows, checker, answerer, policy)
            target.writerows(answered)
            count += len(answered)
            report("scoring", table.share)
        policy.finish()
        return ScoringSummary(count, policy.rows)


def _answered(
    rows: list[TableRow], checker: RowChecker, answerer: RowAnswerer, policy: RowErrorPolicy
) -> list[list[object]]:
    """The cells of the rows that can be answered, with their answers; none once the file is to be refused."""
    checked, errors = checker.check(rows)
    policy.add(errors)
    if policy.refuses:
        return []
    answered, failures = answerer.answer(checked)
    policy.add(failures)
    return [[*row.source.cells, *row.answer] for row in answered]


def _policy(files: ScoringFiles, table: TableFile, stack: ExitStack) -> RowErrorPolicy:
    if files.aside is None:
        return RefuseFile(files.source.name)
    return SetRowsAside(_writer(stack.enter_context(writing(files.aside)), table), table.header)


def _writer(file: TextIO, table: TableFile) -> Any:
    """Writes CSV files with the delimiter of ``table``."""
    return csv.writer(file, delimiter=table.delimiter, lineterminator="\n")


def _batches(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _check_different(files: ScoringFiles) -> None:
    outputs = [path for path in (files.target, files.aside) if path]
    regular = [path for path in outputs if not is_stream(path)]
    paths = [os.path.realpath(path) for path in (files.source, *regular)]
    to_standard_output = list(filter(is_standard_output, outputs))
    if len(set(paths)) < len(paths) or len(to_standard_output) > 1:
        raise DataError("The file to read and the files to write must be different ones.")


def _check_names(table: TableFile, columns: AnswerColumns) -> None:
    repeated = [name for name in columns.names if name in table.names]
    if repeated:
        names = ", ".join(map(repr, repeated))
        raise DataError(f"{table.path} already has the column {names}, which the answer would add; rename or drop it.")
