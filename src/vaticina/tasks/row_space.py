"""A contract in the terms of compilation: what a graph must take and answer, and which rows it may be asked."""

from collections.abc import Mapping, Sequence

from vaticina.contract import Column, Contract
from vaticina.contract.fields import AnyInput, Category, Flag, Integer, Number
from vaticina.exact.compile import Goal
from vaticina.exact.row_space import ColumnSpace, RowSpace


def goal_of(contract: Contract) -> Goal:
    """What the graph of a model of tables must take and answer; a threshold counts with two classes only."""
    classes = len(contract.classes)
    threshold = None
    if classes == 2:
        threshold = contract.model.threshold
    return Goal(len(contract.columns), classes, max(0, contract.positive_index), threshold)


Constants = Mapping[str, Sequence[float]]
"""By the name of a number's input, the values that the model treats in a way of their own."""


def row_space(contract: Contract, constants: Constants | None = None) -> RowSpace:
    """The encoded rows that the contract allows, as far as missing values and categories go."""
    columns = []
    for column in contract.columns:
        column_constants = (constants or {}).get(column.input, ())
        columns.append(_column_space(column, contract.inputs[column.input], column_constants))
    return RowSpace(tuple(columns))


def _column_space(column: Column, field: AnyInput, constants: Sequence[float]) -> ColumnSpace:
    if isinstance(field, Category):
        has_unknown = field.categories is None
        return ColumnSpace("category", column.size, has_unknown, field.optional)
    if isinstance(field, Flag):
        return ColumnSpace("category", 2, is_optional=field.optional)
    ends = _ends(field)
    if isinstance(field, Number | Integer):
        low, high = field.bounds
        constants = [constant for constant in constants if low < constant < high]
    if isinstance(field, Integer):
        return ColumnSpace(is_optional=field.optional, ends=(*ends, *filter(float.is_integer, constants)))
    return ColumnSpace(is_optional=field.optional, ends=ends, constants=tuple(constants))


def _ends(field: AnyInput) -> tuple[float, ...]:
    """The least and the largest value that was seen, then those that are declared."""
    if not isinstance(field, Number | Integer):
        return ()
    ends = [*(field.seen or ()), field.min, field.max]
    return tuple(float(end) for end in ends if end is not None)
