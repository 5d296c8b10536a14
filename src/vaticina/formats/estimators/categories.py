"""The categories of a booster that was trained on pandas' categorical columns: which it needs, and who tells them."""

from collections.abc import Sequence
from typing import Any

from vaticina.contract import Contract, Project
from vaticina.contract.fields import Category
from vaticina.errors import ImportRefused
from vaticina.formats.booster_columns import category_lists
from vaticina.formats.columns import FittedTable
from vaticina.formats.estimators.frame_model import CATEGORY, FrameColumn, FrameModel
from vaticina.formats.estimators.pandas_categories import PandasCategories


def check_categories(part: Any, table: FittedTable, project: Project | None) -> None:
    """Raises ImportRefused where neither the file nor the project lists the categories of a column.

    XGBoost before 3.1 keeps the codes of categories only, and later ones damage texts that are not plain ASCII. A
    number in such a column would be taken for a code.
    """
    for index, values in category_lists(part).items():
        name = table.columns[index].name
        if not values and not _declared(name, project):
            raise ImportRefused(
                f"{name} is a column of categories, and the file does not hold them whole: XGBoost before 3.1 keeps "
                "only their codes, and later ones cut texts with letters such as á and ñ. List the categories in the "
                f'order of their codes, as {name} = {{ type = "category", categories = ["…", "…"] }} under [inputs] '
                "of a contract, and name it with --contract."
            )


def _declared(name: str, project: Project | None) -> Sequence[Any]:
    """The categories that the project lists for the input called ``name``; none where it lists none."""
    if project is None:
        return ()
    field = project.inputs.get(name)
    if isinstance(field, Category):
        return field.known
    return ()


def with_categories(parts: Sequence[Any], table: FittedTable, contract: Contract) -> list[Any]:
    """``parts`` with a first one that makes categorical columns of pandas, where the booster that was first takes them.

    A list that the file does not hold is the one of the contract.
    """
    lists: dict[str, Sequence[Any]] = {}
    for index, values in category_lists(parts[0]).items():
        name = table.columns[index].name
        field = contract.inputs[name]
        lists[name] = values
        if not values and isinstance(field, Category):
            lists[name] = field.known
    if not lists:
        return list(parts)
    return [PandasCategories(lists), *parts]


def as_pandas_categories(model: FrameModel) -> list[FrameColumn]:
    """The columns of ``model`` as its owner holds them: those that it makes categories of pandas are such already."""
    first = model.parts[0]
    columns = []
    for column in model.columns:
        owned = column.copy()
        if isinstance(first, PandasCategories) and column["name"] in first.lists:
            owned["dtype"] = CATEGORY
        columns.append(owned)
    return columns
