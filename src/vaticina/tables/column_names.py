"""The names of a table's columns: those that its header gives, and those that a model needs."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from vaticina.contract.fields import AnyInput
from vaticina.errors import DataError


def column_names(path: Path, header: Sequence[str]) -> list[str]:
    """The stripped names in ``header``; a column without one is called ``Unnamed: 2`` by its position, as in pandas.

    Raises:
        DataError: there is no name at all, or one of them twice.
    """
    stripped = [cell.strip() for cell in header]
    if not any(stripped):
        raise DataError(f"{path} is empty; its first line must name the columns.")
    names = [name or f"Unnamed: {position}" for position, name in enumerate(stripped)]
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise DataError(
            f"{path}: the header names {', '.join(map(repr, repeated))} more than once; "
            "each column needs a name of its own, so rename one of them."
        )
    return names


def required_inputs(inputs: Mapping[str, AnyInput]) -> list[str]:
    """The inputs that a table must have a column for: those that may not be missing and have no default."""
    return [name for name, field in inputs.items() if not field.optional and field.default is None]


def require_columns(path: Path, names: Collection[str], needed: Iterable[str]) -> None:
    """Raises DataError when one of the ``needed`` columns is not among ``names``, the columns of the table ``path``."""
    absent = [name for name in needed if name not in names]
    if absent:
        raise DataError(f"{path} has no column {', '.join(map(repr, absent))}; its columns are: {', '.join(names)}.")
