"""The table that documents promise."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from tests.history.samples import records
from vaticina.errors import SettingsError
from vaticina.history.schema import VERSION_TABLE
from vaticina.history.sql import open_history
from vaticina.history.urls import parse

COLUMNS = {"id": "id", "input": "entrada_json", "label": "prediccion", "score": "probabilidad", "time": "timestamp"}


def select(url: str, query: str) -> list[dict[str, object]]:
    engine = create_engine(parse(url))
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(text(query)).mappings()]
    engine.dispose()
    return rows


def test_a_view_shows_one_project(history_url: str) -> None:
    history = open_history(history_url)
    moments = [datetime(2026, 11, 20, 18, 23, 53, 123_456, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]
    history.append(records(1, time=moments[0]) + records(1, project="other") + records(1, time=moments[1], score=None))
    history.ensure_view("medico", "prediccion", COLUMNS)
    history.ensure_view("medico", "prediccion", COLUMNS)
    rows = select(history_url, "SELECT * FROM prediccion ORDER BY id LIMIT 5")
    assert rows == [
        {
            "id": 1,
            "entrada_json": '{"edad":45.0,"fiebre":39.5,"dolor":8.0}',
            "prediccion": "ENFERMEDAD CRÓNICA",
            "probabilidad": 0.8213,
            "timestamp": "2026-11-20T18:23:53.123456",
        },
        {**rows[0], "id": 3, "probabilidad": None, "timestamp": "2027-01-01T00:00:00.000000"},
    ]
    history.ensure_view("other", "prediccion", COLUMNS)
    assert [row["id"] for row in select(history_url, "SELECT id FROM prediccion")] == [2]
    history.close()


def test_a_project_s_name_is_data(history_url: str) -> None:
    name = "o'brien %s ?; DROP TABLE predictions"
    history = open_history(history_url)
    history.append(records(2, project=name))
    history.ensure_view(name, "order", COLUMNS)
    assert len(select(history_url, 'SELECT * FROM "order"')) == 2
    history.close()


def test_a_view_whose_columns_have_other_names_now_is_replaced(history_url: str) -> None:
    history = open_history(history_url)
    history.append(records(1))
    history.ensure_view("medico", "prediccion", COLUMNS)
    history.ensure_view("medico", "prediccion", {"score": "id", "label": "order"})
    (row,) = select(history_url, "SELECT * FROM prediccion")
    assert list(row) == ["id", "order"]
    assert row["id"] == 0.8213
    with pytest.raises(SettingsError, match="view"):
        history.ensure_view("medico", "prediccion", {"score": 'a" --'})
    history.close()


TABLES = ("predictions", "counters", "blocks", VERSION_TABLE)


@pytest.mark.parametrize("name", ["", "Prediccion", "a b", 'a"; DROP TABLE predictions; --', "1a", "ñ", *TABLES])
def test_a_view_s_name_is_checked(history_url: str, name: str) -> None:
    history = open_history(history_url)
    with pytest.raises(SettingsError, match="view"):
        history.ensure_view("medico", name, COLUMNS)
    history.ping()
    history.close()
