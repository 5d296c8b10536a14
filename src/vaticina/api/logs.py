"""What the server logs, and how: as people read it, or in production as one JSON object a line."""

import logging
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import Any

import orjson
from uvicorn.config import LOGGING_CONFIG


def log_config(level: str, *, as_json: bool = False) -> dict[str, Any]:
    """uvicorn's logging, with ours beside it on standard error."""
    ours = {"handlers": ["default"], "level": level.upper(), "propagate": False}
    config = {**LOGGING_CONFIG, "loggers": {**LOGGING_CONFIG["loggers"], "vaticina": ours}}
    if as_json:
        config["formatters"] = {name: {"()": JsonLines} for name in LOGGING_CONFIG["formatters"]}
    return config


def log_as_json(level: str) -> None:
    """Changes the logs of this process, whoever set them up."""
    dictConfig(log_config(level, as_json=True))


class JsonLines(logging.Formatter):
    """A record as a JSON object: ``time`` (UTC), ``level``, ``logger``, ``message``, and a traceback in ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str).decode()
