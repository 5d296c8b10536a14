"""Upgrades the tables of a database. Only this module imports Alembic, which a server does not need."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from vaticina.errors import FormatTooNew, HistoryUnavailable
from vaticina.history.databases import Database, exclusive, open_database

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(url: str) -> None:
    """Creates or upgrades the tables of the database at ``url``; several processes may do so at once.

    Raises HistoryUnavailable, FormatTooNew when a newer Vaticina made them, SettingsError and MissingExtra.
    """
    database = open_database(url, "commit")
    try:
        _upgrade(database)
    except CommandError:
        raise FormatTooNew(f"The tables of {database} were made by a newer Vaticina; update it here.") from None
    except (database.error, SQLAlchemyError) as error:
        raise HistoryUnavailable(database.explain(getattr(error, "orig", None) or error)) from error
    finally:
        database.close()


def _upgrade(database: Database) -> None:
    database.create()
    with exclusive(database.engine) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")
