"""How a failure leaves the command line: one line on stderr, and JSON on stdout for scripts that asked for it."""

import json
import traceback
from collections.abc import Mapping

import typer

from vaticina.errors import VaticinaError

FAILED = 1
"""The exit code of every failure that is no mistake in usage."""


def fail(error: Exception, *, as_json: bool, is_debugging: bool) -> int:
    """Tells ``error`` in one line; returns the exit code."""
    message = " ".join(_message(error, is_debugging).split())
    if as_json:
        document = {"code": _code(error), "message": message, **_sentence(error), **_details(error)}
        typer.echo(json.dumps(document, ensure_ascii=False))
    if not isinstance(error, VaticinaError) and is_debugging:
        typer.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    typer.secho("error: ", fg=typer.colors.RED, bold=True, nl=False, err=True)
    typer.echo(message, err=True)
    return FAILED


def _code(error: Exception) -> str:
    return error.code if isinstance(error, VaticinaError) else VaticinaError.code


def _sentence(error: Exception) -> Mapping[str, object]:
    """The sentence of the catalogue and its facts, for who tells the message in another language."""
    return error.sentence if isinstance(error, VaticinaError) else {}


def _details(error: Exception) -> Mapping[str, object]:
    return error.details if isinstance(error, VaticinaError) else {}


def _message(error: Exception, is_debugging: bool) -> str:
    if isinstance(error, VaticinaError):
        return error.message
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    hint = "" if is_debugging else " Set LOG_LEVEL=debug for the traceback."
    return f"unexpected {type(error).__name__}: {error}.{hint}"
