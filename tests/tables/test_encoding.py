"""The encoding of a table's file, by all its bytes."""

from pathlib import Path

import pytest

from vaticina.contract.notation import TableNotation
from vaticina.errors import DataError
from vaticina.tables import read_table
from vaticina.tables.encoding import detect_encoding

TEXT = "año,ciudad\n2024,Cádiz\n2025,Ávila\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "data.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a,b\n1,2\n", "utf-8-sig"),
        (TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
        (TEXT.encode("cp1252"), "cp1252"),
        (("x,y\n" + "1,2\n" * 60_000 + "ñ,€\n").encode("cp1252"), "cp1252"),
        (TEXT.encode("latin-1") + b"\x81,1\n", "latin-1"),
        (b"a,b\n1,\x00z\n", "utf-8-sig"),
        (b"", "utf-8-sig"),
    ],
)
def test_the_encoding_is_told_from_the_bytes(tmp_path: Path, content: bytes, encoding: str) -> None:
    assert detect_encoding(written(tmp_path, content)) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_same_table_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    table = read_table(written(tmp_path, TEXT.encode(encoding)))
    assert table.columns == {"año": ["2024", "2025"], "ciudad": ["Cádiz", "Ávila"]}
    assert bool(table.remarks) == (not encoding.startswith("utf-8"))


def test_a_named_encoding_is_that_of_files_that_are_not_unicode(tmp_path: Path) -> None:
    notation = TableNotation(encoding="cp850")
    for encoding in ("cp850", "utf-8", "utf-16"):
        table = read_table(written(tmp_path, TEXT.encode(encoding)), notation=notation)
        assert table.columns["ciudad"] == ["Cádiz", "Ávila"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x02\x03", "data.csv is not a text file"),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x08", "data.csv is not a text file"),
        (b"a\n" + "ñ\n".encode() * 10 + b"\xc3\x28\n", "data.csv:12: this is UTF-8 text with a broken letter"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_table(written(tmp_path, content))


def test_a_file_that_is_not_in_the_named_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1,2\n\x80,\xff\n")
    with pytest.raises(DataError, match=r"data.csv:3: this is not ascii text"):
        read_table(path, notation=TableNotation(encoding="ascii"))


@pytest.mark.parametrize("name", ["no such", "zip", "rot13"])
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no encoding of text is called"):
        TableNotation(encoding=name)
