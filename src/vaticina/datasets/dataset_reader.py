"""Reading a dataset: each row of a project's table is validated by its contract and encoded for its models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Encoder, Matrix, Project
from vaticina.contract.envelope import make_validator
from vaticina.contract.fields import AnyInput, Scalar
from vaticina.contract.kinds import CLASS_QUANTITIES
from vaticina.contract.validator import Row
from vaticina.contract.violations import say
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.seen_values import add_seen_values
from vaticina.datasets.splits import Index, duplicate_groups
from vaticina.datasets.target import Target, TargetType, labelled_positions, plain_numbers, read_target
from vaticina.errors import ContractViolation, DataError
from vaticina.tables import Table, read_table
from vaticina.tables.cell_values import Cell, Reader, date_reader, reader
from vaticina.tables.column_names import require_columns, required_inputs
from vaticina.tables.numbers import NUMBER

ReadColumns = dict[str, tuple[list[Cell], Reader]]
"""The column of each input, and how its cells are read."""


@dataclass(frozen=True, slots=True)
class _ValidRows:
    """Rows as the contract's validator gives them, with their positions in the table; and the rows that it refused."""

    rows: list[Row]
    positions: list[int]
    refusals: list[tuple[int, ContractViolation]]

    @property
    def first_refusal(self) -> str:
        """Why the first of the refused rows was refused; empty when none was."""
        if not self.refusals:
            return ""
        position, error = self.refusals[0]
        return f"the contract refuses row {position + 1}: {say(error.violations[0], 'en')['message']}"


def read_dataset(project: Project) -> Dataset:
    """The training rows of ``project``, with a contract that knows the ranges, categories and classes seen in them.

    Rows without a target, and rows that the contract refuses, are left out; ``notes`` says how many.

    Raises:
        DataError: no source is named, it cannot be read, a column is missing, or the rows or target cannot be used.
    """
    if project.data.source is None:
        raise DataError(f'Project {project.name!r} names no data; write [data] source = "data.csv" into project.toml.')
    return encode_table(project, read_table(project.folder / project.data.source, project.inputs, project.data))


def encode_table(project: Project, table: Table) -> Dataset:
    """The rows of ``table`` as ``read_dataset`` gives them. Raises DataError."""
    _check_columns(project, table)
    labelled = _labelled_positions(project, table)
    valid = _validate(project, table, labelled)
    target = _target(project, table, valid.positions)
    classes: tuple[Scalar, ...] = ()
    values = None
    if target is not None:
        classes, values = target.classes, target.values
    contract = project.draft(_inputs_with_seen_values(project, valid.rows), classes)
    matrix = Encoder(contract).matrix(valid.rows)
    groups = _groups(project, table, valid.positions, matrix, values)
    return Dataset(
        contract=contract,
        rows=valid.rows,
        matrix=matrix,
        target=values,
        groups=groups,
        order=_order(project, table, valid.positions, groups),
        fingerprint=table.sha256,
        notes=_notes(table.size - len(labelled), valid),
    )


def _check_columns(project: Project, table: Table) -> None:
    columns = required_inputs(project.inputs)
    columns += filter(None, (project.data.target, project.data.group, project.data.time))
    require_columns(table.path, table.columns, columns)


def _labelled_positions(project: Project, table: Table) -> list[int]:
    """The positions of the rows that have a target; all rows where none is asked for."""
    if project.data.target is None:
        return list(range(table.size))
    return labelled_positions(table.columns[project.data.target], project.data)


def _validate(project: Project, table: Table, positions: Sequence[int]) -> _ValidRows:
    """The rows at ``positions`` that the contract allows. Raises DataError when there are none."""
    validator = make_validator(project.draft())
    columns = _columns(project, table)
    valid = _ValidRows([], [], [])
    for position in positions:
        try:
            valid.rows.append(validator.check(_input_values(columns, position)))
        except ContractViolation as error:
            valid.refusals.append((position, error))
        else:
            valid.positions.append(position)
    if not valid.rows:
        raise DataError(f"No row of {table.path} can be used: {valid.first_refusal or 'none has a target'}.")
    return valid


def _input_values(columns: ReadColumns, position: int) -> Row:
    """The inputs in the row at ``position`` as a client would send them; an empty cell is an input that is not sent."""
    values = {}
    for name, (cells, read) in columns.items():
        value = read(cells[position])
        if value is not None:
            values[name] = value
    return values


def _columns(project: Project, table: Table) -> ReadColumns:
    """The column of each input that the table has, and how its cells are read."""
    columns = {}
    for name, field in project.inputs.items():
        if name in table.columns:
            columns[name] = (table.columns[name], reader(field, name, project.data))
    return columns


def _notes(unlabelled: int, valid: _ValidRows) -> tuple[str, ...]:
    """How many rows were left out, and why."""
    notes = []
    if unlabelled:
        notes.append(f"{unlabelled} rows without a target are left out")
    if valid.refusals:
        notes.append(f"{len(valid.refusals)} rows are left out: {valid.first_refusal}")
    return tuple(notes)


def _target(project: Project, table: Table, positions: Sequence[int]) -> Target | None:
    """The target of the rows at ``positions``; None when there is nothing to predict."""
    if project.data.target is None:
        return None
    texts = _texts(table, project.data.target, positions)
    target_type = project.data.target_kind or _target_type(project)
    plain = plain_numbers(texts, project.data.target, project.data)
    if target_type == "number" or all(map(NUMBER.fullmatch, plain)):
        texts = plain
    return read_target(project.data.target, texts, target_type)


def _target_type(project: Project) -> TargetType | None:
    """The type that ``[outputs]`` implies: a label means classes, a value means a number."""
    quantities = {output.quantity for output in project.outputs.values()}
    if "value" in quantities:
        return "number"
    if quantities & CLASS_QUANTITIES:
        return "classes"
    return None


def _inputs_with_seen_values(project: Project, rows: Sequence[Row]) -> dict[str, AnyInput]:
    inputs = {}
    for name, field in project.inputs.items():
        inputs[name] = add_seen_values(field, [row[name] for row in rows])
    return inputs


def _groups(
    project: Project, table: Table, positions: Sequence[int], matrix: Matrix, target: NDArray[Any] | None
) -> Index:
    """The groups of ``[data] group``; without it, exact duplicates form a group."""
    if project.data.group is None:
        return duplicate_groups(matrix, target)
    names = _texts(table, project.data.group, positions)
    return np.unique(names, return_inverse=True)[1]


def _order(project: Project, table: Table, positions: Sequence[int], groups: Index) -> NDArray[Any] | None:
    """What the rows are sorted by: their time.

    With ``[data] group`` it is instead each row's rank in its own group's time, from 0 to 1, so that the last part of
    every group is held out.
    """
    times = _times(project, table, positions)
    if times is None or project.data.group is None:
        return times
    by_group_and_time = np.lexsort((times, groups))
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    sorted_groups = groups[by_group_and_time]
    ranks = np.empty(len(times))
    ranks[by_group_and_time] = (np.arange(len(times)) - starts[sorted_groups]) / sizes[sorted_groups]
    return ranks


def _times(project: Project, table: Table, positions: Sequence[int]) -> NDArray[Any] | None:
    """The cells of ``[data] time``: as numbers where all are numbers, else as texts, by which ISO dates sort."""
    if project.data.time is None:
        return None
    numbers = plain_numbers(_texts(table, project.data.time, positions), project.data.time, project.data)
    texts = list(map(date_reader(project.data.time, project.data), numbers))
    try:
        return np.array([float(text or "nan") for text in texts])
    except ValueError:
        return np.array(texts)


def _texts(table: Table, column: str, positions: Sequence[int]) -> Sequence[str]:
    """The texts of ``column`` at ``positions``; an empty one where there is no value."""
    cells = table.columns[column]
    return [cells[position] or "" for position in positions]
