"""Database URLs, and what is shown of them."""

import pytest

from vaticina.errors import SettingsError
from vaticina.history.sql import open_history
from vaticina.history.urls import parse


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_every_name_of_postgresql_is_taken(scheme: str) -> None:
    url = parse(f"{scheme}://ana:secret@db:5432/shop?sslmode=require")
    assert (url.drivername, url.host, url.database, url.query["sslmode"]) == (
        "postgresql+psycopg",
        "db",
        "shop",
        "require",
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "history.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://ana:hunter2@db/shop",
        "postgresql://ana:hunter2@db:port/shop",
        "postgresql://ana:hunter2:5432/@x:y/shop",
        "://hunter2",
    ],
)
def test_others_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="sqlite:///FILE or postgresql://") as caught:
        open_history(url)
    assert "hunter2" not in caught.value.message
    assert caught.value.__cause__ is None


def test_a_password_is_not_shown() -> None:
    history = open_history("postgresql://ana:hunter2@db:5433/shop?password=hunter2&host=other")
    assert repr(history) == "<SqlHistory PostgreSQL database 'shop' at db:5433>"
    history.close()
    history = open_history("sqlite:///predicciones.db")
    assert repr(history) == "<SqlHistory predicciones.db>"
    history.close()
