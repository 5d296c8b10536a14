"""The data frame that AutoGluon takes, made of encoded rows."""

from typing import Any

import numpy as np
import pandas as pd

from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import Category


def frame(contract: Contract, matrix: Matrix) -> pd.DataFrame:
    """The rows of ``matrix`` (n, columns) as AutoGluon takes them.

    Numbers, flags and parts of instants are float64; categories are texts of the contract's list. An unknown category
    is a missing one: that is how AutoGluon's own encoder reads what it did not see.
    """
    columns: dict[str, Any] = {}
    for index, column in enumerate(contract.columns):
        field = contract.inputs[column.input]
        values = matrix[:, index]
        columns[column.name] = values
        if isinstance(field, Category):
            columns[column.name] = _categories(field, values)
    return pd.DataFrame(columns, copy=False)


def _categories(field: Category, codes: Matrix) -> pd.Categorical:
    known = np.isfinite(codes) & (codes < len(field.known))
    indices = np.where(known, codes, -1).astype(np.int64)
    return pd.Categorical.from_codes(indices, categories=list(map(str, field.known)))
