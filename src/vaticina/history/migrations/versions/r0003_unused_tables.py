"""Drops the tables of the first migration that no code ever used, where they are empty."""

from contextlib import suppress

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0003"
down_revision = "0002"

UNUSED = ("feedback", "jobs", "keys", "audit")
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '1s'"
"""A server that starts does not wait for whoever reads these tables, such as a backup."""


def upgrade() -> None:
    """Drops each unused table that has no rows. One with rows stays as it is."""
    connection = op.get_bind()
    existing = set(sa.inspect(connection).get_table_names())
    for table in UNUSED:
        if table in existing:
            _drop_if_empty(connection, table)


def _drop_if_empty(connection: sa.Connection, table: str) -> None:
    if connection.dialect.name == "sqlite":
        if _is_empty(connection, table):
            op.drop_table(table)
        return
    # In use, of another owner, or needed by somebody's view: an empty table that stays does no harm.
    with suppress(DBAPIError), connection.begin_nested():
        connection.exec_driver_sql(LOCK_TIMEOUT)
        connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # no row comes in between
        if _is_empty(connection, table):
            op.drop_table(table)


def _is_empty(connection: sa.Connection, table: str) -> bool:
    return connection.execute(sa.select(1).select_from(sa.table(table)).limit(1)).first() is None
