"""The same row over HTTP and in a CSV file is the same row: for ``score``, for ``replay`` and for training."""

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vaticina.client.json_cell import body_writer
from vaticina.contract import Contract, Project, Validator
from vaticina.contract.text_values import MISSING
from vaticina.datasets.dataset_reader import read_dataset
from vaticina.errors import ContractViolation, DataError
from vaticina.scoring.checked_rows import RowChecker
from vaticina.tables import open_table

Fields = dict[str, dict[str, Any]]
Texts = dict[str, str]

WORDS = ["web", "tienda", "nan", "NA", "", "?", "007", "1", "true", "São Paulo", "null"]
PADDING = st.sampled_from(["", " ", "\t", "\u00a0", " \u00a0 ", "\u3000", "\x1d"])


def padded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(PADDING, texts, PADDING).map("".join)


OWN_MARKS = ["-", "s/d", "-999"]
"""What the project says means missing, beside the usual."""

marks = st.sampled_from([*sorted(MISSING), "-", "s/d"])
words = padded(st.sampled_from(WORDS)) | st.text("abAÑñ \u00a0#", max_size=4)
listed = st.lists(words, min_size=1, max_size=5, unique=True)
more: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {"optional": True}])


@st.composite
def categories(draw: st.DrawFn) -> dict[str, Any]:
    key, values, normalise = draw(st.sampled_from(["categories", "seen"])), draw(listed), draw(st.booleans())
    if normalise:
        values = list(dict.fromkeys(word.strip().lower() for word in values))
    return {"type": "category", key: values, "normalise": normalise, **draw(more)}


def defaults(kind: str, value: object) -> st.SearchStrategy[dict[str, Any]]:
    options: list[dict[str, Any]] = [{}, {"optional": True}, {"default": value}]
    options.append({"default": value, "optional": True})
    return st.sampled_from([{"type": kind, **option} for option in options])


FIELDS = st.fixed_dictionaries(
    {
        "text": categories(),
        "code": more.map(lambda x: {"type": "category", "seen": [1, 7], **x}),
        "number": defaults("number", 1.5),
        "flag": defaults("flag", True),
        "when": defaults("instant", "2026-01-01T00:00:00Z"),
        "id": defaults("identifier", "nobody"),
    }
)
"""Inputs of every type."""

CELLS = st.fixed_dictionaries(
    {
        "text": words | padded(marks),
        "code": padded(st.sampled_from(["1", "7", "8", "007"]) | marks),
        "number": padded(st.sampled_from(["1", "-2.5", "1e3", "-999", "many"]) | marks),
        "flag": padded(st.sampled_from(["true", "false", "maybe"]) | marks),
        "when": padded(st.sampled_from(["2026-01-31", "2026-01-31T10:00:00+02:00", "soon"]) | marks),
        "id": padded(st.sampled_from(["A-1", "NA", "?", ""])),
    }
)
"""A row of a table as texts."""

JSON_VALUES = {"1": 1, "7": 7.0, "8": 8, "-2.5": -2.5, "1e3": 1000.0, "-999": -999, "true": True, "false": False}
"""The JSON values of texts that are numbers or flags; all else a client sends as it stands."""


def sent(texts: Texts) -> dict[str, Any]:
    """The row as a client sends it who knows nothing of white space or of missing values."""
    row: dict[str, Any] = {}
    for name, text in texts.items():
        row[name] = JSON_VALUES.get(text.strip(), text) if name in ("number", "code", "flag") else text
    return row


def csv_text(row: Texts) -> str:
    file = StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(row.keys())
    writer.writerow(row.values())
    return file.getvalue()


def over_http(contract: Contract, body: bytes) -> dict[str, Any] | None:
    """The row as the server reads it; None when it refuses it."""
    try:
        return Validator(contract).parse(body).rows[0]
    except ContractViolation:
        return None


def scored(contract: Contract, path: Path) -> dict[str, Any] | None:
    """The row as ``score`` reads it; None when it refuses it."""
    table = open_table(path)
    checked, errors = RowChecker(contract, table).check(list(table.rows()))
    assert len(checked) + bool(errors) == 1
    return checked[0].values if checked else None


def clusters(fields: Fields, folder: Path, marked: Sequence[str] = ()) -> Project:
    """A project that learns from ``data.csv`` in ``folder``; ``marked`` are its own marks of missing."""
    tables = {"project": {"name": "same"}, "inputs": fields, "data": {"source": "data.csv", "missing": list(marked)}}
    return Project.model_validate({**tables, "model": {"kind": "clusters"}, "folder": folder})


def trained(fields: Fields, folder: Path, marked: Sequence[str]) -> dict[str, Any] | None:
    """The row as training reads it; None when it refuses it."""
    try:
        return read_dataset(clusters(fields, folder, marked)).rows[0]
    except DataError:
        return None


def replayed(contract: Contract, texts: Texts) -> dict[str, Any] | None:
    """The row as the server reads what ``replay`` sends of it."""
    body = body_writer(contract.inputs, list(texts))(texts)
    return over_http(contract, orjson.dumps(body, default=str))


PLAIN_ROW = {"code": "1", "number": "1", "flag": "true", "when": "2026-01-31", "id": "A-1"}
PLAIN_FIELDS: Fields = {
    "code": {"type": "category", "seen": [1, 7]}, "number": {"type": "number"}, "flag": {"type": "flag"},
    "when": {"type": "instant"}, "id": {"type": "identifier"},
}  # fmt: skip


@example(
    {"text": {"type": "category", "seen": ["web"], "normalise": True}, **PLAIN_FIELDS},
    {"text": "web\x1d", **PLAIN_ROW},
    [],
)
@settings(max_examples=80, deadline=None)
@given(FIELDS, CELLS, st.sampled_from([[], OWN_MARKS]))
def test_a_row_is_the_same_by_every_road(fields: Fields, texts: Texts, marked: list[str]) -> None:
    contract = Contract.model_validate({"name": "same", "inputs": fields, "missing": marked})
    row = over_http(contract, json.dumps(sent(texts)).encode())
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data.csv").write_text(csv_text(texts), encoding="utf-8")
        assert scored(contract, folder / "data.csv") == row
        assert trained(fields, folder, marked) == row
    assert replayed(contract, texts) == row


def test_a_model_that_knows_padded_texts_gets_them_from_a_file(tmp_path: Path) -> None:
    """A training set is read by the categories that its project declares."""
    fields: Fields = {"channel": {"type": "category", "categories": [" web", "nan", ""]}}
    (tmp_path / "data.csv").write_text('channel,n\n" web",1\nnan,2\n"",3\n nan ,4\nweb,5\n', encoding="utf-8")
    dataset = read_dataset(clusters({**fields, "n": {"type": "number"}}, tmp_path))
    assert [row["channel"] for row in dataset.rows] == [" web", "nan", "", "nan"]
    assert any("1 rows are left out" in note for note in dataset.notes)
