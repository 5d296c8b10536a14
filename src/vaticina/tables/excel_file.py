"""A table in an Excel workbook."""

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError, MissingExtra
from vaticina.tables.column_names import column_names
from vaticina.tables.excel_value import cell_value
from vaticina.tables.notes_below import MAX_NOTES, is_note
from vaticina.tables.table_file import TableRow, count_rows, report_unreadable, take_rows
from vaticina.tables.workbook_check import MAX_ROWS, check_workbook, too_large

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

SAMPLE = 100
"""Rows from whose widths the header is found."""

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How an old workbook begins, and one with a password."""


class ExcelFile:
    """The table of the first sheet of a workbook that is not hidden, read row by row.

    The header is the first row that is as full as most; titles above it are left out, and so are empty rows, empty
    columns beside the table, and cells right of the last column that has a name. Cells have the types that they have in
    the file: a formula is its stored result, an error like #N/A is missing, and 12 % is the number 12, as a CSV file of
    the same sheet has it.

    Raises:
        DataError: it cannot be read, is no workbook or too large a one, is empty, or two columns have one name.
        MissingExtra: openpyxl is not installed.
    """

    delimiter = ","
    typed = True
    encoding: str | None = None

    def __init__(self, path: Path, notation: TableNotation = PLAIN) -> None:
        self.path = path
        self.notation = notation
        self.share = 0.0
        with report_unreadable(path), path.open("rb") as file:
            is_ole = file.read(len(OLE)) == OLE
        if is_ole:
            raise DataError(
                f"{path} has a password, or is an old workbook in spite of its name; "
                "open it in Excel, take the password away, and save it as an Excel workbook (.xlsx)."
            )
        self._has_formulas = check_workbook(path)
        self._sheet_remarks: list[str] = []
        self._beside: tuple[int, int] | None = None
        self._notes: list[TableRow] = []
        with self._sheet() as sheet:
            self._last_row = sheet.max_row or MAX_ROWS
            sample = list(islice(self._filled_rows(sheet), SAMPLE))
        self._header_line, cells = _header(sample)
        named = [position for position, cell in enumerate(cells) if str(cell or "").strip()]
        if not named:
            raise DataError(f"{path} is empty; the first row of its sheet must name the columns.")
        self._first, self._width = named[0], named[-1] + 1
        self.header: Sequence[str] = [str(cell or "") for cell in cells[self._first : self._width]]
        self.names: Sequence[str] = column_names(path, self.header)

    @property
    def remarks(self) -> Sequence[str]:
        """What was understood of the file, in words; what stands beside and below the table once it was read."""
        remarks = list(self._sheet_remarks)
        if self._header_line > 1:
            remarks.append(f"the header is row {self._header_line}; what stands above it is left out")
        if self._beside is not None:
            row, column = self._beside
            remarks.append(
                f"cells beside the table, in columns without a name, are left out; the first is in row {row}, "
                f"column {column}"
            )
        if self._notes:
            remarks.append(f"{len(self._notes)} notes at the end are left out, from row {self._notes[0].line}")
        return remarks

    def rows(self) -> Iterator[TableRow]:
        """The rows, each cell a value of the type that it has in the file."""
        notes: list[TableRow] = []
        for row in self._rows_and_notes():
            if len(self.names) > 1 and is_note(row.cells) and len(notes) < MAX_NOTES:
                notes.append(row)
                continue
            yield from notes
            notes.clear()
            yield row
        self._notes = notes
        self.share = 1.0

    def _rows_and_notes(self) -> Iterator[TableRow]:
        """What stands below the header, each row as long as it."""
        with self._sheet() as sheet:
            for line, cells in self._filled_rows(sheet):
                if line <= self._header_line:
                    continue
                self._notice_beside(line, cells)
                inside = cells[self._first : self._width]
                if any(cell is not None for cell in inside):
                    yield TableRow(line, [*inside, *[None] * (len(self.names) - len(inside))])
                self.share = min(line / self._last_row, 1.0)

    def count(self) -> int:
        """How many rows there are: the file is read once."""
        return count_rows(self)

    def take(self, positions: Collection[int]) -> list[Sequence[object]]:
        """The rows at ``positions``: the file is read once."""
        return take_rows(self, positions)

    def _notice_beside(self, line: int, cells: Sequence[object]) -> None:
        """Remembers the first cell outside the table."""
        if self._beside is not None:
            return
        for position, cell in enumerate(cells):
            if cell is not None and not self._first <= position < self._width:
                self._beside = (line, position + 1)
                return

    @contextmanager
    def _sheet(self, *, values: bool = True) -> "Iterator[ReadOnlyWorksheet]":
        """The open sheet, with the results of its formulas or, without ``values``, with the formulas themselves."""
        try:
            import openpyxl
        except ModuleNotFoundError:
            raise MissingExtra.of("openpyxl", f"{self.path}, an Excel workbook,") from None
        # it warns of charts, lists of choices and the like, which are no part of the table
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        with report_unreadable(self.path), self.path.open("rb") as file:
            try:
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=values, keep_links=False)
                sheets = workbook.worksheets
                visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
                sheet = (visible or sheets)[0]
                self._sheet_remarks = _about_sheets(sheet, sheets)
                yield sheet
                workbook.close()
            except (DataError, OSError):
                raise
            except Exception as error:  # a broken workbook fails in any way
                reason = " ".join(str(error).split())[:200]
                raise DataError(f"{self.path} is not an Excel workbook that can be read: {reason}.") from None

    def _filled_rows(self, sheet: "ReadOnlyWorksheet") -> Iterator[tuple[int, list[object]]]:
        """The rows of ``sheet`` that are not empty, with their numbers, up to their last cell that is not empty."""
        if not self._has_formulas:
            yield from self._values(sheet)
            return
        with self._sheet(values=False) as formulas:
            yield from self._values(sheet, _cells(formulas))

    def _values(
        self, sheet: "ReadOnlyWorksheet", formulas: "Iterator[Sequence[ReadOnlyCell]] | None" = None
    ) -> Iterator[tuple[int, list[object]]]:
        for line, cells in enumerate(_cells(sheet), 1):
            if line > MAX_ROWS:
                raise too_large(self.path, f"a worksheet has more than {MAX_ROWS} rows")
            if formulas is not None:
                self._check_results(line, cells, next(formulas, ()))
            values = [cell_value(cell) for cell in cells]
            while values and values[-1] is None:
                values.pop()
            if values:
                yield line, values

    def _check_results(self, line: int, cells: "Sequence[ReadOnlyCell]", formulas: "Sequence[ReadOnlyCell]") -> None:
        """Raises DataError where a formula has no result: it would pass for a missing value."""
        for cell, formula in zip(cells, formulas, strict=False):
            # a result that is an empty text has the type of a text
            if formula.data_type == "f" and cell.value is None and cell.data_type == "n":
                raise DataError(
                    f"{self.path}:{line}: the formula in cell {formula.coordinate} has no result in the file, because "
                    "a program wrote it and no spreadsheet computed it; open it in Excel or LibreOffice and save it."
                )


def _cells(sheet: "ReadOnlyWorksheet") -> "Iterator[Sequence[ReadOnlyCell]]":
    """The rows of ``sheet`` as long as they are, whatever size the file declares."""
    sheet.reset_dimensions()
    rows: Iterator[Sequence[ReadOnlyCell]] = sheet.iter_rows()
    return rows


def _about_sheets(sheet: "ReadOnlyWorksheet", sheets: "Sequence[ReadOnlyWorksheet]") -> list[str]:
    others = []
    for other in sheets:
        if other is sheet:
            continue
        hidden = ""
        if other.sheet_state != "visible":
            hidden = " (hidden)"
        others.append(f"{other.title!r}{hidden}")
    if not others:
        return []
    return [f"the sheet {sheet.title!r} is read; not read: {', '.join(others)}"]


def _header(sample: Sequence[tuple[int, list[object]]]) -> tuple[int, list[object]]:
    """The number and the cells of the first row of ``sample`` that is as full as most, or lacks one cell of it.

    One name may lack: pandas writes none above the labels of its rows. Titles are less than half as full.
    """
    if not sample:
        return 1, []
    sizes = [_filled(cells) for _, cells in sample]
    usual = median_low(sizes)
    for least in (max(usual - 1, usual // 2 + 1), usual // 2 + 1):
        for row, size in zip(sample, sizes, strict=True):
            if size >= least:
                return row
    return sample[0]


def _filled(cells: Sequence[object]) -> int:
    """How many cells have a value."""
    return len(cells) - cells.count(None)
