"""Collections are loaded and looked at: in the embedded database, and in MongoDB."""

import gc
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.shell import done, vaticina
from tests.sources.wire import MongoServer
from vaticina.settings import Settings

PROJECT = """
format = 1
[project]
name = "series"
[inputs.data]
type = "series"
[inputs.window_size]
type = "integer"
min = 1
max = 1000
default = 10
[model]
kind = "window"
"""

READINGS = """\
timestamp,value,ph,additional_features.sensor_id,note
2024-01-01T00:00:00Z,23.5,7,sensor_001,
2024-01-01T01:00:00Z,23.75,,sensor_001,a text
yesterday,24,7.25,sensor_002,?
"""

KEPT = [
    {
        "timestamp": "2024-01-01T01:00:00Z",
        "value": 23.75,
        "additional_features": {"sensor_id": "sensor_001"},
        "note": "a text",
    },
    {"timestamp": "2024-01-01T00:00:00Z", "value": 23.5, "ph": 7, "additional_features": {"sensor_id": "sensor_001"}},
    {"timestamp": "yesterday", "value": 24, "ph": 7.25, "additional_features": {"sensor_id": "sensor_002"}},
]


@pytest.fixture(params=["embedded", "mongodb"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project whose collections are kept in one place or in the other."""
    (tmp_path / "project.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "readings.csv").write_text(READINGS, encoding="utf-8")
    if request.param == "mongodb":
        wire: MongoServer = request.getfixturevalue("wire")
        (tmp_path / ".env").write_text(f"MONGODB_URL={wire.url}\nMONGODB_DATABASE={wire.database()}\n")
    return tmp_path


def test_a_file_becomes_a_collection(folder: Path) -> None:
    assert done("data", "list").out == "There is no collection yet. Next: vaticina data load COLLECTION FILE\n"
    ran = done("data", "load", "sensor_data", "readings.csv")
    assert ran.out == "3 documents were added to sensor_data.\n"
    assert ran.err == "1 of 3 rows have no moment in 'timestamp'; training leaves them out.\n"
    documents = done("data", "show", "sensor_data", "--json").json
    assert sorted([{**d, "_id": None} for d in documents], key=str) == sorted(
        [{**d, "_id": None} for d in KEPT], key=str
    )
    assert [d["value"] for d in done("data", "show", "sensor_data", "--limit", 1, "--json").json] == [23.75]
    again = done("data", "load", "sensor_data", "readings.csv", "--project", folder, "--json").json
    assert again == {"collection": "sensor_data", "documents": 3, "without_moment": 1}
    (listed,) = done("data", "list", "--json").json
    span = {"start": "2024-01-01T00:00:00Z", "end": "2024-01-01T01:00:00Z"}
    assert listed == {"collection": "sensor_data", "documents": 6, **span}
    assert "sensor_data" in done("data", "list").out
    assert "sensor_001" in done("data", "show", "sensor_data").out


def test_a_collection_that_is_not_there(folder: Path) -> None:
    ran = vaticina("data", "show", "nada", "--project", folder, "--json")
    assert (ran.code, ran.json["code"]) == (1, "no_data")
    assert "'nada'" in ran.json["message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a,a\n1,2\n", "a name of its own"),
        ("a,\n1,2\n", "a name of its own"),
        ("a.b,c,a\n1,2,3\n", "the column 'a' is a value, and 'a.b' a value inside it"),
        ('a,b\n1,"2\n', "bad.csv:2: this is not CSV"),
        ("a,b\n1,2\n1\n", "bad.csv:3: this is not a regular table: the row has 1 cells, the header 2"),
    ],
)
@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_a_file_that_is_no_table(folder: Path, text: str, words: str) -> None:
    (folder / "bad.csv").write_text(text, encoding="utf-8")
    ran = vaticina("data", "load", "x", folder / "bad.csv")
    assert ran.code == 1
    assert words in ran.err


@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "picture.csv").write_bytes(b"\x89PNG\x00\x01\x02\x03")
    assert "is not a text file" in vaticina("data", "load", "x", "picture.csv").err
    assert "cannot be read" in vaticina("data", "load", "x", "missing.csv").err


@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_a_table_is_loaded_as_project_toml_says(folder: Path) -> None:
    project = folder / "project.toml"
    words = '[data]\ndecimal = ","\nthousands = "."\ndates = "day-first"\nmissing = ["s/d"]\n'
    project.write_text(f"{project.read_text(encoding='utf-8')}\n{words}", encoding="utf-8")
    lines = ["timestamp;value;año", "31/12/2024 10:00;1.234,5;s/d", "30/12/2024 11:30;-7;12345678901234567890"]
    (folder / "points.csv").write_text("\n".join([*lines, ""]), encoding="cp1252")
    ran = done("data", "load", "x", "points.csv")
    assert ran.err == "", "both rows have a moment"
    newest, oldest = done("data", "show", "x", "--json").json
    assert (newest["timestamp"], newest["value"]) == ("2024-12-31T10:00:00", 1234.5)
    assert "año" not in newest
    assert (oldest["value"], oldest["año"]) == (-7, "12345678901234567890")


@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_cells_of_other_tables(folder: Path) -> None:
    (folder / "points.csv").write_text("\ufefftimestamp;value\n2024-01-01;1e3\n\n2024-01-02;007\n", encoding="utf-8")
    done("data", "load", "x", "points.csv")
    assert [document["value"] for document in done("data", "show", "x", "--json").json] == ["007", 1000.0]


@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_a_parquet_file_becomes_documents(folder: Path) -> None:
    columns = {
        "timestamp": pa.array([datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)]),
        "value": [23.5, None],
        "about.sensor": ["007", "12"],
        "open": [True, False],
    }
    pq.write_table(pa.table(columns), folder / "points.parquet")  # type: ignore[no-untyped-call]
    ran = done("data", "load", "x", "points.parquet")
    assert (ran.out, ran.err) == ("2 documents were added to x.\n", "")
    second, first = done("data", "show", "x", "--json").json
    assert (first["value"], first["about"], first["open"]) == (23.5, {"sensor": "007"}, True)
    assert "value" not in second
    assert second["about"] == {"sensor": "12"}, "a text of a Parquet file stays one"


@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_production_keeps_no_series_on_a_disk_that_forgets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "Production")
    ran = vaticina("data", "list", "--json")
    assert (ran.code, ran.json["code"]) == (1, "settings_invalid")
    assert "MONGODB_URL is not set" in ran.json["message"]


@pytest.mark.parametrize(
    ("url", "database", "words"),
    [
        ("postgresql://ana:secret@host/x", "x", "MONGODB_URL cannot be read"),
        ("mongodb://ana:secret@host:port/x", "x", "MONGODB_URL cannot be read"),
        ("mongodb://ana:se@cret@host/x", "x", "MONGODB_URL cannot be read"),
        ("mongodb://ana:secret@127.0.0.1:1", "", "MONGODB_DATABASE is not set"),
    ],
)
@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_variables_that_cannot_be_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, database: str, words: str
) -> None:
    monkeypatch.setenv("MONGODB_URL", url)
    monkeypatch.setenv("MONGODB_DATABASE", database)
    ran = vaticina("data", "list", "--json")
    assert ran.code == 1
    assert words in ran.json["message"]
    assert "secret" not in ran.out + ran.err
    assert "cret" not in ran.json["message"]


@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_the_doctor_prints_the_variables_and_where_they_came_from(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {s["name"]: (s["value"], s["source"]) for s in vaticina("doctor", "--json").json["settings"]}
    assert settings["collections"] == (str(folder / ".vaticina" / "collections.db"), "default")
    assert settings["environment"] == ("development", "default")
    assert (settings["window size"], settings["epochs"]) == (("10", "default"), ("100", "default"))
    monkeypatch.setenv("MONGODB_URL", "mongodb+srv://ana:secret@cluster0.example.net/?appName=x")
    monkeypatch.setenv("DEFAULT_EPOCHS", "50")
    (folder / ".env").write_text(
        "MONGODB_DATABASE=agua\nENVIRONMENT=production\nDEFAULT_WINDOW_SIZE=5\nMODEL_SAVE_PATH=./models/saved_model.pkl\n"
    )
    ran = vaticina("doctor", "--json")
    settings = {s["name"]: (s["value"], s["source"]) for s in ran.json["settings"]}
    assert settings["collections"] == ("mongodb+srv://ana:***@cluster0.example.net/?***", "environment (MONGODB_URL)")
    assert settings["database"] == ("agua", ".env (MONGODB_DATABASE)")
    assert settings["environment"] == ("production", ".env (ENVIRONMENT)")
    assert settings["epochs"] == ("50", "environment (DEFAULT_EPOCHS)")
    assert settings["window size"] == ("5", ".env (DEFAULT_WINDOW_SIZE)")
    assert settings["store"] == (str(folder / "models" / "saved_model"), ".env (MODEL_SAVE_PATH)")
    assert "secret" not in ran.out


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("folder", ["embedded"], indirect=True)
def test_the_doctor_asks_the_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> tuple[str, str]:
        checks = {check["name"]: check for check in vaticina("doctor", "--json").json["checks"]}
        return checks["collections"]["status"], checks["collections"]["text"]

    assert found()[0] == "ok"
    assert not (folder / ".vaticina" / "collections.db").exists(), "looking creates nothing"
    done("data", "load", "sensor_data", "readings.csv")
    assert "1 collections" in found()[1]
    monkeypatch.setenv("MONGODB_URL", "mongodb://ana:secret@127.0.0.1:1/agua?serverSelectionTimeoutMS=200")
    status, text = found()
    assert (status, "does not answer" in text, "secret" in text) == ("fail", True, False)
    gc.collect()  # PyMongo leaves the sockets of connections that were given up to the collector


def test_a_secret_is_none_to_print() -> None:
    assert "secret" not in repr(Settings(mongodb_url="mongodb://ana:secret@host"))  # type: ignore[arg-type]
