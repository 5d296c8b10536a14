"""A project's training rows, typed by its contract and encoded as its models take them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Encoder, Matrix, Project
from vaticina.contract.envelope import make_validator
from vaticina.contract.fields import AnyInput
from vaticina.contract.violations import say
from vaticina.datasets.seen_values import learn
from vaticina.datasets.splits import Index, Split, repeats, split, split_last
from vaticina.datasets.target import Kind, Target, read_target
from vaticina.errors import ContractViolation, DataError
from vaticina.tables import Table, read_table
from vaticina.tables.cell_values import Cell, reader
from vaticina.tables.column_names import require_columns, required_inputs

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows that satisfy the contract.

    ``matrix`` (rows, columns) float64 is the encoding of ``rows``; ``target`` (rows,) holds int64 indices into the
    contract's classes, or float64 numbers, or is None when there is nothing to predict. Rows of one number in
    ``units`` belong on one side of every split; ``order`` is what the last rows are told by, when time matters.
    """

    contract: Contract
    rows: list[Row]
    matrix: Matrix
    target: NDArray[Any] | None
    units: Index
    order: NDArray[Any] | None = None
    fingerprint: str = ""
    """sha256 of the bytes of the source."""
    notes: tuple[str, ...] = ()
    """What was left out, in words."""

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.matrix)

    @property
    def strata(self) -> Index:
        """What every part should hold in equal shares: the class of each row (rows,), or zeros."""
        return self.target.astype(np.intp) if self.contract.classes and self.target is not None else _zeros(self.size)

    def under(self, contract: Contract) -> "Dataset":
        """The same rows under a contract that takes the same inputs, such as one with a decision threshold."""
        return replace(self, contract=contract)

    def take(self, index: Index) -> "Dataset":
        """The rows at the positions ``index``."""
        return replace(
            self,
            rows=[self.rows[at] for at in index],
            matrix=self.matrix[index],
            target=None if self.target is None else self.target[index],
            units=self.units[index],
            order=None if self.order is None else self.order[index],
        )

    def sample(self, rows: int, seed: int = 0) -> "Dataset":
        """About ``rows`` rows, drawn by class, or all when there are fewer."""
        return self if self.size <= rows else self.take(split(self.units, self.strata, rows / self.size, seed).held)

    def split(self, share: float, seed: int = 0) -> Split:
        """Training and held-out rows: ``share`` of each class, or the last ones where a time is named."""
        if self.order is not None:
            return split_last(self.order, share)
        return split(self.units, self.strata, share, seed)


def read_dataset(project: Project) -> Dataset:
    """The training rows of ``project``, with a contract that knows the ranges, categories and classes seen in them.

    Rows without a target, and rows that the contract refuses, are left out and told in ``notes``.

    Raises:
        DataError: no source is named, it cannot be read, a column is missing, or the rows or target cannot be used.
    """
    if project.data.source is None:
        raise DataError(f'Project {project.name!r} names no data; write [data] source = "data.csv" into project.toml.')
    return encode(project, read_table(project.folder / project.data.source))


def encode(project: Project, table: Table) -> Dataset:
    """The rows of ``table`` as ``read_dataset`` gives them. Raises DataError."""
    _check_columns(project, table)
    named = _with_target(project.data.target, table)
    rows, good, refusals = _validated(project, table, named)
    target = _target(project, table, good)
    inputs: dict[str, AnyInput] = {
        name: learn(field, [row[name] for row in rows]) for name, field in project.inputs.items()
    }
    contract = project.draft(inputs, target.classes if target else ())
    matrix = Encoder(contract).matrix(rows)
    values = target.values if target else None
    units = _units(project, table, good, partial(repeats, matrix, values))
    return Dataset(
        contract=contract,
        rows=rows,
        matrix=matrix,
        target=values,
        units=units,
        order=_order(project, table, good, units),
        fingerprint=table.sha256,
        notes=(*_missing_targets(table.size - len(named)), *refusals),
    )


def _check_columns(project: Project, table: Table) -> None:
    needed = required_inputs(project.inputs)
    needed += [name for name in (project.data.target, project.data.group, project.data.time) if name]
    require_columns(table.path, table.columns, needed)


def _with_target(target: str | None, table: Table) -> list[int]:
    if target is None:
        return list(range(table.size))
    return [at for at, cell in enumerate(table.columns[target]) if cell is not None]


def _missing_targets(count: int) -> list[str]:
    return [f"{count} rows without a target are left out"] if count else []


def _validated(project: Project, table: Table, named: Sequence[int]) -> tuple[list[Row], list[int], list[str]]:
    """The rows as the contract's own validator gives them, their positions, and a word on those that it refuses."""
    validator = make_validator(project.draft())
    columns = {name: (table.columns[name], reader(project.inputs[name])) for name in _present(project, table)}
    rows, good, refused = [], [], []
    for at in named:
        try:
            rows.append(validator.check({name: read(cells[at]) for name, (cells, read) in columns.items()}))
        except ContractViolation as error:
            refused.append((at, error))
        else:
            good.append(at)
    if not rows:
        why = _refusal(*refused[0]) if refused else "none has a target"
        raise DataError(f"No row of {table.path} can be used: {why}.")
    return rows, good, [f"{len(refused)} rows are left out: {_refusal(*refused[0])}"] if refused else []


def _present(project: Project, table: Table) -> list[str]:
    return [name for name in project.inputs if name in table.columns]


def _refusal(at: int, error: ContractViolation) -> str:
    return f"the contract refuses row {at + 1}: {say(error.violations[0], 'en')['message']}"


def _target(project: Project, table: Table, good: Sequence[int]) -> Target | None:
    if project.data.target is None:
        return None
    cells = table.columns[project.data.target]
    return read_target(project.data.target, [str(cells[at]) for at in good], _asked(project))


def _asked(project: Project) -> Kind | None:
    """What the outputs ask for: a label means classes, a value means a number."""
    quantities = {output.quantity for output in project.outputs.values()}
    if "value" in quantities:
        return "number"
    return "classes" if quantities & {"label", "probability", "positive_probability", "probabilities"} else None


def _units(project: Project, table: Table, good: Sequence[int], otherwise: partial[Index]) -> Index:
    if project.data.group is None:
        return otherwise()
    cells = table.columns[project.data.group]
    return np.unique([cells[at] or "" for at in good], return_inverse=True)[1]


def _order(project: Project, table: Table, good: Sequence[int], units: Index) -> NDArray[Any] | None:
    """What the rows are lined up by: time, or with a group too each row's place in its own group's time, from 0 to 1,
    so that the last part of every group is held out."""
    times = _times(project, table, good)
    if times is None or project.data.group is None:
        return times
    by_group = np.lexsort((times, units))
    sizes = np.bincount(units)
    starts = np.cumsum(sizes) - sizes
    ordered = units[by_group]
    places = np.empty(len(times))
    places[by_group] = (np.arange(len(times)) - starts[ordered]) / sizes[ordered]
    return places


def _times(project: Project, table: Table, good: Sequence[int]) -> NDArray[Any] | None:
    """Numbers by their size, all else (ISO dates) by their text."""
    if project.data.time is None:
        return None
    cells: list[Cell] = [table.columns[project.data.time][at] for at in good]
    try:
        return np.array([float(cell or "nan") for cell in cells])
    except ValueError:
        return np.array([cell or "" for cell in cells])


def _zeros(size: int) -> Index:
    return np.zeros(size, dtype=np.intp)
