"""The value of a cell of an Excel workbook."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell


def cell_value(cell: "ReadOnlyCell") -> object:
    """The value of a cell as the sheet shows it; None for an error."""
    value = cell.value
    if cell.data_type == "e" or value == "":
        return None
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.number_format:
        return _percentage(value)
    return value


def _duration(value: timedelta) -> str:
    """``value`` as a spreadsheet shows it: 30:05:00."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def _percentage(share: float) -> float:
    """The number before the sign: 0.07 is 7, without the error that 0.07 * 100 has."""
    percentage = Decimal(repr(share)) * 100
    if percentage == percentage.to_integral_value():
        return int(percentage)
    return float(percentage)
