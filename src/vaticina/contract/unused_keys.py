"""Keys of ``project.toml`` that earlier versions read and that never had an effect: they are accepted and ignored."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger("vaticina")


def drop_unused_keys(data: dict[str, Any], file: Path) -> None:
    """Removes such keys from ``data``, the parsed text of ``file``, and logs a warning for each."""
    if "retrain" in data:
        del data["retrain"]
        _warn(file, "[retrain]")
    history = data.get("history")
    if isinstance(history, dict) and "retention" in history:
        del history["retention"]
        _warn(file, "[history] retention")


@cache
def _warn(file: Path, key: str) -> None:
    """Once in a process: one command reads the file several times."""
    log.warning("%s: %s has no effect and is ignored; you can delete it.", file, key)
