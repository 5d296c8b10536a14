"""Excel workbooks: the table of the first sheet, its values with their types, and what is refused."""

import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.tables.workbooks import SHEET, sheet_xml, with_part, workbook
from vaticina.datasets import infer_contract
from vaticina.datasets.table_options import NO_OPTIONS
from vaticina.errors import DataError, MissingExtra
from vaticina.tables import open_table, read_table
from vaticina.tables.excel_file import ExcelFile

DAY = datetime(2023, 5, 1)  # noqa: DTZ001 - a workbook knows no time zones


def rows(path: Path) -> list[list[object]]:
    return [list(row.cells) for row in open_table(path).rows()]


def remarks(path: Path) -> list[str]:
    table = ExcelFile(path)
    list(table.rows())
    return list(table.remarks)


def test_rows_hold_values(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.XLSX", [["n", "x", "day", "flag", "text"], [1, 2.5, DAY, True, " a "], [2, 3.0]])
    table = open_table(path)
    assert list(table.names) == ["n", "x", "day", "flag", "text"]
    first, second = table.rows()
    assert (first.line, *first.cells) == (2, 1, 2.5, DAY, True, " a ")
    assert (second.line, *second.cells) == (3, 2, 3, None, None, None)
    assert table.share == 1.0
    assert table.count() == 2
    assert table.take([1]) == [[2, 3, None, None, None]]


def test_columns_hold_texts(tmp_path: Path) -> None:
    content: list[list[object]] = [["price", "day", "flag"], [1.234, DAY, True], [12, DAY, False]]
    columns = read_table(workbook(tmp_path / "book.xlsx", content)).columns
    assert columns["price"] == ["1.234", "12"]
    assert columns["day"] == ["2023-05-01 00:00:00", "2023-05-01 00:00:00"]
    assert columns["flag"] == ["True", "False"]


def test_errors_are_missing(tmp_path: Path) -> None:
    assert rows(workbook(tmp_path / "book.xlsx", [["a", "b"], ["#N/A", 1], ["#DIV/0!", 2]])) == [[None, 1], [None, 2]]


@pytest.mark.parametrize(
    ("value", "number_format", "read"),
    [
        (0.07, "0%", 7),
        (0.125, "0.0%", 12.5),
        (-0.3, "0.00%", -30),
        (1234.5, "#,##0.00 €", 1234.5),
        (True, "0%", True),
        (time(14, 30), "h:mm", time(14, 30)),
        (timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
    ],
)
def test_a_cell_is_what_the_sheet_shows(tmp_path: Path, value: object, number_format: str, read: object) -> None:
    path = workbook(tmp_path / "book.xlsx", [["a", "b"], [value, 1]], {"A2": number_format})
    ((cell, _),) = rows(path)
    assert cell == read
    assert type(cell) is type(read)


def test_titles_above_the_header_are_left_out_and_said(tmp_path: Path) -> None:
    content: list[list[object]] = [
        ["Sales report"],
        ["Date:", "May"],
        [],
        ["a", "b", "c", "d"],
        [1, 2, 3, 4],
        [5, 6, 7, 8],
    ]
    path = workbook(tmp_path / "book.xlsx", content)
    assert rows(path) == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert [row.line for row in open_table(path).rows()] == [5, 6]
    assert remarks(path) == ["the header is row 4; what stands above it is left out"]


def test_a_table_may_stand_anywhere_on_its_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", [[], [], [None, None, "a", "b"], [None, None, 1, 2], [], [None, None, 3]])
    assert rows(path) == [[1, 2], [3, None]]
    assert read_table(path).columns == {"a": ["1", "3"], "b": ["2", None]}


def test_empty_rows_and_columns_that_have_a_format_only_are_no_part_of_the_table(tmp_path: Path) -> None:
    formats = {"A900": "0%", "H2": "0%", "H1": "0%"}
    path = workbook(tmp_path / "book.xlsx", [["a", "b"], [1, 2]], formats)
    assert open_table(path).names == ["a", "b"]
    assert rows(path) == [[1, 2]]
    assert remarks(path) == []


def test_cells_beside_the_table_are_left_out_and_said(tmp_path: Path) -> None:
    content: list[list[object]] = [[None, "a", "b"], [0, 1, 2], [1, 3, 4, None, "checked by Ana"]]
    path = workbook(tmp_path / "book.xlsx", content)
    assert rows(path) == [[1, 2], [3, 4]]
    assert remarks(path) == [
        "cells beside the table, in columns without a name, are left out; the first is in row 2, column 1"
    ]


def test_notes_below_the_table_are_left_out_and_said(tmp_path: Path) -> None:
    content: list[list[object]] = [
        ["city", "b"],
        ["San José", None],
        ["Lima", 2],
        [],
        ["Source: own data"],
        ["In euros"],
    ]
    path = workbook(tmp_path / "book.xlsx", content)
    assert rows(path) == [["San José", None], ["Lima", 2]]
    assert remarks(path) == ["2 notes at the end are left out, from row 5"]


def test_the_first_sheet_that_is_not_hidden_is_read_and_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, state in (("Notes", "hidden"), ("Sales", "visible"), ("Costs", "visible")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        sheet.append([f"{title} a", "b"])
        sheet.append([1, 2])
    book.remove(book.worksheets[0])
    book.save(tmp_path / "book.xlsx")
    assert list(open_table(tmp_path / "book.xlsx").names) == ["Sales a", "b"]
    assert remarks(tmp_path / "book.xlsx") == ["the sheet 'Sales' is read; not read: 'Notes' (hidden), 'Costs'"]


def computed(path: Path, results: str) -> Path:
    """A workbook whose column b is a formula with ``results`` in it."""
    header = '<row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
    return with_part(workbook(path, [["a", "b"]]), SHEET, sheet_xml(header + results))


def test_a_formula_is_its_stored_result(tmp_path: Path) -> None:
    results = (
        '<row r="2"><c><v>1</v></c><c><f>A2*2</f><v>2</v></c></row>'
        '<row r="3"><c><v>2</v></c><c t="str"><f>IF(A3=2,"",1)</f><v></v></c></row>'
        '<row r="4"><c><v>3</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="5"><c><v>4</v></c><c t="b"><f>A5=4</f><v>1</v></c></row>'
    )
    assert rows(computed(tmp_path / "book.xlsx", results)) == [[1, 2], [2, None], [3, None], [4, True]]


def test_a_formula_without_a_result_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", [["a", "b"], [1, 2], [3, "=A3*2"]])
    with pytest.raises(DataError, match=r"book\.xlsx:3: the formula in cell B3 has no result in the file"):
        read_table(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "is empty"),
        ([["a", "a"], [1, 2]], "'a' more than once"),
        ([["a", "b"]], "holds no rows"),
    ],
)
def test_headers_are_checked_as_in_csv(tmp_path: Path, content: list[list[object]], message: str) -> None:
    path = workbook(tmp_path / "book.xlsx", content)
    reads: tuple[Callable[[], object], ...] = (lambda: read_table(path), lambda: open_table(path).count())
    for read in reads:
        with pytest.raises(DataError, match=message):
            read()


def test_a_workbook_and_a_csv_file_of_the_same_table_give_the_same_contract(tmp_path: Path) -> None:
    content: list[list[object]] = [["price", "rooms", "sold", "city", "garage", "share", "bought"]]
    lines = ["price,rooms,sold,city,garage,share,bought"]
    for row in range(60):
        price, rooms, city = round(1.234 + row / 7, 3), row % 5, ("Lima", "Cusco", "Piura")[row % 3]
        sold, garage, bought = DAY + timedelta(days=row), row % 2 == 0, ("yes", "no")[row // 2 % 2]
        content.append([price, rooms, sold, city, garage, row / 100, bought])
        lines.append(f"{price},{rooms},{sold:%Y-%m-%d},{city},{garage},{row},{bought}")
    formats = {f"F{row + 2}": "0%" for row in range(60)}
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    book = infer_contract(workbook(tmp_path / "table.xlsx", content, formats), "flats", "bought", NO_OPTIONS).dataset
    text = infer_contract(tmp_path / "table.csv", "flats", "bought", NO_OPTIONS).dataset
    assert book.contract == text.contract
    assert book.rows == text.rows


@pytest.mark.parametrize("name", ["book.xls", "book.XLSB", "book.ods", "book.numbers"])
def test_another_spreadsheet_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(DataError, match=r"which is not read; save it as an Excel workbook \(\.xlsx\) or as CSV"):
        open_table(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x14\x00", r"an Excel workbook or another ZIP archive; a workbook's name ends in \.xlsx\.$"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook or another file of Office; save it as"),
        (b"PAR1\x15\x04", "a Parquet file; its name must end in .parquet"),
        (b"\x1f\x8b\x08\x00", "a gzip archive; unpack it first"),
    ],
)
def test_another_file_in_spite_of_its_name_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "rows.csv").write_bytes(content + bytes(64))
    with pytest.raises(DataError, match=r"rows\.csv is no CSV file but " + message):
        open_table(tmp_path / "rows.csv")


def test_a_workbook_with_a_password_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    with pytest.raises(DataError, match=r"has a password, or is an old workbook .* take the password away"):
        open_table(tmp_path / "book.xlsx")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04 cut"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "book.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"book\.xlsx is not an Excel workbook that can be read: .*\.$"):
        open_table(tmp_path / "book.xlsx")


def test_an_archive_of_other_things_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("model.onnx", b"\x08\x07")
    with pytest.raises(DataError, match=r"book\.xlsx is not an Excel workbook that can be read"):
        open_table(tmp_path / "book.xlsx")


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "book.xlsx", [["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"book\.xlsx, an Excel workbook, needs openpyxl, .*install it with: "):
        open_table(path)


BOMBS = {
    "a cell without an end": f'<row><c t="inlineStr"><is><t>{"a" * 3_000_000}</t></is></c></row>',
    "a row without an end": f"<row>{'<c/>' * 600_000}</row>",
    "rows in a row": f"<row>{'<row/>' * 600_000}</row>",
    "more rows than a sheet has": "<row/>" * 1_048_577,
    "a row far below": '<row r="1"><c><v>1</v></c></row><row r="99999999999"><c><v>1</v></c></row>',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_file_that_unpacks_to_a_large_sheet_is_refused(tmp_path: Path, bomb: str) -> None:
    path = with_part(workbook(tmp_path / "book.xlsx", [["a"]]), SHEET, sheet_xml(BOMBS[bomb]))
    assert path.stat().st_size < 50_000
    with pytest.raises(DataError, match=r"book\.xlsx is too large for an Excel workbook: .*; save its table as CSV\.$"):
        read_table(path)


def test_a_part_that_is_read_as_a_whole_is_limited_too(tmp_path: Path) -> None:
    path = with_part(workbook(tmp_path / "book.xlsx", [["a"]]), "xl/styles.xml", b"<s>" + b"<x/>" * 600_000 + b"</s>")
    with pytest.raises(DataError, match="is too large for an Excel workbook"):
        open_table(path)


def test_the_parts_together_are_limited(tmp_path: Path) -> None:
    path = with_part(workbook(tmp_path / "book.xlsx", [["a"], [1]]), "xl/media/image1.png", bytes(1_000))
    assert rows(path) == [[1]]
    declare_size(path, "xl/media/image1.png", 2**31)
    with pytest.raises(DataError, match=f"its parts unpack to more than {2**30} bytes"):
        open_table(path)


def declare_size(path: Path, name: str, size: int) -> None:
    """Writes ``size`` as that of the unpacked part ``name`` into the archive's directory (APPNOTE 4.3.12)."""
    content = bytearray(path.read_bytes())
    header = content.index(name.encode(), content.index(b"PK\x01\x02")) - 46
    content[header + 24 : header + 28] = size.to_bytes(4, "little")
    path.write_bytes(content)


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    """Its entities may multiply, or name files of this machine."""
    bomb = b'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + sheet_xml(
        "<row><c><v>&b;</v></c></row>"
    )
    path = with_part(workbook(tmp_path / "book.xlsx", [["a"]]), SHEET, bomb)
    with pytest.raises(DataError, match="declares no document type"):
        open_table(path)
