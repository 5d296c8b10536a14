"""Tables to send."""

from pathlib import Path

import pytest

from vaticina.client.table_file import open_sheet
from vaticina.errors import DataError


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_rows_are_texts_or_missing(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"a{delimiter} b\n 1 {delimiter}NaN\n\n{delimiter}x\n", encoding="utf-8")
    sheet = open_sheet(path)
    assert (list(sheet.names), len(sheet)) == (["a", "b"], 2)
    assert sheet.rows([1, 0, 1]) == [{"a": None, "b": "x"}, {"a": "1", "b": None}, {"a": None, "b": "x"}]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.csv", b"", "holds no row"),
        ("rows.csv", b"a,b\n", "holds no row"),
        ("rows.csv", b"a\n\xff\n", "UTF-8"),
        ("rows.parquet", b"a,b\n1,2\n", "not a Parquet file"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=words):
        open_sheet(tmp_path / name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        open_sheet(tmp_path / "rows.csv")
