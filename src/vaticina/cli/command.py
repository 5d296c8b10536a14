"""The commands of the command line, whose help shows what one types: no type beside a flag, no braces around a name."""

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

Function = TypeVar("Function", bound=Callable[..., Any])


class Command(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters and ``--help``."""
        return without_flag_types(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of its usage line."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class Group(TyperGroup):
    """A command that has others."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters and ``--help``."""
        return without_flag_types(super().get_params(ctx))


class Verb(typer.Typer):
    """What stands behind a verb: a command, or a group of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode="rich", add_completion=False, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Function], Function]:
        """Adds a command, as a decorator."""
        return super().command(name, cls=Command, **options)


def without_flag_types(parameters: list[Any]) -> list[Any]:
    """``parameters``, with an empty type in the place of ``<bool>`` for each flag."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    return parameters
