"""What a check found."""

from typing import Literal, NamedTuple

Status = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One line of the doctor's report; ``text`` says what to do about it, unless it is ok."""

    status: Status
    name: str
    text: str
