"""What a text means where a value is expected. The cells of a table and the values of a JSON body are read by it."""

from collections.abc import Callable, Collection

from vaticina.contract.fields import AnyInput, Category, Identifier, Number
from vaticina.contract.white_space import stripped

TextReader = Callable[[str], str | None]
"""The value that a text stands for in one input: a text, or ``None`` where the text means that there is no value."""

MISSING = frozenset({"", "?", "NA", "N/A", "NaN", "nan", "null", "NULL"})
"""Texts that mean that there is no value, unless they are a category of the input."""

FLAGS = {"true": "1", "false": "0"}
"""The number that a flag stands for in an input of numbers that takes flags."""


def text_reader(field: AnyInput, more: Collection[str] = ()) -> TextReader:
    """The function that reads a text for ``field``; ``more`` are marks of missing beside ``MISSING``.

    - A text that is one of the input's own categories is taken exactly as it stands.
    - Any other is stripped; a stripped one that is a category is that category.
    - What is then a mark of missing is no value. For an identifier only the empty text is none: a name may be NA.

    What is read once and read again is the same.
    """
    if isinstance(field, Identifier):
        return _read_name
    marks = MISSING.union(more)
    if isinstance(field, Category) and not field.whole:
        return _category_reader(field, marks)
    if isinstance(field, Number) and field.flags:
        return _flag_reader(_plain_reader(marks))
    return _plain_reader(marks)


def _read_name(text: str) -> str | None:
    return stripped(text) or None


def _plain_reader(marks: frozenset[str]) -> TextReader:
    def read_plain(text: str) -> str | None:
        value = text.strip()  # in a third of the time, and a control character is in no number, flag or moment
        return None if value in marks else value

    return read_plain


def _flag_reader(read_plain: TextReader) -> TextReader:
    def read_flag_or_number(text: str) -> str | None:
        value = read_plain(text)
        if value is None:
            return None
        return FLAGS.get(value.lower(), value)

    return read_flag_or_number


def _category_reader(field: Category, marks: frozenset[str]) -> TextReader:
    categories = frozenset(field.known)
    normalise = field.normalise

    def read_category(text: str) -> str | None:
        if text in categories:
            return text
        value = stripped(text)
        normal = value.lower() if normalise else value
        if normal in categories:
            return normal
        return None if value in marks else normal

    return read_category
