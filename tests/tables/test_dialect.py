"""The delimiter of a CSV file, judged by its rows, and the line of its header."""

from pathlib import Path

import pytest

from vaticina.errors import DataError
from vaticina.tables import open_table, read_table
from vaticina.tables.dialect import Dialect, detect_delimiter, detect_dialect


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("alone\n1\n", ","),
        ("", ","),
        ('"Name, full";"Price, net"\nAna;2\n', ";"),
        ("Nombre, completo;Precio, sin IVA;Peso, kg;compra\nAna;12,5;3,2;si\nEva;1,5;3;no\n", ";"),
        ("alto;ancho\n1,5;2,5\n1,7;2,9\n", ";"),
        ("precio;x;y\n24,27;82.73;si\n16,54;29.59;si\n", ";"),
        ("id,tags\n1,a;b\n2,c;d\n", ","),
        ("date,name\n2024-01-01,a|b|c\n2024-01-02,d|e\n", ","),
        ('"a;b;c;d",e\n1,2\n', ","),
        ('"say ""a;b;c""",d\n1,2\n', ","),
        ('"two\nlines; with; more"\tb\n1\t2\n', "\t"),
        ('height 5" x,b\n1,2\n', ","),
        ("\r\n\na;b\n1;2\n", ";"),
        ("Ventas, enero, 2024\n\nalto;ancho\n1,5;2,5\n1,7;2,9\n", ";"),
        ("a;b;c\n1\n2\n3\n", ";"),
        ('"never closed;a,b,c\n', ","),
    ],
)
def test_the_delimiter_is_that_of_most_rows(sample: str, delimiter: str) -> None:
    assert detect_delimiter(sample) == delimiter


def test_a_byte_order_mark_does_not_hide_a_quoted_name(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes('\ufeff"a,b,c";d\n1;2\n'.encode())
    assert detect_dialect(path) == Dialect(";")


TABLE = "region;sales;share\nnorth;12;3\nsouth;7;5\n"


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("", 1),
        ("\n\n", 1),
        ("Sales of 2024\n", 2),
        ("sep=;\n", 2),
        ("Sales of 2024\n\n", 3),
        ("Sales of 2024;;\n;;\n", 3),
        ('"Sales\nof 2024"\n\nprinted 2024-05-01\n\n', 6),
        ("Sales of 2024, all regions, in euros\nSource: nobody\n\n", 4),
    ],
)
def test_titles_above_the_header_are_no_rows(tmp_path: Path, above: str, line: int) -> None:
    path = tmp_path / "data.csv"
    path.write_text(above + TABLE, encoding="utf-8")
    table = open_table(path)
    assert list(table.names) == ["region", "sales", "share"]
    rows = list(table.rows())
    assert [row.cells for row in rows] == [["north", "12", "3"], ["south", "7", "5"]]
    first = (above + TABLE).splitlines().index("north;12;3") + 1
    assert rows[0].line == first
    assert any(f"the header is line {line};" in remark for remark in table.remarks) == (line > 1)


@pytest.mark.parametrize(
    "content",
    [
        "comment\nhello, world\nbye, world\n",
        "name\nEva,1,2\nAna,3,4\n",
        "a,b\n1,2,3\n4,5,6\n",
    ],
)
def test_a_header_that_is_too_short_is_no_title(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"data.csv:2: this is not a regular table"):
        read_table(path)


@pytest.mark.parametrize(
    ("below", "notes"),
    [
        ("", 0),
        ("Source: nobody\n", 1),
        ("\nSource: nobody\n* provisional data\n", 2),
        (";;\nSource: nobody;;\n", 1),
        ("\nwest;1;2\n", 0),
    ],
)
def test_notes_below_the_table_are_no_rows(tmp_path: Path, below: str, notes: int) -> None:
    path = tmp_path / "data.csv"
    path.write_text(TABLE + below, encoding="utf-8")
    table = open_table(path)
    rows = [row.cells[0] for row in table.rows() if row.cells[0]]
    assert rows == ["north", "south", *(["west"] if "west" in below else [])]
    told = [remark for remark in table.remarks if "notes at the end" in remark]
    assert len(told) == (1 if notes else 0)
    assert not notes or told[0].startswith(f"{notes} lines of notes")


def test_a_short_row_within_the_table_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("region;sales\nfar north\nsouth;7\n", encoding="utf-8")
    assert read_table(path).columns == {"region": ["far north", "south"], "sales": [None, "7"]}


def test_empty_cells_behind_the_last_column_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2,\n3,4,,\n", encoding="utf-8")
    assert read_table(path).columns == {"a": ["1", "3"], "b": ["2", "4"]}
