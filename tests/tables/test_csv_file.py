"""CSV files row by row: what is a row, on which line it begins, and what is not CSV."""

import os
from pathlib import Path

import pytest

from vaticina.errors import DataError
from vaticina.tables import open_table
from vaticina.tables.csv_file import CsvFile


def csv_file(folder: Path, content: str | bytes) -> CsvFile:
    path = folder / "data.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return CsvFile(path)


def rows(folder: Path, content: str | bytes) -> list[tuple[int, list[object]]]:
    return [(line, list(cells)) for line, cells in csv_file(folder, content).rows()]


def test_a_row_has_the_line_that_it_begins_on(tmp_path: Path) -> None:
    content = 'note,a\n"two\nlines",1\n\n,2\n"three\n\nlines",3\nx,4'
    lines = [(2, ["two\nlines", "1"]), (5, ["", "2"]), (6, ["three\n\nlines", "3"]), (9, ["x", "4"])]
    assert rows(tmp_path, content) == lines


def test_rows_can_be_read_again(tmp_path: Path) -> None:
    table = csv_file(tmp_path, "a\n1\n2\n")
    assert [row.cells for row in table.rows()] == [row.cells for row in table.rows()] == [["1"], ["2"]]
    assert table.count() == 2
    assert table.take({1}) == [["2"]]


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        ("a,b\r\n1,2\r\n", [["1", "2"]]),
        ("a,b\r1,2\r3,4", [["1", "2"], ["3", "4"]]),
        ('a,b\n"x\r\ny",2\n', [["x\r\ny", "2"]]),
        ("a,b\n1,\x00z\n", [["1", "\x00z"]]),
        ('a,b\n"say ""hi""",5" nail\n', [['say "hi"', '5" nail']]),
        ("a,b\n1, \n , \n", [["1", " "], [" ", " "]]),
        ("a,b\n1\n1,2,3\n", [["1"], ["1", "2", "3"]]),
        ("\n\na,b\n1,2\n", [["1", "2"]]),
        ("a,b\n\n   \n1,2\n \n", [["1", "2"]]),
        ('a\n\n""\n \n1\n', [[""], [" "], ["1"]]),
        ("\ufeffa,b\n\ufeff1,2\n", [["\ufeff1", "2"]]),
        ("a,b\n", []),
    ],
)  # fmt: skip
def test_rows_are_what_stands_in_the_file(tmp_path: Path, content: str, cells: list[list[str]]) -> None:
    assert [row for _, row in rows(tmp_path, content)] == cells


def test_the_header_is_kept_as_written_beside_its_names(tmp_path: Path) -> None:
    table = csv_file(tmp_path, '\ufeff a ,"b, c",\n1,2,3\n')
    assert list(table.header) == [" a ", "b, c", ""]
    assert list(table.names) == ["a", "b, c", "Unnamed: 2"]


def test_the_share_that_was_read_grows_to_one(tmp_path: Path) -> None:
    table = csv_file(tmp_path, "a,b\n" + "1,2\n" * 20_000)
    shares = [table.share]
    shares += [table.share for _ in table.rows()]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(set(shares)) > 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; its first line must name the columns"),
        (b"\n\r\n\n", "is empty"),
        (b" ; ;\n1;2;3\n", "is empty"),
        (b"a,b, a ,b\n1,2,3,4\n", "the header names 'a', 'b' more than once"),
        (b",Unnamed: 0\n1,2\n", "the header names 'Unnamed: 0' more than once"),
        ("ñ,b\n".encode() * 50_000 + b"\xf1,2\n", "data.csv:50001: this is UTF-8 text with a broken letter"),
        (b"\x80\x04\x95\x00\x00\x01\x02", "data.csv is not a text file"),
        (b'a,b\n1,2\n"x,3\n4,5\n', "data.csv:3: this is not CSV: the file ends inside a quoted cell"),
        (b'a,b\n1,2\n3,"', "data.csv:3: this is not CSV: the file ends inside a quoted cell"),
        (b'"a,b\n1,2\n', "data.csv:1: this is not CSV: the file ends inside a quoted cell"),
        (b'a,b\n1,"' + b"x\n" * 600_000, "data.csv:2: this is not CSV: field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused_with_file_and_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError) as refusal:
        rows(tmp_path, content)
    assert refusal.value.message.startswith(str(tmp_path / "data.csv"))
    assert message in refusal.value.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "holds no row"),
        (b"\x01\x02\xff", "not a text file"),
        (b"a,b\n1,2\n\n3,4,5\n", "data.csv:4: this is not a regular table: the row has 3 cells, the header 2"),
    ],
)
def test_a_count_of_rows_is_of_a_whole_regular_table(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        csv_file(tmp_path, content).count()


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=rf"{name} cannot be read: it does not exist"):
        open_table(tmp_path / name)


@pytest.mark.parametrize("name", ["pipe", "pipe.parquet"])
def test_a_pipe_is_refused_because_it_cannot_be_read_twice(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match=f"{name} cannot be read: it is no regular file"):
        open_table(tmp_path / name)


@pytest.mark.parametrize("name", ["folder", "folder.parquet"])
def test_a_folder_is_no_table(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(DataError, match=f"{name} cannot be read: "):
        open_table(tmp_path / name)


@pytest.mark.parametrize("content", [b"a" * 2**24, b"a,b\n1,2\n" + b'"x' * 2**23, b"a,b\n" + b"1," * 2**23])
def test_a_line_that_does_not_end_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"data\.csv is no table: it has a line of more than 16777216 "):
        rows(tmp_path, content)


def test_a_bad_letter_is_found_in_a_line_that_does_not_end(tmp_path: Path) -> None:
    content = b"a,b\n" + "é".encode() * 2**20 + b"\xff"
    with pytest.raises(DataError, match=r"data\.csv:2: this is UTF-8 text with a broken letter"):
        rows(tmp_path, content)
