"""Writes data/train_data.parquet and data/test_data.parquet, items new or used: python scripts/generate_items.py.

Known of the real items (MercadoLibre, Argentina): their fields and typical values; some 54 % are new; a good model of
them has a ROC-AUC of 0.93 and is right in 85 of 100 cases. Here the condition of an item is drawn first and its fields
after it: used ones come one at a time, in free listings, from people who hand them over; new ones in stock, from shops
that pay for their listings, send for free and relist. Each sign is doubtful by itself, and one item in fifty is
labelled wrong.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[1]

TRAIN, TEST = 12_000, 2_000
SEED = 42
NEW_SHARE = 0.54
MISLABELLED = 0.02

USED, NEW = 0, 1

Texts = dict[str, tuple[float, float]]

STATES = {"Capital Federal": 0.46, "Buenos Aires": 0.34, "Santa Fe": 0.08, "Córdoba": 0.08, "Mendoza": 0.04}
CITIES = {
    "Capital Federal": ("Palermo", "Caballito", "Belgrano", "Villa Crespo", "Flores"),
    "Buenos Aires": ("La Plata", "Quilmes", "Morón", "San Isidro"),
    "Santa Fe": ("Rosario", "Santa Fe"),
    "Córdoba": ("Córdoba", "Villa María"),
    "Mendoza": ("Mendoza",),
}
"""Where items are offered; the condition does not hang on it."""

SHIPPING: Texts = {"me2": (0.32, 0.55), "not_specified": (0.58, 0.38), "custom": (0.08, 0.05), "me1": (0.02, 0.02)}
LISTING: Texts = {
    "free": (0.37, 0.05),
    "bronze": (0.43, 0.50),
    "silver": (0.12, 0.14),
    "gold": (0.04, 0.10),
    "gold_special": (0.03, 0.17),
    "gold_premium": (0.01, 0.04),
}
BUYING: Texts = {"buy_it_now": (0.90, 0.985), "auction": (0.08, 0.003), "classified": (0.02, 0.012)}
STATUS: Texts = {"active": (0.95, 0.94), "paused": (0.03, 0.05), "closed": (0.02, 0.01)}
CURRENCY: Texts = {"ARS": (0.985, 0.995), "USD": (0.015, 0.005)}
"""Value -> how often a used item has it, and a new one."""

ATTRIBUTES = ((None, None, None), ("FIND", "Ficha técnica", "SEASON"), ("DFLT", "Otros", "GENDER"))
ATTRIBUTE_SHARES = ((0.92, 0.05, 0.03), (0.80, 0.12, 0.08))
"""Of used items, and of new ones."""


def items(rows: int, seed: int = SEED) -> pd.DataFrame:
    """``rows`` items with their condition in the first column, always the same for one ``seed``."""
    random = np.random.default_rng(seed)
    condition = np.where(random.random(rows) < NEW_SHARE, NEW, USED)
    said = np.where(random.random(rows) < MISLABELLED, 1 - condition, condition)
    state = random.choice(list(STATES), rows, p=list(STATES.values()))
    attributes = _attributes(condition, random)
    stock, left, amount = _sales(condition, random)
    age, period = _hours(condition, random)
    return pd.DataFrame(
        {
            "condition": np.array(["used", "new"])[said],
            "state": state,
            "city": [str(random.choice(CITIES[name])) for name in state],
            "local_pickup": _flag(condition, (0.86, 0.75), random),
            "free_shipping": _flag(condition, (0.01, 0.06), random),
            "shipping_mode": _text(condition, SHIPPING, random),
            "listing_type": _text(condition, LISTING, random),
            "buying_mode": _text(condition, BUYING, random),
            **attributes,
            "status": _text(condition, STATUS, random),
            "accepts_mercadopago": _flag(condition, (0.965, 0.99), random),
            "currency": _text(condition, CURRENCY, random),
            "automatic_relist": _flag(condition, (0.01, 0.09), random),
            "stock_quantity": stock,
            "available_quantity": left,
            "total_amount": amount,
            "date_difference_hr": age,
            "time_difference_hr": period,
        }
    )


def _text(condition: NDArray[Any], shares: Texts, random: np.random.Generator) -> NDArray[Any]:
    """A value for each item, drawn by its condition."""
    table = np.cumsum(np.array(list(shares.values())).T, axis=1)
    at = (random.random(len(condition))[:, None] > table[condition]).sum(axis=1)
    values: NDArray[Any] = np.array(list(shares))[np.minimum(at, len(shares) - 1)]
    return values


def _flag(condition: NDArray[Any], shares: tuple[float, float], random: np.random.Generator) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = random.random(len(condition)) < np.array(shares)[condition]
    return flags


def _attributes(condition: NDArray[Any], random: np.random.Generator) -> dict[str, list[str | None]]:
    """The three optional fields, which come together or not at all."""
    drawn = [ATTRIBUTES[random.choice(3, p=ATTRIBUTE_SHARES[one])] for one in condition]
    names = ("attribute_group_id", "attribute_group", "attribute_id")
    return {name: [values[at] for values in drawn] for at, name in enumerate(names)}


def _sales(condition: NDArray[Any], random: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Pieces put up and left, and pesos taken: price times pieces sold."""
    rows = len(condition)
    several = random.random(rows) < np.array((0.06, 0.62))[condition]
    stock = np.where(several, 1 + np.ceil(random.lognormal(2.2, 1.2, rows)), 1).astype(np.int64)
    sold = random.binomial(stock, np.array((0.05, 0.12))[condition])
    price = np.round(random.lognormal(np.array((5.0, 5.6))[condition], 1.1), 2)
    return stock, stock - sold, np.round(price * sold, 2)


def _hours(condition: NDArray[Any], random: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """From creation to the last change, and from start to end of the listing: 60 days unless an auction or relisted."""
    age = np.round(random.gamma(np.array((0.6, 1.0))[condition], np.array((350.0, 520.0))[condition]), 2)
    period = np.where(random.random(len(condition)) < np.array((0.9, 0.8))[condition], 1440.0, 168.0)
    longer = random.random(len(condition)) < np.array((0.02, 0.10))[condition]
    return age, np.where(longer, 1440.0 * random.integers(2, 6, len(condition)), period)


def write_items(folder: Path, train: int = TRAIN, test: int = TEST) -> None:
    """Writes both files into ``folder``; each is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows, seed in (("test_data", test, SEED + 1), ("train_data", train, SEED)):
        partial = folder / f"{name}.partial"
        items(rows, seed).to_parquet(partial, index=False)
        partial.replace(folder / f"{name}.parquet")


if __name__ == "__main__":
    write_items(FOLDER / "data")
    print(f"{FOLDER / 'data'}")
