"""The columns that a model of somebody else takes, beside what its contract says of them."""

from typing import Any

from vaticina.contract import Contract
from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Instant, Series
from vaticina.errors import ImportRefused
from vaticina.formats.columns import FittedColumn, FittedTable
from vaticina.formats.contract_draft import is_identifier, may_be_identifier
from vaticina.formats.estimators.frame_model import FrameColumn
from vaticina.formats.estimators.threshold import OwnThreshold


def frame_columns(contract: Contract, table: FittedTable) -> list[FrameColumn]:
    """Where each column that the model uses stands in the encoded matrix.

    Raises ImportRefused for a column that the model cannot take as its input says.
    """
    places: dict[str, int] = {}
    for index, encoded in enumerate(contract.columns):
        places[encoded.input] = index
    columns = []
    for fitted in table.columns:
        if fitted.used:
            columns.append(_frame_column(fitted, contract.inputs[fitted.name], places.get(fitted.name)))
    return columns


def _frame_column(fitted: FittedColumn, field: AnyInput, place: int | None) -> FrameColumn:
    reason = _misfit(fitted, field)
    if reason is not None:
        raise ImportRefused(f"The column {fitted.name!r} {reason}.")
    column = FrameColumn(name=fitted.name, at=place, values=_categories(field, fitted))
    if fitted.learnt_none:
        column["missing_is_none"] = True
    return column


def _misfit(fitted: FittedColumn, field: AnyInput) -> str | None:
    """Why the model cannot take the input ``field`` for its column; None when it can."""
    if fitted.learnt_none and fitted.learnt_nan:
        return (
            "has both None and NaN among its categories, and a missing value of a request could be either; fit the "
            "model again with one of them"
        )
    if isinstance(field, Identifier):
        return _misfit_of_identifier(fitted)
    if isinstance(field, Instant | Series):
        return f"is a {field.type} in the contract, which no part of the model takes; declare it as the model knows it"
    is_text = fitted.categories is not None and isinstance(fitted.categories[0], str)
    if is_text and not isinstance(field, Category):
        return f'is a {field.type} in the contract, and the model knows it as texts; declare type = "category"'
    if fitted.categories and isinstance(field, Category) and field.known and field.whole == is_text:
        return f"has categories in the contract of another type than the model's own, such as {fitted.categories[0]!r}"
    return None


def _misfit_of_identifier(fitted: FittedColumn) -> str | None:
    """Why a column that the model uses cannot name rows: it must take a text that it has not seen."""
    if fitted.categories is None:
        return "is a number to the model, so it cannot only name rows; leave --id out, or let it name another field"
    if fitted.refuses_others:
        return "may hold its own categories only, so it cannot name rows; leave --id out, or let it name another field"
    return None


def _categories(field: AnyInput, fitted: FittedColumn) -> list[Any] | None:
    """The values of a column by the codes that the contract gives them; None for a number."""
    if isinstance(field, Category):
        return list(field.known)
    if isinstance(field, Flag):
        return [False, True]
    if isinstance(field, Identifier):
        return list(fitted.categories or ())
    return None


def column_notes(
    table: FittedTable, contract: Contract, identifier: str, threshold: OwnThreshold | None
) -> tuple[str, ...]:
    """What people should be told of the columns, and of the model's own threshold."""
    notes = []
    for column in table.columns:
        note = _column_note(column, contract, identifier)
        if note:
            notes.append(note)
    if not table.has_names:
        notes.append("the files hold no names of columns, so they are called x0, x1, …: name them with --contract")
    if threshold is not None:
        notes.append(
            f"{threshold.positive!r} is answered from the probability {threshold.value:g} on, as the model says; "
            "[model] threshold in project.toml replaces that"
        )
    return tuple(notes)


def _column_note(column: FittedColumn, contract: Contract, identifier: str) -> str:
    """What people should be told of ``column``; empty when there is nothing."""
    if column.name not in contract.inputs and not is_identifier(column, identifier):
        return f"no part of the model uses {column.name}, so it is no input"
    if column.used and isinstance(contract.inputs[column.name], Identifier):
        return (
            f"the model uses {column.name} as a feature; it names the row here, and every row is answered as one whose "
            f"{column.name} the model has not seen"
        )
    if may_be_identifier(column):
        return (
            f"{column.name} is called like a name of rows, and the model uses it as a feature with "
            f"{len(column.categories or ())} values, so it is an input; if it only names rows: --id {column.name}"
        )
    return ""
