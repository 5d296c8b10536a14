"""ScoringFiles scored whole: columns appended, bad rows refused or set aside, memory flat."""

import csv
import os
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tables.workbooks import workbook
from vaticina.contract import Contract, Matrix, Outputs
from vaticina.errors import ContractViolation, DataError
from vaticina.scoring import ScoringFiles, ScoringSummary, score

CONTRACT = Contract.model_validate(
    {
        "name": "sums",
        "inputs": {
            "a": {"type": "number", "min": 0},
            "b": {"type": "integer", "optional": True},
            "colour": {"type": "category", "categories": ["red", "blue"], "default": "red"},
            "when": {"type": "instant", "optional": True},
            "vip": {"type": "flag", "optional": True},
            "id": {"type": "identifier", "optional": True},
        },
        "classes": ["no", "yes"],
        "outputs": {
            "answer": "label",
            "chances": "probabilities",
            "version": "version",
            "row": "input",
            "uid": "id",
        },
    }
)


class Threshold:
    """A version that says yes when ``a`` is above 10, and fails on 13."""

    contract = CONTRACT
    version = "20261120T000000000Z-00000000"

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def outputs(self, matrix: Matrix) -> Outputs:
        self.sizes.append(len(matrix))
        a = matrix[:, 0]
        if (a == 13).any():
            raise ZeroDivisionError
        yes = np.where(a > 10, 0.75, 0.25)
        return Outputs(len(a), {"label": (a > 10).astype(np.intp), "probabilities": np.column_stack([1 - yes, yes])})


def scored(folder: Path, text: str | bytes, aside: bool = False) -> tuple[ScoringSummary, list[list[str]]]:
    """The summary, and the rows of the file that was written."""
    source = folder / "in.csv"
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    files = ScoringFiles(source, folder / "out.csv", folder / "errors.csv" if aside else None)
    summary = score(Threshold(), files, lambda step, share: None)
    return summary, read(folder / "out.csv")


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def refused(folder: Path, text: str) -> ContractViolation:
    with pytest.raises(ContractViolation) as caught:
        scored(folder, text)
    assert sorted(path.name for path in folder.iterdir()) == ["in.csv"], "nothing may be left behind"
    return caught.value


def test_answers_are_appended_to_the_rows_as_they_were(tmp_path: Path) -> None:
    summary, rows = scored(tmp_path, 'note,a\n"x, y", 11 \nplain,2\n')
    assert summary == ScoringSummary(rows=2, aside=0)
    assert rows == [
        ["note", "a", "answer", "chances.no", "chances.yes", "version"],
        ["x, y", " 11 ", "yes", "0.25", "0.75", Threshold.version],
        ["plain", "2", "no", "0.75", "0.25", Threshold.version],
    ]


def test_an_empty_file_gives_its_header(tmp_path: Path) -> None:
    assert scored(tmp_path, "a\n") == (ScoringSummary(0, 0), [["a", "answer", "chances.no", "chances.yes", "version"]])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_kept(tmp_path: Path, delimiter: str) -> None:
    scored(tmp_path, f"a{delimiter}b\n11{delimiter}3\n")
    first = (tmp_path / "out.csv").read_text().splitlines()[1]
    assert first == delimiter.join(["11", "3", "yes", "0.25", "0.75", Threshold.version])


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("b", "3"), ("b", "3.0"), ("b", ""), ("b", "?"), ("colour", "blue"), ("colour", ""), ("vip", "TRUE"),
        ("vip", "0"), ("when", "2026-01-31"), ("when", "2026-01-31T10:00:00+02:00"), ("id", "A-7"), ("id", ""),
        ("unknown", "whatever"),
    ],
)  # fmt: skip
def test_cells_are_read_by_the_type_of_their_input(tmp_path: Path, header: str, cell: str) -> None:
    assert scored(tmp_path, f"a,{header}\n11,{cell}\n")[0] == ScoringSummary(1, 0)


@pytest.mark.parametrize(
    ("header", "cells", "message"),
    [
        ("a", "-1", "a must be at least 0, got -1"),
        ("a", "many", "a must be a number"),
        ("a", '""', "a is required"),
        ("b,a", "3.5,1", "b must be a whole number"),
        ("colour,a", "green,1", "colour must be one of: red, blue"),
        ("when,a", "yesterday,1", "when must be a moment"),
        ("vip,a", "perhaps,1", "vip must be true or false"),
    ],
)
def test_a_row_that_breaks_the_contract_is_told_by_line_and_field(
    tmp_path: Path, header: str, cells: str, message: str
) -> None:
    good = ",1" if "," in header else "1"
    error = refused(tmp_path, "\n".join([header, good, cells, good]))
    [violation] = error.violations
    assert (violation["line"], violation["field"]) == (3, header.partition(",")[0])
    assert str(violation["message"]).startswith(message)
    assert "1 row of in.csv" in error.message


def test_only_the_first_twenty_faults_are_told(tmp_path: Path) -> None:
    error = refused(tmp_path, "a\n" + "bad\n" * 50)
    assert [violation["line"] for violation in error.violations] == list(range(2, 22))
    assert "at least" in error.message


def test_a_row_after_many_good_ones_refuses_the_whole_file(tmp_path: Path) -> None:
    error = refused(tmp_path, "a\n" + "1\n" * 2_500 + "bad\n")
    assert [violation["line"] for violation in error.violations] == [2_502]


def test_bad_rows_are_set_aside_with_their_reasons(tmp_path: Path) -> None:
    summary, rows = scored(tmp_path, "a,b\n11,1\n-1,x\n1\n13,4\n2,5\n", aside=True)
    assert summary == ScoringSummary(rows=2, aside=3)
    assert [row[0] for row in rows[1:]] == ["11", "2"]
    aside = read(tmp_path / "errors.csv")
    assert aside[0] == ["line", "error", "a", "b"]
    assert [[row[0], *row[2:]] for row in aside[1:]] == [["3", "-1", "x"], ["4", "1"], ["5", "13", "4"]]
    assert "a must be at least 0" in aside[1][1]
    assert "b must be a number" in aside[1][1]
    assert aside[2][1] == "the row has 1 cells, the header 2"
    assert aside[3][1].startswith("The model failed")


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    error = refused(tmp_path, 'note,a\n"two\nlines",1\n\nx,bad\n')
    assert [violation["line"] for violation in error.violations] == [5]


def test_rows_are_answered_in_batches(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("a\n" + "1\n" * 2_500)
    version = Threshold()
    shares: list[float] = []
    score(version, ScoringFiles(source, tmp_path / "out.csv"), lambda step, share: shares.append(share))
    assert version.sizes == [1_000, 1_000, 500]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def peak_of(folder: Path, rows: int) -> int:
    source = folder / f"{rows}.csv"
    source.write_text("a,note\n" + f"1,{'x' * 100}\n" * rows)
    tracemalloc.start()
    score(Threshold(), ScoringFiles(source, folder / "out.csv"), lambda step, share: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peak_of(tmp_path, 2_000)
    assert peak_of(tmp_path, 20_000) < 1.2 * peak_of(tmp_path, 4_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"b\n1\n", "no column 'a'"),
        (b"a,a\n1,2\n", "'a' more than once"),
        (b"a,answer\n1,2\n", "already has the column 'answer'"),
        (b"a\n1\n\x01\x02\xff\n", "in.csv is not a text file"),
        (b"a\n1\n" + 11 * b"\xc3\xb1" + b"\xf1\n", "in.csv:3: this is UTF-8 text with a broken letter"),
        (b'a\n1\n"2' + b"x" * 2_000_000, "in.csv:3: this is not CSV"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: bytes, message: str) -> None:
    with pytest.raises(DataError, match=r"in\.csv") as caught:
        scored(tmp_path, text)
    assert message in caught.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert scored(tmp_path, b"\xef\xbb\xbfa\n11\n")[0] == ScoringSummary(1, 0)


def test_a_parquet_file_is_answered_as_the_same_csv(tmp_path: Path) -> None:
    columns = {
        "a": [11.5, 2.0, -1.0],
        "b": pa.array([3, None, 4]),
        "colour": ["blue", "NA", None],
        "when": pa.array([datetime(2026, 1, 31, 10, tzinfo=UTC), None, None]),
        "vip": [True, False, None],
    }
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")  # type: ignore[no-untyped-call]
    files = ScoringFiles(tmp_path / "in.parquet", tmp_path / "out.csv", tmp_path / "errors.csv")
    assert score(Threshold(), files, lambda step, share: None) == ScoringSummary(rows=2, aside=1)
    text = "a,b,colour,when,vip\n11.5,3,blue,2026-01-31 10:00:00+00:00,True\n2.0,,NA,,False\n-1.0,4,,,\n"
    rows = read(tmp_path / "out.csv")
    aside = read(tmp_path / "errors.csv")
    assert scored(tmp_path, text, aside=True) == (ScoringSummary(rows=2, aside=1), rows)
    assert [row[1:] for row in aside] == [row[1:] for row in read(tmp_path / "errors.csv")]
    assert [row[0] for row in aside] == ["line", "3"], "the third row"


def test_a_workbook_is_answered_as_the_same_csv(tmp_path: Path) -> None:
    when = datetime(2026, 1, 31, 10)  # noqa: DTZ001 - a workbook knows no time zones
    rows_of_sheet: list[list[object]] = [
        ["Orders of January"],
        [],
        ["a", "b", "colour", "when", "vip"],
        [11.5, 3, "blue", when, True],
        [2, None, None, None, False],
        [-1, 4],
        [],
        ["Source: the shop"],
    ]
    workbook(tmp_path / "in.xlsx", rows_of_sheet)
    files = ScoringFiles(tmp_path / "in.xlsx", tmp_path / "out.csv", tmp_path / "errors.csv")
    assert score(Threshold(), files, lambda step, share: None) == ScoringSummary(rows=2, aside=1)
    text = "a,b,colour,when,vip\n11.5,3,blue,2026-01-31 10:00:00,True\n2,,,,False\n-1,4,,,\n"
    rows = read(tmp_path / "out.csv")
    assert [row[0] for row in read(tmp_path / "errors.csv")] == ["line", "6"], "the sixth row of the sheet"
    assert scored(tmp_path, text, aside=True) == (ScoringSummary(rows=2, aside=1), rows)


@pytest.mark.parametrize(
    ("source", "target", "aside"),
    [("missing.csv", "out.csv", None), ("in.csv", "in.csv", None), ("in.csv", "out.csv", "out.csv"),
     ("in.csv", "nowhere/out.csv", None)],
)  # fmt: skip
def test_paths_that_cannot_be_used_are_refused(tmp_path: Path, source: str, target: str, aside: str | None) -> None:
    (tmp_path / "in.csv").write_text("a\n1\n")
    files = ScoringFiles(tmp_path / source, tmp_path / target, tmp_path / aside if aside else None)
    with pytest.raises(DataError):
        score(Threshold(), files, lambda step, share: None)
    assert (tmp_path / "in.csv").read_text() == "a\n1\n"


def test_what_was_there_stays_when_scoring_fails(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("precious")
    (tmp_path / "in.csv").write_text("a\nbad\n")
    with pytest.raises(ContractViolation):
        score(Threshold(), ScoringFiles(tmp_path / "in.csv", tmp_path / "out.csv"), lambda step, share: None)
    assert (tmp_path / "out.csv").read_text() == "precious"


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("precious")
    (tmp_path / "real.csv").chmod(0o640)
    (tmp_path / "middle.csv").symlink_to("real.csv")
    (tmp_path / "out.csv").symlink_to(tmp_path / "middle.csv")
    (tmp_path / "errors.csv").symlink_to("later.csv")
    scored(tmp_path, "a\n11\n-1\n", aside=True)
    assert (tmp_path / "out.csv").is_symlink()
    assert (tmp_path / "middle.csv").is_symlink()
    assert read(tmp_path / "real.csv")[1][:2] == ["11", "yes"]
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o640
    assert len(read(tmp_path / "later.csv")) == 2
    names = ["errors.csv", "in.csv", "later.csv", "middle.csv", "out.csv", "real.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_a_link_to_the_file_that_is_read_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n1\n")
    (tmp_path / "out.csv").symlink_to("in.csv")
    with pytest.raises(DataError, match="different"):
        score(Threshold(), ScoringFiles(tmp_path / "in.csv", tmp_path / "out.csv"), lambda step, share: None)


def test_links_in_a_circle_are_refused_and_stay(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n1\n")
    (tmp_path / "out.csv").symlink_to("other.csv")
    (tmp_path / "other.csv").symlink_to("out.csv")
    with pytest.raises(DataError, match="lead in a circle"):
        score(Threshold(), ScoringFiles(tmp_path / "in.csv", tmp_path / "out.csv"), lambda step, share: None)
    assert (tmp_path / "out.csv").is_symlink()


def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n11\n-1\n")
    null = tmp_path / "null"
    null.symlink_to("/dev/null")
    files = ScoringFiles(tmp_path / "in.csv", null, Path("/dev/null"))
    assert score(Threshold(), files, lambda step, share: None) == ScoringSummary(rows=1, aside=1)
    assert null.is_symlink()
    assert Path("/dev/null").is_char_device()
    full = ScoringFiles(tmp_path / "in.csv", Path("/dev/full"), null)
    with pytest.raises(DataError, match="/dev/full cannot be written: No space left"):
        score(Threshold(), full, lambda step, share: None)
    assert Path("/dev/full").is_char_device()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n11\n")
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(DataError, match="it is a folder"):
        score(Threshold(), ScoringFiles(tmp_path / "in.csv", tmp_path / "out.csv"), lambda step, share: None)


def test_a_pipe_gets_all_the_rows_or_none(tmp_path: Path) -> None:
    received: list[bytes] = []
    for text in ("a\n11\n12\n", "a\n11\nbad\n"):
        reading, writing = os.pipe()
        (tmp_path / "in.csv").write_text(text)
        with suppress(ContractViolation):
            files = ScoringFiles(tmp_path / "in.csv", Path(f"/dev/fd/{writing}"))
            score(Threshold(), files, lambda step, share: None)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            received.append(pipe.read())
    assert received[0].count(b"\n") == 3
    assert received[1] == b""


def test_rows_come_from_a_pipe(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    os.mkfifo(source)
    writer = Thread(target=source.write_text, args=("a\n11\n",))
    writer.start()
    files = ScoringFiles(source, tmp_path / "out.csv")
    assert score(Threshold(), files, lambda step, share: None) == ScoringSummary(1, 0)
    writer.join()


def test_a_column_names_what_lies_outside_when_the_contract_asks(tmp_path: Path) -> None:
    version = Threshold()
    version.contract = Contract.model_validate(
        {
            "name": "scored",
            "inputs": {"a": {"type": "number", "seen": [0, 20]}, "town": {"type": "category", "seen": ["Ica"]}},
            "classes": ["no", "yes"],
            "outputs": {"answer": "label", "unusual": "outside"},
        }
    )
    (tmp_path / "in.csv").write_text("a,town\n5,Ica\n50, Ica\n5,Lima\n50,Lima\n")
    score(version, ScoringFiles(tmp_path / "in.csv", tmp_path / "out.csv"), lambda step, share: None)
    assert [row[3] for row in read(tmp_path / "out.csv")] == ["unusual", "[]", '["a"]', '["town"]', '["a", "town"]']
