"""What a person says about a table that a project is learnt from."""

from dataclasses import dataclass
from typing import Literal

from vaticina.contract.notation import DateOrder, DecimalMark


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What a person said about a table: it decides where the table is ambiguous."""

    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    """Texts that mean that there is no value."""
    target_kind: Literal["number", "classes"] | None = None


NO_OPTIONS = TableOptions()
