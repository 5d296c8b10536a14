"""Tables and data sets that several tests share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tests.contract.samples import contract
from vaticina.contract import Encoder
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.splits import repeats

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

TABLES = {
    "adult": ("adult/adult_train.csv", "income"),
    "bank_marketing": ("bank_marketing/bank_marketing_dev.csv", "deposit"),
    "german_credit": ("german_credit/german_credit_dev.csv", "class"),
    "diamonds": ("diamonds/diamonds_dev.csv", "price"),
    "online_shoppers": ("online_shoppers/online_shoppers_dev.csv", "Revenue"),
    "heart_disease": ("heart_disease/heart_cleveland.csv", "num"),
    "ktas_triage": ("ktas_triage/ktas_group1.csv", "ktas_expert"),
    "hydraulic": ("hydraulic/hydraulic_cycles_dev.csv", "unstable"),
    "bike_sharing": ("bike_sharing/bike_hour_2011.csv", "cnt"),
    "ecommerce_shipping": ("ecommerce_shipping/ecommerce_shipping_dev.csv", "Reached.on.Time_Y.N"),
}
"""Shared data by name: the file and its target."""


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
    return Dataset(sample, rows, matrix, target, repeats(matrix, target))
