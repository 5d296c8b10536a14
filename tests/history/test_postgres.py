"""PostgreSQL: connections that break, and servers that are not there."""

import sys

import psycopg
import pytest
from sqlalchemy import make_url

from tests.conftest import LOCKED, Postgres
from tests.history.cutting import cutting_wire
from tests.history.ledger import check_counts, uids
from tests.history.samples import records
from vaticina.errors import HistoryUnavailable, MissingExtra
from vaticina.history.sql import open_history


def test_a_terminated_connection_is_made_anew(postgres_url: str) -> None:
    history = open_history(postgres_url)
    first, second = records(3), records(5)
    history.append(first)
    assert history.total("medico") == 3
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vaticina'")
    history.append(second)
    assert uids(postgres_url) == [record.uid for record in first + second]
    assert history.total("medico") == 8
    history.close()


def test_an_answer_lost_after_the_commit_duplicates_nothing(postgres_url: str) -> None:
    url = make_url(postgres_url)
    with cutting_wire(url) as wire:
        through = url.set(host="127.0.0.1", port=wire.port).difference_update_query(["host"])
        history = open_history(through.render_as_string(hide_password=False))
        first, second, third = records(2), records(4), records(8)
        history.append(first)
        wire.cut_next_answer()
        history.append(second)
        history.append(third)
        history.close()
    assert uids(postgres_url) == [record.uid for record in first + second + third]
    check_counts(postgres_url)


def test_a_database_that_is_gone_is_said_to_be_and_comes_back(postgres: Postgres, postgres_url: str) -> None:
    history = open_history(postgres_url)
    history.append(records(1))
    name = make_url(postgres_url).database
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with pytest.raises(HistoryUnavailable, match=str(name)):
        history.append(records(1))
    with pytest.raises(HistoryUnavailable, match=str(name)):
        history.ping()
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    history.append(records(1))
    assert history.total("medico") == 2
    history.close()


def test_each_writer_counts_in_rows_of_its_own(postgres_url: str) -> None:
    """And a writer that is gone leaves its place to the next."""
    for _ in range(2):
        histories = [open_history(postgres_url) for _ in range(3)]
        for history in histories:
            history.append(records(2))
        for history in histories:
            history.close()
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT writer, rows FROM counters ORDER BY writer").fetchall()
    assert sum(row[1] for row in rows) == 12
    assert len(rows) < 6


@pytest.mark.parametrize(
    ("durability", "expected"), [("commit", "on"), ("sync", "on"), ("background", "off"), ("off", "off")]
)
def test_durability_is_the_session_s_own(postgres_url: str, durability: str, expected: str) -> None:
    """A trigger sees what holds in the transaction that records."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (setting text)")
        connection.execute(
            "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END$$"
        )
        connection.execute("CREATE TRIGGER see AFTER INSERT ON predictions EXECUTE FUNCTION see()")
        history = open_history(postgres_url, durability=durability)  # type: ignore[arg-type]
        history.append(records(1))
        history.close()
        assert connection.execute("SELECT setting FROM seen").fetchall() == [(expected,)]


def test_a_wrong_password_is_named_but_not_shown(postgres: Postgres, postgres_url: str) -> None:
    postgres.run(f"CREATE ROLE {LOCKED} LOGIN PASSWORD 'the right one'")
    url = make_url(postgres_url).set(username=LOCKED, password="hunter2")
    history = open_history(url.render_as_string(hide_password=False))
    for attempt in (lambda: history.append(records(1)), history.ping, lambda: history.total("medico")):
        with pytest.raises(HistoryUnavailable, match=f"{LOCKED!r}.*password in the URL") as caught:
            attempt()
        assert "\n" not in caught.value.message
        assert "hunter2" not in caught.value.message + repr(history)
    history.close()
    postgres.run(f"DROP ROLE {LOCKED}")


def test_a_dead_server_is_named() -> None:
    history = open_history("postgresql://ana:hunter2@127.0.0.1:9/shop")
    with pytest.raises(HistoryUnavailable, match=r"'shop' at 127.0.0.1:9 does not answer: .*; check that") as caught:
        history.append(records(1))
    assert "hunter2" not in caught.value.message
    assert "\n" not in caught.value.message
    history.close()


def test_a_missing_database_is_named(postgres: Postgres) -> None:
    history = open_history(postgres.database("nobody_made_this"))
    with pytest.raises(HistoryUnavailable, match=r"nobody_made_this.*create it"):
        history.ping()
    history.close()


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"PostgreSQL needs psycopg.*pip install 'psycopg\[binary\]"):
        open_history("postgresql://localhost/x")
