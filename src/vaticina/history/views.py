"""SQL views: the predictions of one project under the column names that its documents promise."""

import re

from sqlalchemy import Connection, inspect

from vaticina.errors import SettingsError

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")

TIMESTAMP = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch') || printf('.%06d', time % 1000000)",
    "postgresql": "to_char(timestamp 'epoch' + time * interval '1 microsecond', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
}
"""ISO 8601 with microseconds in UTC, without offset."""


def create_view(connection: Connection, project: str, name: str) -> None:
    """Creates or replaces the view ``name``. Raises SettingsError when the name is not valid or a table has it."""
    if not NAME.fullmatch(name):
        raise SettingsError(f"[history] view = {name[:80]!r} cannot be used; write a name of a-z, 0-9 and _.")
    if name in inspect(connection).get_table_names():
        raise SettingsError(f"[history] view = {name!r} cannot be used: a table has that name; choose another one.")
    dialect = connection.dialect.name
    literal = "'" + project.replace("'", "''") + "'"
    columns = "seq AS id, input AS entrada_json, label AS prediccion, score AS probabilidad"
    body = f'SELECT {columns}, {TIMESTAMP[dialect]} AS "timestamp" FROM predictions WHERE project = {literal}'  # noqa: S608 -- quoted
    if dialect == "sqlite":
        connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')
        connection.exec_driver_sql(f'CREATE VIEW "{name}" AS {body}')
    else:  # what was granted on the view stays; several workers may start at once
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('vaticina view'))")
        body = body.replace("%", "%%")  # psycopg's own sign
        connection.exec_driver_sql(f'CREATE OR REPLACE VIEW "{name}" AS {body}')
