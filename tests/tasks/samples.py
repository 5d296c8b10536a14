"""Tables and data sets that several tests share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tests.contract.samples import contract
from vaticina.contract import Encoder
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.splits import duplicate_groups


def written(folder: Path, header: str, *lines: str) -> Path:
    """A CSV file of these lines."""
    path = folder / "data.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def numbers(columns: dict[str, NDArray[Any]], target: NDArray[Any], classes: Sequence[Any] = ()) -> Dataset:
    """A data set of number columns, as reading would make it; ``target`` holds indices into ``classes`` if any."""
    sample = contract({name: {"type": "number"} for name in columns}, classes=list(classes))
    cells = zip(*(column.tolist() for column in columns.values()), strict=True)
    rows = [dict(zip(columns, values, strict=True)) for values in cells]
    matrix = Encoder(sample).matrix(rows)
    return Dataset(sample, rows, matrix, target, duplicate_groups(matrix, target))
