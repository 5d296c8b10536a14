"""The same table in Spanish and in English notation: equal contracts, equal rows, equal predictions."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from tests.cli.shell import done
from vaticina.client.api_schema import ServerSchema
from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.requests import ReplayRequests
from vaticina.contract import Project, load_project
from vaticina.datasets.dataset_reader import read_dataset
from vaticina.scoring.checked_rows import RowChecker
from vaticina.sources.table_documents import read_documents
from vaticina.tables import open_table

ROWS = 120
FIRST_DAY = datetime(2023, 1, 1)  # noqa: DTZ001 -- a date without a place


@dataclass(frozen=True)
class Row:
    """A row of the table, whatever its notation."""

    day: datetime
    amount: float
    discount: float
    price: float
    member: bool
    city: str
    paid: float | None


def rows() -> Iterator[Row]:
    source = np.random.default_rng(3)
    for number in range(ROWS):
        yield Row(
            day=FIRST_DAY + timedelta(days=number * 3, hours=number % 24, minutes=number % 60),
            amount=round(float(source.uniform(10, 5_000)), 2),
            discount=round(float(source.uniform(0, 50)), 1),
            price=round(float(source.uniform(-20, 2_000)), 2),
            member=bool(source.integers(2)),
            city=("Lima", "Cádiz", "São Paulo")[number % 3],
            paid=None if number % 17 == 0 else round(float(source.uniform(100, 3_000)), 2),
        )


def spanish(number: float, digits: int) -> str:
    return f"{number:,.{digits}f}".translate(str.maketrans(".,", ",."))


def written(folder: Path, notation: str) -> Path:
    """The table as Excel exports it in Spain, or in the United States."""
    folder.mkdir()
    path = folder / "shop.csv"
    is_spanish = notation == "spanish"
    with path.open("w", encoding="cp1252" if is_spanish else "utf-8-sig", newline="") as file:
        if is_spanish:
            file.write("Ventas de la tienda\r\n\r\n")
        table = csv.writer(file, delimiter=";" if is_spanish else ",")
        table.writerow(["day", "amount", "discount", "price", "member", "city", "paid"])
        for row in rows():
            table.writerow(spanish_cells(row) if is_spanish else english_cells(row))
    return path


def spanish_cells(row: Row) -> list[str]:
    return [
        f"{row.day:%d/%m/%Y %H:%M}",
        spanish(row.amount, 2),
        f"{spanish(row.discount, 1)} %",
        f"{spanish(row.price, 2)} €",
        "Sí" if row.member else "No",
        row.city,
        "-" if row.paid is None else spanish(row.paid, 2),
    ]


def english_cells(row: Row) -> list[str]:
    return [
        f"{row.day:%m/%d/%Y %I:%M %p}",
        f"{row.amount:,.2f}",
        f"{row.discount}%",
        f"€{row.price:,.2f}",
        "yes" if row.member else "no",
        row.city,
        "#N/A" if row.paid is None else f"{row.paid:,.2f}",
    ]


@dataclass(frozen=True)
class Trained:
    """A project that was learnt from the table, and its folder."""

    project: Project
    table: Path
    predictions: list[float]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Trained]:
    folder = tmp_path_factory.mktemp("notations")
    return trained(folder / "es", "spanish"), trained(folder / "en", "english")


def trained(folder: Path, notation: str) -> Trained:
    table = written(folder, notation)
    done("init", "shop", "--from", table, "--target", "paid", "--folder", folder, "--json")
    file = folder / "shop" / "project.toml"
    quick = file.read_text().replace('estimator = "auto"', 'estimator = "sklearn.tree.DecisionTreeRegressor"')
    file.write_text(quick)
    done("train", folder / "shop", "--json")
    done("score", folder / "shop", table, folder / "answered.csv", "--json")
    answered = (folder / "answered.csv").read_text(encoding="utf-8").splitlines()
    predictions = [float(line.replace(";", ",").rpartition(",")[2]) for line in answered[1:]]
    return Trained(load_project(folder / "shop"), table, predictions)


def test_the_words_are_written_into_the_project(both: tuple[Trained, Trained]) -> None:
    spain, states = (trained.project.data.model_dump(exclude_defaults=True) for trained in both)
    assert spain == {
        "source": "data/shop.csv",
        "target": "paid",
        "decimal": ",",
        "thousands": ".",
        "dates": "day-first",
        "units": ("%", "€"),
        "missing": ("-",),
        "yes": ("sí",),
        "no": ("no",),
        "encoding": "cp1252",
    }
    assert states == {
        "source": "data/shop.csv",
        "target": "paid",
        "decimal": ".",
        "thousands": ",",
        "dates": "month-first",
        "units": ("%", "€"),
        "missing": ("#N/A",),
        "yes": ("yes",),
        "no": ("no",),
    }


def test_contracts_and_rows_are_equal(both: tuple[Trained, Trained]) -> None:
    spain, states = (read_dataset(trained.project) for trained in both)
    assert spain.contract.inputs == states.contract.inputs
    assert [field.type for field in spain.contract.inputs.values()] == [
        "instant", "number", "number", "number", "flag", "category"
    ]  # fmt: skip
    assert spain.rows == states.rows
    assert np.array_equal(spain.matrix, states.matrix)
    assert spain.target is not None
    assert states.target is not None
    assert np.array_equal(spain.target, states.target)
    labelled = [row for row in rows() if row.paid is not None]
    assert spain.target.tolist() == [row.paid for row in labelled]
    assert [row["amount"] for row in spain.rows] == [row.amount for row in labelled]


def test_predictions_are_equal(both: tuple[Trained, Trained]) -> None:
    spain, states = both
    assert len(spain.predictions) == ROWS
    assert spain.predictions == states.predictions


def test_score_replay_and_data_load_read_what_training_reads(both: tuple[Trained, Trained]) -> None:
    expected = list(rows())
    for trained in both:
        notation = trained.project.data
        checked, errors = RowChecker(trained.project.draft(), open_table(trained.table, notation)).check(
            list(open_table(trained.table, notation).rows())
        )
        assert not errors
        assert [row.values["price"] for row in checked] == [row.price for row in expected]
        documents: list[dict[str, Any]] = []
        for batch in read_documents(trained.table, notation=notation):
            documents += batch.documents
        assert [document["price"] for document in documents] == [row.price for row in expected]
        assert [document["day"] for document in documents] == [row.day.isoformat() for row in expected]
        assert [document.get("paid") for document in documents] == [row.paid for row in expected]
        table = open_table(trained.table, notation)
        plan = ReplayPlan(count=30, delay=(0.0, 0.0))
        requests = ReplayRequests(table, ServerSchema(trained.project.inputs, "paid", is_number=True), plan)
        positions = np.random.RandomState(plan.seed).randint(0, ROWS, plan.count).tolist()
        for request, position in zip(requests, positions, strict=True):
            body, row = orjson.loads(request.body), expected[position]
            assert (body["amount"], body["discount"], body["member"]) == (row.amount, row.discount, row.member)
            assert body["day"] == row.day.isoformat()
            if row.paid is not None:
                assert float(request.label) == row.paid


def test_another_notation_than_the_project_s_is_refused_and_not_guessed(both: tuple[Trained, Trained]) -> None:
    spain, states = both
    rows_of_the_other = list(open_table(states.table, spain.project.data).rows())
    checked, errors = RowChecker(spain.project.draft(), open_table(states.table, spain.project.data)).check(
        rows_of_the_other
    )
    assert not checked
    assert {error.field for error in errors} >= {"amount", "price"}
