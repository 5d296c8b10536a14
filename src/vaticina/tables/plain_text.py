"""The text of a value that has a type in its file."""


class PlainText(str):
    """The text of a number, date or flag of Parquet or Excel: in plain notation, whatever that of the table's texts."""

    __slots__ = ()
