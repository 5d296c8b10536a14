"""Columns that nobody can read for certain: a reader says so, and never guesses in silence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.tables.people.columns import Pen, WrittenColumn, saying
from tests.tables.people.truth import Value


def typing_error(pen: Pen) -> WrittenColumn:
    """Numbers of which one has a typing error."""
    values = [round(pen.random.gauss(50, 15), 1) for _ in range(pen.rows)]
    column = pen.measured("measure", "number", values, lambda value: pen.export.notation.number(value, 1), gaps=False)
    row = pen.random.randrange(pen.rows)
    return _with_error(column, row, pen.random.choice(("abc", "l2", "45 aprox", "??", "3o")))


def whole_typing_error(pen: Pen) -> WrittenColumn:
    """Ages of which one has a typing error."""
    values = [pen.random.randint(18, 90) for _ in range(pen.rows)]
    column = pen.measured("count", "integer", values, str, gaps=False)
    return _with_error(column, pen.random.randrange(pen.rows), pen.random.choice(("4O", "abc", "35 años", "x")))


def date_typing_error(pen: Pen) -> WrittenColumn:
    """Dates of which one does not exist or is none."""
    values = [datetime(2023, pen.random.randint(1, 12), pen.random.randint(1, 28), tzinfo=UTC) for _ in range(pen.rows)]
    column = pen.measured("date", "instant", values, pen.export.notation.day, gaps=False)
    wrong = pen.random.choice(("ayer", pen.export.notation.day(values[0]) + "?", "pendiente"))
    return _with_error(column, pen.random.randrange(pen.rows), wrong)


MEANT: dict[str, Value] = {"45 aprox": 45, "35 años": 35}
"""Typing errors in which a person sees a number. It may be taken, if that is said."""


def _with_error(column: WrittenColumn, row: int, text: str) -> WrittenColumn:
    cells = list(column.cells)
    cells[row] = text
    missing, meant = list(column.truth.readings[0]), list(column.truth.readings[0])
    missing[row], meant[row] = None, MEANT.get(text)
    truth = replace(column.truth, readings=(tuple(missing), tuple(meant)), spoilt=frozenset({row}), saying="must")
    return replace(column, cells=tuple(cells), truth=truth)


def ambiguous_date(pen: Pen) -> WrittenColumn:
    """Dates whose days are all at most 12: the day or the month may stand first."""
    written = []
    swapped: list[Value] = []
    for _ in range(pen.rows):
        value = datetime(2023, pen.random.randint(1, 12), pen.random.randint(1, 12), tzinfo=UTC)
        written.append(value)
        swapped.append(value.replace(month=value.day, day=value.month))
    column = pen.measured("date", "instant", written, lambda value: f"{value:%d/%m/%Y}", gaps=False)
    readings = (*column.truth.readings, tuple(swapped))
    return saying(replace(column, truth=replace(column.truth, readings=readings)), "must")


def ambiguous_thousands(pen: Pen) -> WrittenColumn:
    """1.234 or 1,234 in every row, and nothing in the table that tells which."""
    values = [pen.random.randint(1_001, 9_999) for _ in range(pen.rows)]
    mark = pen.random.choice(".,")
    column = pen.measured("whole", "integer", values, lambda value: f"{value:,}".replace(",", mark), gaps=False)
    fractions = tuple(value / 1_000 for value in values)
    readings = (*column.truth.readings, fractions)
    return saying(replace(column, truth=replace(column.truth, readings=readings)), "must")


def mixed_decimals(pen: Pen) -> WrittenColumn:
    """Some cells with a decimal point, some with a comma."""
    values = [round(pen.random.uniform(1, 90), 1) for _ in range(pen.rows)]
    column = pen.measured(
        "measure", "number", values, lambda v: str(v).replace(".", pen.random.choice(".,")), gaps=False
    )
    return saying(column, "must")


def sentinel(pen: Pen) -> WrittenColumn:
    """A measurement with -999 where there was none."""
    number = pen.random.choice((-999, -999, -9999))
    values = [round(pen.random.uniform(20, 90)) for _ in range(pen.rows)]
    for row in range(pen.rows):
        if row < 3 or pen.random.random() < 0.07:
            values[row] = number
    column = pen.measured("measure", "integer", values, str, gaps=False)
    without = tuple(None if value == number else value for value in values)
    readings = (*column.truth.readings, without)
    return saying(replace(column, truth=replace(column.truth, readings=readings)), "must")


def with_unit(pen: Pen) -> WrittenColumn:
    """Numbers with a unit behind them, which a reader may name and leave to a person."""
    unit = pen.random.choice((" kg", " m²", "cm", " L"))
    values = [round(pen.random.uniform(1, 150), 1) for _ in range(pen.rows)]
    column = pen.measured("size", "number", values, lambda value: pen.export.notation.number(value, 1) + unit)
    return saying(column, "may")


def typographic_minus(pen: Pen) -> WrittenColumn:
    """Temperatures below zero with the sign that typesetters use."""
    values = [round(pen.random.gauss(0, 12), 1) for _ in range(pen.rows)]
    notation = replace(pen.export.notation, minus="\N{MINUS SIGN}{}")
    return saying(pen.measured("measure", "number", values, lambda value: notation.number(value, 1)), "may")


def unusual_notation(pen: Pen) -> WrittenColumn:
    """Amounts and durations as few programs write them, which a reader may name and leave to a person."""
    values = [round(pen.random.lognormvariate(6, 1.3), 2) for _ in range(pen.rows)]
    pattern = pen.random.choice(("Gs. {}", "{} Ptas", "Q{}", "{} por ciento", "{}k", "'{}", "{}:15:30", "{}h 20m"))
    if pattern.endswith(("30", "m")):
        column = pen.measured("measure", "number", values, lambda value: pattern.format(round(value)))
    else:
        column = pen.measured("amount", "number", values, lambda v: pattern.format(pen.export.notation.number(v, 2)))
    return saying(replace(column, truth=replace(column.truth, readings=())), "may")


def unusual_date(pen: Pen) -> WrittenColumn:
    """Dates as few programs write them."""
    values = [datetime(2022, 1, 1, tzinfo=UTC) + timedelta(hours=pen.random.randrange(17_000)) for _ in range(pen.rows)]
    pattern = pen.random.choice(("%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S GMT", "%Y-%m-%d %H:%M:%S UTC"))
    return saying(pen.measured("moment", "instant", values, lambda value: f"{value:{pattern}}"), "may")


def limits(pen: Pen) -> WrittenColumn:
    """Results of a laboratory, some of them only known to be below or above what it measures."""
    values = [round(pen.random.lognormvariate(2, 1), 1) for _ in range(pen.rows)]

    def write(value: float) -> str:
        if value < 4:
            return "<" + pen.export.notation.number(4, 1)
        return pen.export.notation.number(value, 1)

    column = pen.measured("measure", "number", values, write, gaps=False)
    return saying(replace(column, truth=replace(column.truth, readings=())), "must")
