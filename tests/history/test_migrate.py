"""The tables come from migrations, once, whoever starts them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, insert, inspect, text

from tests.history.ledger import check_counts
from tests.history.samples import records
from tests.history.writer import PROCESSES, upgrade_at
from vaticina.errors import FormatTooNew, HistoryUnavailable
from vaticina.history.migrate import MIGRATIONS, upgrade
from vaticina.history.schema import BLOCK, SCHEMA, VERSION_TABLE
from vaticina.history.sql import open_history
from vaticina.history.stored_prediction import microseconds
from vaticina.history.tables import HistoryTables, PredictionRow
from vaticina.history.urls import parse

OLD_REVISIONS = ("0001", "0002")
UNUSED_ROWS = {
    "feedback": "INSERT INTO feedback (uid, project, time, truth) VALUES ('a', 'medico', 1, '1')",
    "jobs": "INSERT INTO jobs (id, project, kind, state, created, request) VALUES ('a', 'p', 'train', 'queued', 1, '')",
    "keys": "INSERT INTO keys (id, name, hash, scopes, created) VALUES ('a', 'ana', 'h', '[]', 1)",
    "audit": "INSERT INTO audit (time, action, target) VALUES (1, 'promote', 'medico')",
}
"""The tables of the first migration that nothing used, with a statement that puts a row into each."""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection that commits each statement."""
    engine = create_engine(parse(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@contextmanager
def migrated(url: str, revision: str) -> Iterator[Connection]:
    """A connection to a new database with the tables of an earlier ``revision``."""
    with connected(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, revision)
        yield connection


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def rows_of(connection: Connection, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a folder with 100% ñ?#'}.db"
    return str(request.getfixturevalue("bare_postgres_url"))


def test_upgrade_from_nothing_and_again(bare_url: str) -> None:
    history = open_history(bare_url)
    assert history.schema_version() is None
    assert not history.is_current()
    with pytest.raises(HistoryUnavailable, match="vaticina history upgrade"):
        history.ping()
    upgrade(bare_url)
    assert history.schema_version() == SCHEMA
    assert history.is_current()
    history.ping()
    history.append(records(3))
    upgrade(bare_url)
    assert history.total("medico") == 3
    history.close()


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's cannot be read back
def test_migrations_make_the_mapped_tables(history_url: str) -> None:
    engine = create_engine(parse(history_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, HistoryTables.metadata) == []
    engine.dispose()


def test_schema_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_sums_of_every_row_become_sums_of_full_blocks(tmp_path: Path) -> None:
    """The first tables' writer changed counters and blocks with each batch, in SQLite too."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    old_records = records(BLOCK + 500, label="CRÓNICO")
    old_records[::9] = records(len(old_records[::9]), label=None)
    with migrated(url, "0001") as connection:
        for seq, record in enumerate(old_records, 1):
            values = {**record._asdict(), "seq": seq, "time": microseconds(record.time)}
            connection.execute(insert(PredictionRow), values)
        connection.exec_driver_sql(
            "INSERT INTO counters SELECT 'medico', coalesce(label, ''), 0, count(*) FROM predictions GROUP BY label"
        )
        connection.exec_driver_sql(
            "INSERT INTO blocks SELECT seq / 1024, 'medico', coalesce(label, ''), 0, min(time), max(time) "
            "FROM predictions GROUP BY 1, 3"
        )
    upgrade(url)
    check_counts(url)
    with closing(open_history(url)) as history:
        for new in (3, BLOCK, 1):
            history.append(records(new))
            check_counts(url)
        assert history.total("medico") == len(old_records) + BLOCK + 4
        assert history.stats("medico").by_label["CRÓNICO"] == len(old_records) - len(old_records[::9])


@pytest.mark.parametrize("revision", OLD_REVISIONS)
def test_unused_tables_without_rows_are_dropped(bare_url: str, revision: str) -> None:
    with migrated(bare_url, revision) as connection:
        assert set(UNUSED_ROWS) < tables(connection)
    upgrade(bare_url)
    with connected(bare_url) as connection:
        assert tables(connection) == {*HistoryTables.metadata.tables, VERSION_TABLE}
    with closing(open_history(bare_url)) as history:
        assert history.is_current()
        history.append(records(3))
        assert history.total("medico") == 3


@pytest.mark.parametrize("revision", OLD_REVISIONS)
def test_unused_tables_with_rows_stay_as_they_are(bare_url: str, revision: str) -> None:
    with migrated(bare_url, revision) as connection:
        for statement in UNUSED_ROWS.values():
            connection.exec_driver_sql(statement)
        rows = {table: rows_of(connection, table) for table in UNUSED_ROWS}
    upgrade(bare_url)
    with connected(bare_url) as connection:
        assert {table: rows_of(connection, table) for table in UNUSED_ROWS} == rows
    with closing(open_history(bare_url)) as history:
        assert history.is_current()


def test_one_unused_table_with_rows_keeps_no_other(bare_url: str) -> None:
    with migrated(bare_url, "0002") as connection:
        connection.exec_driver_sql(UNUSED_ROWS["keys"])
    upgrade(bare_url)
    with connected(bare_url) as connection:
        assert tables(connection) == {*HistoryTables.metadata.tables, VERSION_TABLE, "keys"}


def test_an_unused_table_that_a_view_reads_stays(bare_postgres_url: str) -> None:
    with migrated(bare_postgres_url, "0002") as connection:
        connection.exec_driver_sql("CREATE VIEW my_jobs AS SELECT id, state FROM jobs")
    upgrade(bare_postgres_url)
    with connected(bare_postgres_url) as connection:
        assert tables(connection) == {*HistoryTables.metadata.tables, VERSION_TABLE, "jobs"}
        assert rows_of(connection, "my_jobs") == []


def test_an_upgrade_does_not_wait_for_a_reader_of_an_unused_table(bare_postgres_url: str) -> None:
    """A backup holds every table until it ends."""
    with migrated(bare_postgres_url, "0002"):
        pass
    with connected(bare_postgres_url) as reader:
        reader.execution_options(isolation_level="REPEATABLE READ")
        reader.exec_driver_sql("SELECT * FROM audit")
        upgrade(bare_postgres_url)
    with connected(bare_postgres_url) as connection:
        assert tables(connection) == {*HistoryTables.metadata.tables, VERSION_TABLE, "audit"}


def test_processes_upgrade_at_once(bare_url: str) -> None:
    start = time.time() + 0.3
    processes = [PROCESSES.Process(target=upgrade_at, args=(bare_url, start)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    history = open_history(bare_url)
    assert history.is_current()
    history.close()


def test_tables_of_a_newer_vaticina_are_left_alone(history_url: str) -> None:
    engine = create_engine(parse(history_url))
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(FormatTooNew, match="newer Vaticina"):
        upgrade(history_url)


def test_a_server_never_imports_alembic() -> None:
    """Nor psycopg, unless its URL asks for PostgreSQL."""
    script = (
        "import sys; from vaticina.history.sql import open_history; open_history('sqlite:///x.db').close();"
        "assert not {'alembic', 'mako', 'psycopg'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
