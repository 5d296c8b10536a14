"""How a project's tables write their values: the words of ``[data]`` that training, scoring, replay and ``data load``
read by."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic import Field as Param

DecimalMark = Literal[".", ","]
ThousandsMark = Literal[".", ",", " ", "'"]
"""The mark between groups of three digits. A space stands for every kind of space, and ``'`` for ``’`` too."""

DateOrder = Literal["year-first", "day-first", "month-first"]


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)  # codecs.lookup would find encodings of bytes too, such as zip
        codecs.getincrementaldecoder(name)
    except LookupError:
        raise ValueError(f"no encoding of text is called {name!r}; write one like 'cp1252'") from None
    return name


EncodingName = Annotated[str, AfterValidator(_known_encoding)]


class ColumnNotation(BaseModel):
    """How one column writes numbers and dates.

    Without ``decimal``, numbers have a decimal point and nothing else; without ``dates``, dates are ISO 8601.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    decimal: DecimalMark | None = None
    thousands: ThousandsMark | None = None
    dates: DateOrder | None = None
    times: Literal["minutes"] | None = None
    """Whether a time of day is a number, in minutes from midnight."""

    @model_validator(mode="after")
    def _has_two_marks(self) -> "ColumnNotation":
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}; a mark has one meaning")
        if self.thousands is not None and self.decimal is None:
            raise ValueError("thousands needs decimal beside it; write decimal = '.' or ','")
        return self


class TableNotation(ColumnNotation):
    """How a table writes its values; ``columns`` names the columns that differ from the others."""

    units: tuple[Annotated[str, Param(min_length=1)], ...] = ()
    """What may stand before or behind a number without being a part of it: ``€``, ``%``, ``kg``."""
    missing: tuple[str, ...] = ()
    """Texts that mean that there is no value, beside those that always do."""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    """Texts of flags, in any case, beside true and false."""
    encoding: EncodingName | None = None
    """The encoding of files that are not UTF-8 or UTF-16."""
    columns: dict[str, ColumnNotation] = {}

    def of_column(self, name: str) -> ColumnNotation:
        """How the column ``name`` is written: its own words, else those of the table."""
        return self.columns.get(name, self)


PLAIN = TableNotation()
"""Decimal points, ISO dates, true and false."""
