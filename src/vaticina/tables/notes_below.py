"""Notes below a table, such as the source of its numbers: they are no rows."""

from collections.abc import Iterator, Sequence

from vaticina.tables.table_file import TableRow

MAX_NOTES = 20
"""Lines of notes, at most."""


def without_notes(records: Iterator[tuple[int, list[str]]], width: int, notes: list[TableRow]) -> Iterator[TableRow]:
    """The rows among ``records`` (line, cells), of a table of ``width`` columns; blank lines are none.

    The last lines are added to ``notes`` instead, if each holds a sentence in its first cell and nothing else, and is
    shorter than a row or stands below a blank line. Empty cells behind the last column are cut.
    """
    held: list[TableRow] = []
    after_blank = False
    for line, cells in records:
        if len(cells) == width and cells[-1] and not held:  # nearly every row
            yield TableRow(line, cells)
            after_blank = False
            continue
        if not cells or (width > 1 and len(cells) == 1 and not cells[0].strip()):
            after_blank = True
            continue
        row = TableRow(line, _without_empty_end(cells, width))
        set_apart = after_blank or bool(held) or len(row.cells) < width
        after_blank = not any(map(str.strip, cells))
        if set_apart and width > 1 and is_note(row.cells) and len(held) < MAX_NOTES:
            held.append(row)
            continue
        yield from held
        held.clear()
        yield row
    notes.extend(held)


def _without_empty_end(cells: list[str], width: int) -> list[str]:
    if len(cells) > width and not any(map(str.strip, cells[width:])):
        return cells[:width]
    return cells


def is_note(cells: Sequence[object]) -> bool:
    """Whether the first cell is a sentence or ``Source: ...``, and all others are empty."""
    first, *others = ["" if cell is None else str(cell) for cell in cells]
    if any(map(str.strip, others)):
        return False
    words = first.split()
    return len(words) > 1 and any(map(str.isalpha, first))
