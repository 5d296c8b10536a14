"""Parquet files: rows with the values' own types, and columns of texts for training."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vaticina.errors import DataError, MissingExtra
from vaticina.tables import open_table, read_table

COLUMNS: dict[str, Any] = {
    "whole": pa.array([1, None, 9_007_199_254_740_993]),
    " real ": [0.5, float("nan"), 2.0],
    "text": [" x ", "NA", None],
    "flag": [True, None, False],
    "day": pa.array([date(2026, 1, 31), None, date(2026, 2, 1)]),
    "time": pa.array([datetime(2026, 1, 31, 12, tzinfo=UTC), None, datetime(2026, 2, 1, tzinfo=UTC)]),
    "list.of": [[1, 2], [], None],
    "list": [1, 2, 3],
}


def written(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)  # type: ignore[no-untyped-call]
    return path


def test_rows_hold_values(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "data.PARQUET", COLUMNS))
    assert list(table.names) == ["whole", "real", "text", "flag", "day", "time", "list.of", "list"]
    first, second, third = table.rows()
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert (first.line, *first.cells) == (1, 1, 0.5, " x ", True, date(2026, 1, 31), moment, [1, 2], 1)
    assert [second.cells[position] for position in (0, 2, 3, 4, 6)] == [None, "NA", None, None, []]
    assert third.cells[0] == 9_007_199_254_740_993
    assert table.share == 1.0
    assert table.count() == 3
    assert table.take([2, 0]) == [first.cells, third.cells]


def test_columns_hold_texts(tmp_path: Path) -> None:
    columns = read_table(written(tmp_path / "data.pq", COLUMNS)).columns
    assert columns["whole"] == ["1", None, "9007199254740993"]
    assert columns["real"] == ["0.5", None, "2.0"]
    assert columns["text"] == ["x", None, None]
    assert columns["flag"] == ["True", None, "False"]
    assert columns["day"] == ["2026-01-31", None, "2026-02-01"]
    assert columns["time"] == ["2026-01-31 12:00:00+00:00", None, "2026-02-01 00:00:00+00:00"]


def test_labels_that_pandas_writes_beside_the_rows_are_no_column(tmp_path: Path) -> None:
    path = written(tmp_path / "data.parquet", {"a": [1, 2], "__index_level_0__": [10, 11]})
    table = open_table(path)
    assert list(table.names) == ["a"]
    assert [row.cells for row in table.rows()] == table.take([0, 1]) == [(1,), (2,)]


def test_many_rows_come_in_their_order(tmp_path: Path) -> None:
    path = written(tmp_path / "data.parquet", {"a": list(range(2_000))})
    assert [(row.line, row.cells) for row in open_table(path).rows()] == [(at + 1, (at,)) for at in range(2_000)]


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(DataError, match=r"rows\.parquet is not a Parquet file"):
        open_table(tmp_path / "rows.parquet")


def test_a_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.parquet", {"a": [f"text {number}" for number in range(5_000)]})
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(len(content) - 1_004) + content[-1_000:])
    with pytest.raises(DataError, match=r"rows\.parquet is not a Parquet file that can be read"):
        read_table(path)


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "rows.parquet", {"a": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        MissingExtra, match=r"rows\.parquet, a Parquet file, needs pyarrow, which is not installed; install it with: "
    ):
        open_table(path)


@pytest.mark.parametrize(
    ("names", "rows", "message"),
    [(["a", " a"], [1], "'a' more than once"), (["a", "b"], [], "holds no row"), ([""], [1], "is empty")],
)
def test_headers_are_checked_as_in_csv(tmp_path: Path, names: list[str], rows: list[int], message: str) -> None:
    path = written(tmp_path / "rows.parquet", {name: pa.array(rows, pa.int64()) for name in names})
    for read in (lambda: read_table(path), lambda: open_table(path).count()):
        with pytest.raises(DataError, match=message):
            read()


def test_a_small_file_of_very_many_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    part = pa.table({"a": pa.array([7]).take(pa.array(np.zeros(1_000_000, np.int32))), "b": pa.nulls(1_000_000)})
    with pq.ParquetWriter(path, part.schema) as writer:  # type: ignore[no-untyped-call]
        for _ in range(6):
            writer.write_table(part)
    with pytest.raises(DataError, match=r"it declares 6000000 rows of 2 columns in \d+ bytes; write it anew"):
        open_table(path)


def test_more_rows_than_the_parts_have_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.parquet", {"a": list(range(300))})
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    rows = content.index(b"\x16\xd8\x04", footer)  # the first number in the footer that is 300
    content[rows + 1 : rows + 3] = b"\xda\x04"  # 301
    path.write_bytes(content)
    with pytest.raises(DataError, match="it declares 301 rows, and holds 300; write it anew"):
        open_table(path)


LONG = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000, np.int32)), pa.array(["z" * 2_000_000]))


@pytest.mark.parametrize(
    "column",
    [
        LONG,
        pa.ListArray.from_arrays(pa.array([0, 500, 1_000], pa.int32()), LONG),
        pa.StructArray.from_arrays([LONG], names=["inner"]),
        pa.array(["short", "z" * 2_000_000]),
        pa.array([b"z" * 2_000_000], pa.binary(2_000_000)),
    ],
    ids=["repeated", "in lists", "in structs", "once", "of a fixed length"],
)
def test_a_long_text_that_may_stand_in_each_row_is_refused(tmp_path: Path, column: Any) -> None:
    path = written(tmp_path / "rows.parquet", {"a": column})
    assert path.stat().st_size < 200_000
    with pytest.raises(DataError, match=r"is refused: .* 2000000 bytes"):
        open_table(path)


def test_texts_that_repeat_are_read_as_they_stand(tmp_path: Path) -> None:
    numbers = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array([10, 20]))
    texts = ["a" * 1_000_000, "b", None]
    path = written(tmp_path / "rows.parquet", {"number": numbers, "text": texts, "list": [texts, [], None]})
    table = open_table(path)
    assert [list(row.cells) for row in table.rows()] == [[10, texts[0], texts], [20, "b", []], [10, None, None]]
    assert table.take([1]) == [(20, "b", [])]


def test_a_day_beyond_the_calendar_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.parquet", {"a": pa.array([2**30], pa.int32()).cast(pa.date32())})
    for read in (lambda: list(open_table(path).rows()), lambda: open_table(path).take([0])):
        with pytest.raises(DataError, match=r"rows\.parquet is not a Parquet file that can be read: "):
            read()
