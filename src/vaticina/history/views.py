"""SQL views: the predictions of one project under the column names that its documents promise."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from vaticina.errors import SettingsError
from vaticina.history.view_query import view_query

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def create_view(connection: Connection, project: str, name: str, columns: Mapping[str, str]) -> None:
    """Creates or replaces the view ``name``, whose ``columns`` are those of ``view_query``.

    Raises SettingsError when a name is not valid or a table has it.
    """
    for written in (name, *columns.values()):
        if not NAME.fullmatch(written):
            raise SettingsError(f"[history] view: {written[:80]!r} cannot be used; write a name of a-z, 0-9 and _.")
    if name in inspect(connection).get_table_names():
        raise SettingsError(f"[history] view: {name!r} cannot be used: a table has that name; choose another one.")
    dialect = connection.dialect.name
    query = view_query(dialect, project, columns)
    if dialect == "sqlite":
        connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')
        connection.exec_driver_sql(f'CREATE VIEW "{name}" AS {query}')
    else:
        _replace_view(connection, name, query.replace("%", "%%"))  # psycopg's own sign


def _replace_view(connection: Connection, name: str, query: str) -> None:
    """Replaces a view of PostgreSQL. What was granted on it stays, unless its columns are others now."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('vaticina view'))")  # workers start at once
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f'CREATE OR REPLACE VIEW "{name}" AS {query}')
    except DBAPIError:
        connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')
        connection.exec_driver_sql(f'CREATE VIEW "{name}" AS {query}')
