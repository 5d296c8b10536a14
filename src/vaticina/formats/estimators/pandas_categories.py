"""Columns of texts as the categorical columns of pandas that a booster was trained on."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


class PandasCategories:
    """A transformer of tables, which stands before a booster.

    ``lists`` holds the categories of each such column by its name, in the order of their codes. Published pickles hold
    this attribute, so it stays as it is. Any other value is missing, as ``set_categories`` of pandas makes it.
    """

    def __init__(self, lists: Mapping[str, Sequence[Any]]) -> None:
        self.lists = {name: list(values) for name, values in lists.items()}

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table`` with its columns of categories as pandas has them."""
        columns = {}
        for name in table.columns:
            columns[name] = table[name]
            if name in self.lists:
                columns[name] = _categorical(table[name], self.lists[name])
        return pd.DataFrame(columns, index=table.index)


def _categorical(column: pd.Series, categories: Sequence[Any]) -> pd.Categorical:
    """``column`` as codes of ``categories``; whole numbers and flags may come as doubles, which equal them."""
    code_of = {value: code for code, value in enumerate(categories)}
    codes = [code_of.get(value, -1) for value in column]
    return pd.Categorical.from_codes(codes, categories=list(categories))
