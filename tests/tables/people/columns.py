"""Columns as people have them, each with its truth: one function for each kind of content."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from tests.tables.people.exports import Export
from tests.tables.people.truth import ColumnTruth, Kind, Saying, Value
from tests.tables.people.vocabulary import (
    CATEGORIES,
    CHANNELS,
    CONSTANTS,
    FIRST_NAMES,
    GROUPS,
    HEADERS,
    LAST_NAMES,
    PHRASES,
    VARIANTS,
)

MISSING_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class WrittenColumn:
    """A column's cells as they stand in the file, and their truth."""

    cells: tuple[str, ...]
    truth: ColumnTruth
    is_text: bool = False
    """Whether a program that quotes its texts quotes these cells."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What a column is written with: chance, how many rows, and the program."""

    random: Random
    rows: int
    export: Export

    def header(self, role: str) -> str:
        """A name for a column of that role."""
        return self.random.choice(HEADERS[self.export.language][role])

    def measured(
        self, role: str, kind: Kind, values: Sequence[float | datetime], write: Callable[..., str], *, gaps: bool = True
    ) -> WrittenColumn:
        """A column of ``values``, some of them missing where ``gaps`` allows it."""
        missing = frozenset[int]()
        if gaps:
            missing = self.gaps()
        cells = []
        reading: list[Value] = []
        for row, value in enumerate(values):
            if row in missing:
                cells.append(self.random.choice(self.export.missing))
                reading.append(None)
            else:
                cells.append(write(value))
                reading.append(value)
        return WrittenColumn(tuple(cells), ColumnTruth(self.header(role), kind, "free", (tuple(reading),), missing))

    def texts(self, role: str, kind: Kind, cells: Sequence[str], *, gaps: bool = False) -> WrittenColumn:
        """A column whose values are not compared."""
        missing = frozenset[int]()
        if gaps:
            missing = self.gaps()
        written = list(cells)
        for row in missing:
            written[row] = self.random.choice(self.export.missing)
        return WrittenColumn(tuple(written), ColumnTruth(self.header(role), kind, missing=missing), is_text=True)

    def gaps(self) -> frozenset[int]:
        """The rows without a value: in half of the columns none."""
        if self.random.random() < 0.5:
            return frozenset()
        return frozenset(row for row in range(self.rows) if self.random.random() < MISSING_SHARE)

    def choices(self, among: Sequence[str]) -> list[str]:
        """One of ``among`` for each row."""
        return [self.random.choice(among) for _ in range(self.rows)]


def amount(pen: Pen, *, gaps: bool = True, role: str = "amount") -> WrittenColumn:
    """Money with cents; with its sign in half of the tables; below zero now and then in a quarter."""
    values = [round(pen.random.lognormvariate(6, 1.3), 2) for _ in range(pen.rows)]
    if pen.random.random() < 0.25:
        values = [-value if pen.random.random() < 0.1 else value for value in values]
    notation = pen.export.notation
    write = notation.number
    if pen.random.random() < 0.5:
        write = notation.amount
    column = pen.measured(role, "number", values, lambda value: write(value, 2), gaps=gaps)
    if min(values) < 0 and notation.minus != "-{}":
        return saying(column, "may")
    return column


def quantity(pen: Pen) -> WrittenColumn:
    """An amount to predict, missing in some rows."""
    return amount(pen, role="quantity")


def whole(pen: Pen) -> WrittenColumn:
    """Whole numbers with thousands."""
    values = [round(pen.random.lognormvariate(10.5, 1.5)) for _ in range(pen.rows)]
    return pen.measured("whole", "integer", values, lambda value: pen.export.notation.number(value, 0))


def whole_money(pen: Pen) -> WrittenColumn:
    """Money without cents."""
    values = [round(pen.random.lognormvariate(9, 1.2), -1) for _ in range(pen.rows)]
    return pen.measured("amount", "integer", values, lambda value: pen.export.notation.amount(value, 0))


def measure(pen: Pen) -> WrittenColumn:
    """A measurement with one decimal."""
    values = [round(pen.random.gauss(37, 12), 1) for _ in range(pen.rows)]
    return pen.measured("measure", "number", values, lambda value: pen.export.notation.number(value, 1))


def general(pen: Pen) -> WrittenColumn:
    """A measurement as a spreadsheet shows it without a format: 7, 7.5, 7.25."""
    values = [round(pen.random.uniform(0, 400)) / 4 for _ in range(pen.rows)]
    return pen.measured("measure", "number", values, pen.export.notation.general)


def fine(pen: Pen) -> WrittenColumn:
    """A coordinate or a rate with six decimals."""
    values = [round(pen.random.uniform(-80, 80), 6) for _ in range(pen.rows)]
    return pen.measured("fine", "number", values, lambda value: pen.export.notation.number(value, 6))


def count(pen: Pen) -> WrittenColumn:
    """Small whole numbers."""
    values = [pen.random.randint(0, 9) for _ in range(pen.rows)]
    return pen.measured("count", "integer", values, str)


def year(pen: Pen) -> WrittenColumn:
    """Years: never with thousands."""
    values = [pen.random.randint(1950, 2024) for _ in range(pen.rows)]
    return pen.measured("year", "integer", values, str)


def percent(pen: Pen) -> WrittenColumn:
    """Percentages: 12 % is the number 12."""
    notation = pen.export.notation
    if pen.random.random() < 0.5:
        values = [float(pen.random.randint(0, 60)) for _ in range(pen.rows)]
        return pen.measured("percent", "integer", values, lambda value: notation.percent.format(round(value)))
    values = [round(pen.random.uniform(0, 60), 1) for _ in range(pen.rows)]
    return pen.measured("percent", "number", values, lambda value: notation.percent.format(notation.number(value, 1)))


def scientific(pen: Pen) -> WrittenColumn:
    """Numbers as 1,23E-05."""
    values = [float(f"{pen.random.lognormvariate(-8, 2):.2e}") for _ in range(pen.rows)]
    decimal = pen.export.notation.decimal
    return pen.measured("measure", "number", values, lambda value: f"{value:.2E}".replace(".", decimal))


def date(pen: Pen) -> WrittenColumn:
    """Dates over two years."""
    start = datetime(2022, 1, 1, tzinfo=UTC)
    values = [start + timedelta(days=pen.random.randrange(730)) for _ in range(pen.rows)]
    return _dates(pen, "date", values, pen.export.notation.date)


def moment(pen: Pen) -> WrittenColumn:
    """Dates with a time of day, to the second or minute that the program shows."""
    notation = pen.export.notation
    values = []
    for _ in range(pen.rows):
        value = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(seconds=pen.random.randrange(365 * 86_400))
        if "{SS}" not in notation.moment:
            value = value.replace(second=0)
        values.append(value)
    return _dates(pen, "moment", values, notation.moment)


def _dates(pen: Pen, role: str, values: Sequence[datetime], pattern: str) -> WrittenColumn:
    """A column of dates by ``pattern``; one with a month's name or "p. m." may be left to a person."""
    column = pen.measured(role, "instant", values, lambda value: pen.export.notation.written(pattern, value))
    if "{mon}" in pattern or "{medio}" in pattern:
        return saying(column, "may")
    return column


def compact_date(pen: Pen) -> WrittenColumn:
    """Dates as 20230501."""
    start = datetime(2022, 1, 1, tzinfo=UTC)
    values = [start + timedelta(days=pen.random.randrange(730)) for _ in range(pen.rows)]
    return pen.measured("date", "instant", values, lambda value: f"{value:%Y%m%d}")


def month_name_date(pen: Pen) -> WrittenColumn:
    """Dates with the month's name, which a reader may name and leave to a person."""
    start = datetime(2022, 1, 1, tzinfo=UTC)
    values = [start + timedelta(days=pen.random.randrange(730)) for _ in range(pen.rows)]
    return _dates(pen, "date", values, "{dd}-{mon}-{Y}")


def clock(pen: Pen) -> WrittenColumn:
    """Times of day, which a reader may name and leave to a person: no model takes them as they are."""
    cells = [f"{pen.random.randrange(24):02}:{pen.random.randrange(60):02}" for _ in range(pen.rows)]
    return saying(pen.texts("time", "time of day", cells), "may")


def yes_no(pen: Pen, *, role: str = "yes_no") -> WrittenColumn:
    """Truths as the program writes them."""
    yes, no = pen.random.choice(pen.export.truths)
    return _truths(pen, role, (yes,), (no,))


def yes_no_variants(pen: Pen) -> WrittenColumn:
    """Truths written by several hands."""
    yes, no = VARIANTS[pen.export.language]
    return _truths(pen, "yes_no", yes, no)


def _truths(pen: Pen, role: str, yes: Sequence[str], no: Sequence[str]) -> WrittenColumn:
    values = [pen.random.random() < 0.4 for _ in range(pen.rows)]
    cells = [pen.random.choice(yes) if value else pen.random.choice(no) for value in values]
    truth = ColumnTruth(pen.header(role), "yes or no", readings=(tuple(values),))
    return WrittenColumn(tuple(cells), truth, is_text=True)


def category(pen: Pen) -> WrittenColumn:
    """A place."""
    return pen.texts("category", "category", pen.choices(CATEGORIES[pen.export.language]), gaps=True)


def channel(pen: Pen) -> WrittenColumn:
    """A way to sell or pay."""
    return pen.texts("channel", "category", pen.choices(CHANNELS[pen.export.language]))


def case_variants(pen: Pen) -> WrittenColumn:
    """A place whose name is written in several cases."""
    names = CATEGORIES[pen.export.language][:3]
    return pen.texts("category", "category", pen.choices([*names, *[name.upper() for name in names]]))


def band(pen: Pen) -> WrittenColumn:
    """Ages by bands, which are no dates and no numbers."""
    return pen.texts("band", "category", pen.choices(("0-17", "18-25", "26-40", "41-65", "66+")))


def rating(pen: Pen) -> WrittenColumn:
    """Marks from 1 to 5."""
    return pen.texts("rating", "rating", pen.choices("12345"))


def postcode(pen: Pen) -> WrittenColumn:
    """Codes in digits with zeros before them."""
    if pen.random.random() < 0.5:
        codes = ["01001", "08002", "28013", "41004", "50001", "03440"]
        return pen.texts("postcode", "code", pen.choices(codes))
    return pen.texts("postcode", "code", [f"{pen.random.randrange(100_000):05}" for _ in range(pen.rows)])


def running(pen: Pen) -> WrittenColumn:
    """Running numbers."""
    first = pen.random.choice((1, 1, 1001, 20_230_001))
    return pen.texts("running", "identifier", [str(first + row) for row in range(pen.rows)])


def identifier(pen: Pen) -> WrittenColumn:
    """Names of the rows: letters and digits, or a tax number with points."""
    style = pen.random.choice(("{}-{:06}", "{}{:08}", "{}.{:05}.2023"))
    prefix = pen.random.choice(("PED", "F", "EXP", "AB"))
    numbers = pen.random.sample(range(100_000), pen.rows)
    return pen.texts("identifier", "identifier", [style.format(prefix, number) for number in numbers])


def tax_number(pen: Pen) -> WrittenColumn:
    """Numbers of people as 123.456.789-09: digits and points, and no quantity."""
    cells = []
    for _ in range(pen.rows):
        digits = f"{pen.random.randrange(10**11):011}"
        cells.append(f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}")
    return pen.texts("identifier", "identifier", cells)


def phone(pen: Pen) -> WrittenColumn:
    """Telephones, with their country or without."""
    numbers = [f"{pen.random.randrange(600_000_000, 999_999_999)}" for _ in range(pen.rows)]
    if pen.random.random() < 0.6:
        numbers = [f"+34 {number[:3]} {number[3:6]} {number[6:]}" for number in numbers]
    return pen.texts("phone", "identifier", numbers)


def person(pen: Pen) -> WrittenColumn:
    """Names of people."""
    names = [f"{pen.random.choice(LAST_NAMES)}, {pen.random.choice(FIRST_NAMES)} {row}" for row in range(pen.rows)]
    return pen.texts("person", "text", names)


def free_text(pen: Pen) -> WrittenColumn:
    """Remarks, some of them with a line break or quotes."""
    phrases = PHRASES[pen.export.language]
    cells = []
    for row in range(pen.rows):
        glue = pen.random.choice((" ", ", ", ' "', "\n"))
        cells.append(f"{pen.random.choice(phrases)}{glue}{pen.random.choice(phrases)} {row}")
    return pen.texts("text", "text", cells)


def constant(pen: Pen) -> WrittenColumn:
    """Always the same."""
    return pen.texts("constant", "nothing", [CONSTANTS[pen.export.language]] * pen.rows)


def empty(pen: Pen) -> WrittenColumn:
    """No value in any row."""
    return pen.texts("empty", "nothing", [""] * pen.rows)


def group(pen: Pen) -> WrittenColumn:
    """Three classes."""
    return pen.texts("group", "category", pen.choices(GROUPS[pen.export.language]))


def yes_no_class(pen: Pen) -> WrittenColumn:
    """A truth to predict."""
    return yes_no(pen, role="class")


def mixed_class(pen: Pen) -> WrittenColumn:
    """A truth to predict, written by several hands: the classes that differ only in case must be pointed out."""
    yes, no = VARIANTS[pen.export.language]
    return saying(_truths(pen, "class", yes, no), "must")


def saying(column: WrittenColumn, what: Saying) -> WrittenColumn:
    """``column`` whose right treatment is a warning, or may be one."""
    return replace(column, truth=replace(column.truth, saying=what))
