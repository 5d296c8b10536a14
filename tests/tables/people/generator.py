"""Tables as people export them, drawn from a seed, each with its truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.tables.people import columns as ordinary
from tests.tables.people import doubtful_columns as doubtful
from tests.tables.people.columns import Pen, WrittenColumn
from tests.tables.people.exports import EXPORTS, NBSP, Export
from tests.tables.people.truth import ColumnTruth, TableTruth
from tests.tables.people.vocabulary import SOURCES, TITLES

SEED = 20_251_127
TABLES = 200

Maker = Callable[[Pen], WrittenColumn]

EVIDENCE: tuple[Maker, ...] = (ordinary.amount, ordinary.measure, ordinary.general)
"""Every table has one of these, which shows what its decimal sign is."""

MAKERS: tuple[Maker, ...] = (
    ordinary.amount,
    ordinary.whole,
    ordinary.whole_money,
    ordinary.measure,
    ordinary.general,
    ordinary.fine,
    ordinary.count,
    ordinary.year,
    ordinary.percent,
    ordinary.percent,
    ordinary.scientific,
    ordinary.date,
    ordinary.date,
    ordinary.moment,
    ordinary.clock,
    ordinary.yes_no,
    ordinary.yes_no,
    ordinary.yes_no_variants,
    ordinary.category,
    ordinary.channel,
    ordinary.case_variants,
    ordinary.band,
    ordinary.rating,
    ordinary.postcode,
    ordinary.running,
    ordinary.identifier,
    ordinary.tax_number,
    ordinary.phone,
    ordinary.person,
    ordinary.free_text,
    ordinary.constant,
    ordinary.empty,
)

DOUBTFUL: tuple[Maker, ...] = (
    doubtful.typing_error,
    doubtful.whole_typing_error,
    doubtful.date_typing_error,
    doubtful.ambiguous_date,
    doubtful.mixed_decimals,
    doubtful.sentinel,
    doubtful.with_unit,
    doubtful.unusual_notation,
    doubtful.unusual_date,
    doubtful.limits,
    ordinary.month_name_date,
    ordinary.compact_date,
)

WITHOUT_DECIMALS: tuple[Maker, ...] = (
    ordinary.count,
    ordinary.year,
    ordinary.yes_no,
    ordinary.category,
    ordinary.channel,
    ordinary.identifier,
)

TARGETS: tuple[Maker, ...] = (ordinary.yes_no_class, ordinary.group, ordinary.quantity, ordinary.quantity)


@dataclass(frozen=True, slots=True)
class Dirt:
    """What else is wrong with a file."""

    padded: str = ""
    """White space around some cells."""
    padded_header: bool = False
    titles: int = 0
    full_width: bool = False
    """Whether titles and notes have as many delimiters as the rows, as spreadsheets write them."""
    blank_lines: bool = False
    note: bool = False
    trailing: bool = False
    """Whether every line ends with a delimiter."""


def generate(count: int = TABLES, seed: int = SEED) -> Iterator[TableTruth]:
    """``count`` tables; the same ones for the same ``seed``."""
    for number in range(count):
        random = Random(f"{seed}-{number}")
        export = EXPORTS[number % len(EXPORTS)]
        pen = Pen(random, random.randint(60, 300), export)
        written, target = _columns(pen, number)
        yield _table(f"{number:03}_{export.name}", pen, written, target, number)


def _columns(pen: Pen, number: int) -> tuple[list[WrittenColumn], int]:
    """The columns in the file's order, and the position of the target."""
    if number % 25 == 12:
        makers = [doubtful.ambiguous_thousands, *WITHOUT_DECIMALS]
        target = ordinary.yes_no_class(pen)
    else:
        makers = [pen.random.choice(EVIDENCE), *pen.random.sample(MAKERS, pen.random.randint(4, 8))]
        if number % 3 == 1:
            makers = _with_doubtful(makers, DOUBTFUL[number // 3 % len(DOUBTFUL)])
        if number % 17 == 5 and pen.export.encoding.startswith("utf"):
            makers.append(doubtful.typographic_minus)
        target = _target(pen, number)
    pen.random.shuffle(makers)
    written = _unique_names([*[make(pen) for make in makers], target])
    if pen.random.random() < 0.3:
        return [written[-1], *written[:-1]], 0
    return written, len(written) - 1


def _with_doubtful(makers: list[Maker], maker: Maker) -> list[Maker]:
    """Beside a date that nobody can read for certain stands no other one, which would show how to read it."""
    if maker is doubtful.ambiguous_date:
        makers = [other for other in makers if other not in (ordinary.date, ordinary.moment)]
    return [*makers, maker]


def _target(pen: Pen, number: int) -> WrittenColumn:
    if number % 20 == 9:
        return ordinary.mixed_class(pen)
    return TARGETS[number % len(TARGETS)](pen)


def _unique_names(written: Sequence[WrittenColumn]) -> list[WrittenColumn]:
    names: set[str] = set()
    unique = []
    for column in written:
        name = column.truth.name
        again = 1
        while name in names:
            again += 1
            name = f"{column.truth.name} {again}"
        names.add(name)
        unique.append(replace(column, truth=replace(column.truth, name=name)))
    return unique


def _table(name: str, pen: Pen, written: Sequence[WrittenColumn], target: int, number: int) -> TableTruth:
    export, dirt = pen.export, _dirt(pen)
    target_name = written[target].truth.name
    if export.index is not None:
        written = [_index(pen, export.index), *written]
    headers = [column.truth.name for column in written]
    twice = number % 50 == 31 and export.index is None
    if twice:
        first, second = [position for position in range(len(headers)) if position != target][:2]
        headers[second] = headers[first]
    content = _lines(pen, dirt, headers, written)
    return TableTruth(
        name=name,
        content=_encoded(content, export),
        rows=pen.rows,
        target=target_name,
        columns=tuple(column.truth for column in written),
        may_be_refused=twice or export.index == "",
    )


def _index(pen: Pen, name: str) -> WrittenColumn:
    cells = tuple(str(row) for row in range(pen.rows))
    return WrittenColumn(cells, ColumnTruth(name, "identifier"), is_text=True)


def _dirt(pen: Pen) -> Dirt:
    random, export = pen.random, pen.export
    titles = 0
    if random.random() < 0.05 or (export.titles and random.random() < 0.6):
        titles = random.randint(1, 3)
    return Dirt(
        padded=random.choice(("", "", "", "", "", "", " ", "  ", NBSP)),
        padded_header=random.random() < 0.08,
        titles=titles,
        full_width=random.random() < 0.5,
        blank_lines=random.random() < 0.1,
        note=random.random() < 0.06,
        trailing=export.trailing or random.random() < 0.04,
    )


def _lines(pen: Pen, dirt: Dirt, headers: Sequence[str], written: Sequence[WrittenColumn]) -> list[str]:
    """The lines of the file."""
    export, random = pen.export, pen.random
    lines = []
    if export.first_line:
        lines.append(export.first_line)
    for title in TITLES[export.language][: dirt.titles]:
        lines.append(_alone(title, len(headers), dirt, export))
    if dirt.titles and random.random() < 0.6:
        lines.append(_alone("", len(headers), dirt, export))
    names = list(headers)
    if dirt.padded_header:
        names = [f"{name} " for name in names]
    quoted = export.quote_all or export.quote_texts
    lines.append(_line([_cell(name, export, quoted) for name in names], dirt, export))
    padded = [dirt.padded and random.random() < 0.4 for _ in written]
    for row in range(pen.rows):
        if dirt.blank_lines and random.random() < 0.03:
            lines.append("")
        cells = []
        for column, pad in zip(written, padded, strict=True):
            text = column.cells[row]
            if pad and random.random() < 0.5:
                text = random.choice((dirt.padded + text, text + dirt.padded, dirt.padded + text + dirt.padded))
            quoted = export.quote_all or (export.quote_texts and column.is_text and row not in column.truth.missing)
            cells.append(_cell(text, export, quoted))
        lines.append(_line(cells, dirt, export))
    if dirt.note:
        lines += ["", _alone(SOURCES[export.language], len(headers), dirt, export)]
    return lines


def _alone(text: str, width: int, dirt: Dirt, export: Export) -> str:
    """A line with one text only."""
    text = _cell(text, export, quoted=False)
    if dirt.full_width:
        return text + export.delimiter * (width - 1)
    return text


def _line(cells: Sequence[str], dirt: Dirt, export: Export) -> str:
    line = export.delimiter.join(cells)
    if dirt.trailing:
        return line + export.delimiter
    return line


def _cell(text: str, export: Export, quoted: bool) -> str:
    if quoted or export.delimiter in text or '"' in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _encoded(lines: Sequence[str], export: Export) -> bytes:
    text = export.newline.join([*lines, ""])
    return text.encode(export.encoding)
