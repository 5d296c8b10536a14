"""How a version answers its owner's own rows: beside the files' own answers, and beside those that the owner has."""

from pydantic import BaseModel, ConfigDict

SHOWN = 20
"""Differences and refused rows that are told one by one; the others are counted."""


class Difference(BaseModel):
    """A row that is answered otherwise: its ``line`` in the table, and one output that differs."""

    model_config = ConfigDict(frozen=True)

    line: int
    output: str
    ours: str
    theirs: str
    against: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.output} is {self.ours}, and {self.theirs} by {self.against}"


class RefusedRow(BaseModel):
    """A row that the contract refuses."""

    model_config = ConfigDict(frozen=True)

    line: int
    message: str


class RowCheck(BaseModel):
    """The owner's ``rows`` that were answered, and how many of them ``differ``.

    ``against`` names what they were compared with. ``refused`` counts the rows that the contract refuses, which have no
    answer. ``differences`` and ``refusals`` are the first ``SHOWN`` of each.
    """

    model_config = ConfigDict(frozen=True)

    table: str
    against: tuple[str, ...]
    rows: int
    differ: int
    refused: int
    differences: tuple[Difference, ...] = ()
    refusals: tuple[RefusedRow, ...] = ()

    def __str__(self) -> str:
        text = f"{self.rows} of your own rows: {self.differ} differ"
        if self.refused:
            text += f", and the contract refuses {self.refused} more"
        return text
