"""A contract in the terms of compilation: what a graph must take and answer, and which rows it may be asked."""

from vaticina.contract import Column, Contract
from vaticina.contract.fields import AnyInput, Category, Integer, Number
from vaticina.exact.compile import Goal
from vaticina.exact.row_space import ColumnSpace, RowSpace


def goal_of(contract: Contract) -> Goal:
    """What the graph of a model of tables must take and answer; a threshold counts with two classes only."""
    classes = len(contract.classes)
    threshold = None
    if classes == 2:
        threshold = contract.model.threshold
    return Goal(len(contract.columns), classes, max(0, contract.positive_index), threshold)


def row_space(contract: Contract) -> RowSpace:
    """The encoded rows that the contract allows, as far as missing values and categories go."""
    columns = [_column_space(column, contract.inputs[column.input]) for column in contract.columns]
    return RowSpace(tuple(columns))


def _column_space(column: Column, field: AnyInput) -> ColumnSpace:
    if isinstance(field, Category):
        has_unknown = field.categories is None
        return ColumnSpace("category", column.size, has_unknown, field.optional)
    return ColumnSpace(is_optional=field.optional, ends=_ends(field))


def _ends(field: AnyInput) -> tuple[float, ...]:
    """The least and the largest value that was seen, then those that are declared."""
    if not isinstance(field, Number | Integer):
        return ()
    ends = [*(field.seen or ()), field.min, field.max]
    return tuple(float(end) for end in ends if end is not None)
