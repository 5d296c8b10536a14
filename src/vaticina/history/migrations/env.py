"""Alembic runs this module: it migrates over the given connection, inside its transaction."""

from alembic import context

from vaticina.history.schema import VERSION_TABLE
from vaticina.history.tables import HistoryTables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=HistoryTables.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
