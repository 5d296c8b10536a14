"""On which lines of a table's file texts stand."""

from collections.abc import Collection, Mapping

from vaticina.contract.notation import TableNotation
from vaticina.tables import Table, open_table
from vaticina.tables.cell_values import cell_text


def first_lines(
    table: Table, texts: Mapping[str, Collection[str]], notation: TableNotation
) -> dict[tuple[str, str], int]:
    """The line on which each of ``texts`` (by column) stands first: the file is read once more, if need be."""
    missing_lines: set[tuple[str, str]] = set()
    for column, column_texts in texts.items():
        missing_lines.update((column, text) for text in column_texts)
    lines: dict[tuple[str, str], int] = {}
    if not missing_lines:
        return lines
    file = open_table(table.path, notation)
    positions = {name: position for position, name in enumerate(file.names) if texts.get(name)}
    for row in file.rows():
        for name, position in positions.items():
            text = cell_text(row.cells[position]) if position < len(row.cells) else None
            if text is not None and (name, text) in missing_lines:
                missing_lines.remove((name, text))
                lines[name, text] = row.line
        if not missing_lines:
            break
    return lines
