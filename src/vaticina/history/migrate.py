"""Brings a database's tables up to date. It alone imports Alembic, so that a server never does."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from vaticina.errors import FormatTooNew, HistoryUnavailable
from vaticina.history.databases import Database, exclusive, open_database

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(url: str) -> None:
    """Makes the tables at ``url`` those of this Vaticina; several processes may do so at once.

    Raises HistoryUnavailable, FormatTooNew when a newer Vaticina made them, SettingsError and MissingExtra.
    """
    store = open_database(url, "commit")
    try:
        _upgrade(store)
    except CommandError:
        raise FormatTooNew(f"The tables of {store} were made by a newer Vaticina; update it here.") from None
    except (store.error, SQLAlchemyError) as error:
        raise HistoryUnavailable(store.explain(getattr(error, "orig", None) or error)) from error
    finally:
        store.close()


def _upgrade(store: Database) -> None:
    store.create()
    with exclusive(store.engine) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")
