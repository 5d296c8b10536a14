import hashlib
from pathlib import Path

import pytest

from tests.tasks.samples import written
from vaticina.errors import DataError
from vaticina.tables import read_table


def test_cells_are_stripped_texts_and_missing_ones_none(tmp_path: Path) -> None:
    path = written(tmp_path, "a, b", "007, x ", "?,NA", "nan,null", ' ,"NaN"', "NaNny,none")
    assert read_table(path).columns == {
        "a": ["007", None, None, None, "NaNny"],
        "b": ["x", None, None, None, "none"],
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_header_s(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, delimiter.join(["a", "b", "c"]), delimiter.join(["1", "2", "3"]))
    assert read_table(path).columns == {"a": ["1"], "b": ["2"], "c": ["3"]}


def test_quoted_cells_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes('\ufeffname,text\n"Pérez, Ana","two\nlines"\n'.encode())
    assert read_table(path).columns == {"name": ["Pérez, Ana"], "text": ["two\nlines"]}


def test_short_rows_miss_their_last_cells(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, "a,b", "1,2", "3")).columns["b"] == ["2", None]


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, "a", "1")
    assert read_table(path).sha256 == hashlib.sha256(b"a\n1\n").hexdigest()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a,b\n", "no rows"),
        (b"a,b,a\n1,2,3\n", "'a' more than once"),
        (b"a,b\n1,2,3\n", "not a regular table"),
        (b"a,b\n1,2\n1,2,3\n", "not a regular table"),
        (b"a,b\n\x01\x02\xff,2\n", "not a text file"),
    ],
)
def test_what_is_no_table_is_refused_with_its_name(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=word) as refusal:
        read_table(path)
    assert str(path) in refusal.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        read_table(tmp_path / "nowhere.csv")
