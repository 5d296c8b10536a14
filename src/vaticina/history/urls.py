"""URLs of databases: how they are read, and how messages name them without secrets."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from vaticina.errors import SettingsError

FORMS = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME"


def parse(url: str) -> URL:
    """``url`` for SQLAlchemy, with our driver. Raises SettingsError, without the URL, which may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError(f"The history's URL cannot be read; {FORMS}.") from None
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise SettingsError(f"A history cannot be kept in {backend!r}; {FORMS}.")
    if parsed.database in (None, "", ":memory:"):
        raise SettingsError(f"The history's SQLite URL names no file; {FORMS}.")
    return parsed.set(drivername="sqlite")


def public_name(url: URL) -> str:
    """The name of the database at ``url`` for messages, without password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "its local socket"
    port = f":{url.port}" if url.port else ""
    return f"PostgreSQL database {url.database or url.username!r} at {host}{port}"
