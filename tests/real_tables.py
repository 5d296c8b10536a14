"""The real tables of ``tests/data``, the large ones packed; each folder's ``SOURCE.md`` says where it is from."""

import atexit
import gzip
import shutil
import tempfile
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

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
"""Name -> the file of a table and its target."""


@cache
def csv_file(name: str, data: Path = DATA) -> Path:
    """The CSV file ``name`` of the folder ``data``; a packed one is unpacked, for as long as this process runs.

    Raises:
        FileNotFoundError: there is neither ``name`` nor ``name.gz``.
    """
    plain = data / name
    if plain.is_file():
        return plain
    unpacked = _scratch() / name
    with gzip.open(data / f"{name}.gz") as packed:
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        with unpacked.open("wb") as file:
            shutil.copyfileobj(packed, file)
    return unpacked


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vaticina-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
