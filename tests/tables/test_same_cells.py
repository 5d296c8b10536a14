"""Training, scoring, replay and ``data load`` read the same cells in the same file."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.real_tables import TABLES, csv_file
from vaticina.client.api_schema import ServerSchema
from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.requests import ReplayRequests
from vaticina.contract import Contract
from vaticina.contract.fields import Category
from vaticina.contract.text_values import MISSING
from vaticina.errors import DataError
from vaticina.scoring.checked_rows import input_columns, input_values
from vaticina.sources.table_documents import read_documents
from vaticina.tables import open_table, read_table
from vaticina.tables.dialect import DELIMITERS

Row = dict[str, str | None]


def trained(path: Path) -> list[Row]:
    """The rows as training and ``init`` read them."""
    columns = read_table(path).columns
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def scored(path: Path, names: Sequence[str]) -> list[Row]:
    """The rows as ``score`` gives them to the validator, which knows what is left out."""
    contract = Contract.model_validate(
        {"name": "same", "inputs": {name: {"type": "category", "optional": True} for name in names}}
    )
    table = open_table(path)
    columns = input_columns(contract, table)
    rows = [input_values(row, columns) for row in table.rows()]
    return [{name: row.get(name) for name in names} for row in rows]


def replayed(path: Path, names: Sequence[str]) -> list[tuple[int, Row]]:
    """The bodies that ``replay`` sends, each with the position of its row."""
    table = open_table(path)
    plan = ReplayPlan(count=20, delay=(0.0, 0.0))
    requests = ReplayRequests(table, ServerSchema({name: Category(optional=True) for name in names}), plan)
    positions = np.random.RandomState(plan.seed).randint(0, table.count(), plan.count).tolist()
    bodies = [orjson.loads(request.body) for request in requests]
    return list(zip(positions, bodies, strict=True))


def loaded(path: Path) -> list[dict[str, Any]]:
    """The documents that ``data load`` inserts."""
    documents = []
    for batch in read_documents(path, batch=2):
        documents += batch.documents
    return documents


def as_text(value: Any, text: str | None) -> str | None:
    """The text of a document's value: ``text`` if the value is the number that it writes."""
    return text if isinstance(value, int | float) and float(str(text)) == value else value


def check_all_read(path: Path, rows: list[Row]) -> None:
    """All four read exactly ``rows``."""
    names = list(rows[0])
    assert trained(path) == rows
    assert scored(path, names) == rows
    assert replayed(path, names) == [(position, rows[position]) for position, _ in replayed(path, names)]
    texts = []
    for document, row in zip(loaded(path), rows, strict=True):
        texts.append({name: as_text(document.get(name), row[name]) for name in names})
    assert texts == rows


SPECIAL = frozenset('"\r\n,;\t|')
"""Characters that a cell must be quoted for."""

NAMES = st.text("ab ñ#-'" + "".join(SPECIAL), min_size=1, max_size=6).map(str.strip).filter(bool)

CELLS = st.one_of(
    st.text("ab1.eñ€#\x00\xa0\u2028 " + "".join(SPECIAL), max_size=6),
    st.sampled_from(sorted(MISSING)),
    st.sampled_from(["0", "007", "-1.5", "1e3", "12345678901234567890", " NA ", "true", "2026-01-31"]),
)


def written(text: str, quoted: bool) -> str:
    """A cell as CSV."""
    return '"' + text.replace('"', '""') + '"' if quoted or SPECIAL & set(text) else text


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[Row]]:
    """A CSV file and its rows. What could be taken for a delimiter is quoted; all else may be."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    table = draw(st.lists(st.tuples(*(CELLS for _ in names)), min_size=1, max_size=6))
    delimiter = draw(st.sampled_from(DELIMITERS))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    table.append(("x",) * len(names))  # a sentence alone in the last row would be a note below the table
    lines = []
    for cells in (names, *table):
        quoted = draw(st.booleans()) or cells == ("",)  # an empty line is no row
        lines.append(delimiter.join(written(cell, quoted) for cell in cells) + end)
        if draw(st.booleans()):
            lines.append(end)
    text = draw(st.sampled_from(["", "\ufeff"])) + "".join(lines)
    rows = []
    for cells in table:
        texts = [cell.strip() for cell in cells]
        rows.append({name: None if cell in MISSING else cell for name, cell in zip(names, texts, strict=True)})
    return text.encode(), rows


@given(files())
def test_all_read_what_was_written(file: tuple[bytes, list[Row]]) -> None:
    content, rows = file
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_bytes(content)
        check_all_read(path, rows)


@pytest.mark.parametrize(
    "name", ["heart_disease", "german_credit", "ktas_triage", "online_shoppers", "bike_sharing", "ecommerce_shipping"]
)
def test_pandas_reads_the_same_cells_in_plain_files(name: str) -> None:
    path = csv_file(TABLES[name][0])
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=sorted(MISSING), skipinitialspace=True)
    columns = read_table(path).columns
    assert list(frame.columns.str.strip()) == list(columns)
    for column, cells in zip(frame.columns, columns.values(), strict=True):
        expected = [None if pd.isna(cell) else cell.strip() or None for cell in frame[column]]
        assert cells == expected


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('"Name, full, with title";"Price; net"\nAna;1,5\n', [{"Name, full, with title": "Ana", "Price; net": "1,5"}]),
        ('Name;"Price, net, in euros"\nAna;"1;5"\n', [{"Name": "Ana", "Price, net, in euros": "1;5"}]),
        ('"a;b;c;d",e\n1,2\n', [{"a;b;c;d": "1", "e": "2"}]),
        ('";"|a|";;"\n||\nx|x|x\n', [{";": None, "a": None, ";;": None}, {";": "x", "a": "x", ";;": "x"}]),
        ('"one\nname; two\nlines";"b,b"\n1;2\n', [{"one\nname; two\nlines": "1", "b,b": "2"}]),
    ],
)
def test_all_find_the_same_delimiter_beside_quoted_names(tmp_path: Path, content: str, rows: list[Row]) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    check_all_read(path, rows)


def test_a_column_without_a_name_has_one_name_for_all_but_documents(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(",a\n0,x\n1,y\n", encoding="utf-8")
    rows: list[Row] = [{"Unnamed: 0": "0", "a": "x"}, {"Unnamed: 0": "1", "a": "y"}]
    assert trained(path) == scored(path, ["Unnamed: 0", "a"]) == rows
    assert dict(replayed(path, ["Unnamed: 0", "a"])) == {0: rows[0], 1: rows[1]}
    with pytest.raises(DataError, match="a column without a name"):
        loaded(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"a,a\n1,2\n", b"a,b\n1,\xff\x00\n", b'a,b\n1,2\n"3,4\n', b"a,b\n1,2\n3,4,5\n"],
    ids=["empty", "blank", "repeated name", "no text", "quote never closed", "row too long"],
)
def test_what_is_no_table_is_refused_with_one_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    messages = set()
    for read in (trained, loaded, lambda path: replayed(path, ["a"])):
        with pytest.raises(DataError) as refusal:
            read(path)
        messages.add(refusal.value.message)
    [message] = messages
    assert message.startswith(str(path))
