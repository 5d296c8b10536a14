import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.tasks.samples import numbers, written
from vaticina.contract import Encoder, Project, Validator
from vaticina.datasets.dataset_reader import encode_table, read_dataset
from vaticina.errors import DataError
from vaticina.tables import Table

INPUTS = {
    "x": {"type": "number"},
    "n": {"type": "integer", "optional": True},
    "c": {"type": "category"},
    "f": {"type": "flag"},
    "t": {"type": "instant"},
    "id": {"type": "identifier", "optional": True},
}

values = st.fixed_dictionaries(
    {
        "x": st.floats(-1e6, 1e6),
        "n": st.integers(-1000, 1000) | st.none(),
        "c": st.sampled_from(["a", "b", "c d"]),
        "f": st.booleans(),
        "t": st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(datetime.isoformat),  # noqa: DTZ001 -- naive on purpose
        "id": st.sampled_from(["A-1", "B-2"]) | st.none(),
    }
)


def project(folder: Path, inputs: dict[str, Any] = INPUTS, **more: Any) -> Project:
    data = {"source": "data.csv", "target": "y", **more.pop("data", {})}
    return Project.model_validate(
        {"project": {"name": "sample"}, "data": data, "inputs": inputs, "folder": folder, **more}
    )


def small(folder: Path, *lines: str, **more: Any) -> Project:
    written(folder, "x,y,g", *lines)
    return project(folder, {"x": {"type": "number", "max": 100}}, **more)


@given(st.lists(values, min_size=4, max_size=30))
def test_a_table_s_row_is_encoded_as_the_same_row_sent_by_a_client(sent: list[dict[str, Any]]) -> None:
    columns: dict[str, list[str | None]] = {}
    for name in INPUTS:
        columns[name] = [None if row[name] is None else str(row[name]) for row in sent]
    labels: list[str | None] = [("no", "yes")[at % 2] for at in range(len(sent))]
    data = encode_table(project(Path()), Table(Path("data.csv"), {**columns, "y": labels}, ""))
    validator = Validator(data.contract)
    served = Encoder(data.contract).matrix([validator.check(row) for row in sent])
    np.testing.assert_array_equal(data.matrix, served)
    assert data.contract.classes == ("no", "yes")


def test_the_contract_has_learnt_what_was_seen(tmp_path: Path) -> None:
    written(
        tmp_path,
        "x,n,c,f,t,id,y",
        "1.5,,b,true,2026-01-02,A,1",
        "0.5,7,a,false,2026-01-01,B,0",
        "1,3,a,true,2026-01-03,C,1",
        "1,3,a,true,2026-01-03,D,0",
    )
    inputs = {name: field.model_dump() for name, field in read_dataset(project(tmp_path)).contract.inputs.items()}
    assert inputs["x"]["seen"] == (0.5, 1.5)
    assert inputs["n"]["seen"] == (3, 7)
    assert inputs["c"]["seen"] == ("a", "b")
    assert inputs["t"]["seen"] == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))
    assert inputs["id"]["example"] == "B"


def test_rows_without_target_or_against_the_contract_are_left_out_and_told(tmp_path: Path) -> None:
    data = read_dataset(small(tmp_path, "1,0,", "2,1,", "3,?,", "400,0,", "many,1,", "4,0,", "5,1,"))
    assert [row["x"] for row in data.rows] == [1, 2, 4, 5]
    assert data.target is not None
    assert data.target.tolist() == [0, 1, 0, 1]
    assert data.notes[0] == "1 rows without a target are left out"
    assert data.notes[1].startswith("2 rows are left out: the contract refuses row 4: ")
    assert "100" in data.notes[1]


def test_the_fingerprint_changes_with_the_content(tmp_path: Path) -> None:
    before = read_dataset(small(tmp_path, "1,0,", "2,1,", "3,0,", "4,1,"))
    assert before.fingerprint == hashlib.sha256((tmp_path / "data.csv").read_bytes()).hexdigest()
    assert read_dataset(small(tmp_path, "1,0,", "2,1,", "3,0,", "5,1,")).fingerprint != before.fingerprint


@pytest.mark.parametrize(
    ("outputs", "classes"), [({"z": "label"}, (0, 1)), ({"z": "value"}, ()), ({"p": "positive_probability"}, (0, 1))]
)
def test_the_outputs_tell_classes_from_a_number(
    tmp_path: Path, outputs: dict[str, str], classes: tuple[int, ...]
) -> None:
    data = read_dataset(small(tmp_path, "1,0,", "2,1,", "3,0,", "4,1,", outputs=outputs))
    assert data.contract.classes == classes


def test_without_a_target_there_are_rows_only(tmp_path: Path) -> None:
    data = read_dataset(small(tmp_path, "1,0,", "2,,", data={"target": None}))
    assert data.target is None
    assert data.size == 2
    assert data.strata.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"source": None}, "names no data"),
        ({"target": "z"}, "no column 'z'; its columns are: x, y, g"),
        ({"group": "h"}, "no column 'h'"),
        ({"source": "other.csv"}, "other.csv"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, change: dict[str, Any], word: str) -> None:
    with pytest.raises(DataError, match=word):
        read_dataset(small(tmp_path, "1,0,", "2,1,", data=change))


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    written(tmp_path, "x,y", "1,0", "2,1", "3,0", "4,1")
    inputs = {"x": {"type": "number"}, "w": {"type": "number", "optional": True}}
    assert np.isnan(read_dataset(project(tmp_path, inputs)).matrix[:, 1]).all()


def test_no_usable_row_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No row .* the contract refuses row 1"):
        read_dataset(small(tmp_path, "101,0,", "102,1,"))
    with pytest.raises(DataError, match="none has a target"):
        read_dataset(small(tmp_path, "1,,", "2,,"))


def test_groups_stay_on_one_side(tmp_path: Path) -> None:
    lines = [f"{at % 97},{at % 2},client {at // 10}" for at in range(200)]
    data = read_dataset(small(tmp_path, *lines, data={"group": "g"}))
    parted = data.split(0.2)
    clients = np.arange(200) // 10
    assert not set(clients[parted.train]) & set(clients[parted.held_out])
    assert len(parted.held_out) == 40


@pytest.mark.parametrize("moment", ["2026-01-{:02d}", "{}"])
def test_the_last_rows_are_held_out_where_time_is_named(tmp_path: Path, moment: str) -> None:
    lines = [f"{at},{at % 2},{moment.format(20 - at)}" for at in range(10)]
    data = read_dataset(small(tmp_path, *lines, data={"time": "g"}))
    assert data.split(0.2).held_out.tolist() == [0, 1]
    assert data.take(np.arange(4, 9)).split(0.2).held_out.tolist() == [0]


def test_repeated_rows_are_never_on_both_sides() -> None:
    base = np.random.default_rng(0).normal(size=(150, 2))
    repeated = np.concatenate([base, base])
    data = numbers({"a": repeated[:, 0], "b": repeated[:, 1]}, np.tile(np.arange(150) % 2, 2), ("no", "yes"))
    parted = data.split(0.2)
    assert not {tuple(row) for row in data.matrix[parted.train]} & {tuple(row) for row in data.matrix[parted.held_out]}


def test_a_sample_keeps_the_classes_shares_and_its_rows_together() -> None:
    target = np.repeat([0, 1], [900, 100])
    data = numbers({"a": np.arange(1000.0)}, target, ("no", "yes"))
    some = data.sample(100)
    assert some.target is not None
    assert np.bincount(some.target).tolist() == [90, 10]
    assert [row["a"] for row in some.rows] == some.matrix[:, 0].tolist()
    assert [target[int(row["a"])] for row in some.rows] == some.target.tolist()
    assert data.sample(2000) is data


OLD_CELLS = [
    ("1.5", "true", "2026-01-31"),
    ("1,5", "true", "2026-01-31"),
    ("$5", "true", "2026-01-31"),
    ("1e3", "0", "2026-01-31T10:00:00Z"),
    ("2.5", "Sí", "2026-01-31"),
    ("2.5", "yes", "2026-01-31"),
    ("2.5", "TRUE", "31/01/2026"),
    ("-", "true", "2026-01-31"),
]


def test_without_words_a_table_is_read_as_it_always_was(tmp_path: Path) -> None:
    lines = [";".join((*cells, ("no", "yes")[at % 2])) for at, cells in enumerate([*OLD_CELLS, *OLD_CELLS])]
    written(tmp_path, "x;f;t;y", *lines)
    data = read_dataset(project(tmp_path, {name: INPUTS[name] for name in "xft"}))
    assert [(row["x"], row["f"]) for row in data.rows] == [(1.5, True), (1000.0, False)] * 2
    assert data.notes == ("12 rows are left out: the contract refuses row 2: x must be a number",)


def test_columns_that_are_written_otherwise_have_words_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, "x;z;t;y", *['"1.234,5";1.234;08/11/2026;no', '"1,5";12.5;31/12/2026;yes'] * 2)
    words = {
        "decimal": ",",
        "thousands": ".",
        "dates": "day-first",
        "columns": {"z": {"decimal": "."}},
    }
    inputs = {"x": {"type": "number"}, "z": {"type": "number"}, "t": {"type": "instant"}}
    data = read_dataset(project(tmp_path, inputs, data=words))
    assert [(row["x"], row["z"], row["t"].month) for row in data.rows[:2]] == [(1234.5, 1.234, 11), (1.5, 12.5, 12)]
    assert not data.notes


def test_a_mark_of_missing_values_that_is_a_category_is_one(tmp_path: Path) -> None:
    written(tmp_path, "c,n,y", *["none,none,no", "some,1,yes"] * 2)
    inputs = {"c": {"type": "category", "seen": ["none", "some"]}, "n": {"type": "integer", "optional": True}}
    data = read_dataset(project(tmp_path, inputs, data={"missing": ["none"]}))
    assert [(row["c"], row["n"]) for row in data.rows[:2]] == [("none", None), ("some", 1)]
    assert not data.notes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"decimal": ";"}, "Input should be '.' or ','"),
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ','"),
        ({"thousands": "."}, "thousands needs decimal beside it"),
        ({"encoding": "latin-99"}, "no encoding of text is called 'latin-99'"),
        ({"columns": {"x": {"decimals": ","}}}, "Extra inputs are not permitted"),
    ],
)
def test_words_that_mean_nothing_are_refused(tmp_path: Path, words: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        project(tmp_path, data=words)
