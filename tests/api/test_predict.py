"""Bodies that break other servers, and what a good one gets, over a real socket."""

import json
import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.clinic import ROW, VERSION, project, rows, served, service
from tests.api.clinic import open_app as app
from tests.api.wire import Heard, ask, predict


def post(port: int, body: bytes, *headers: tuple[str, str]) -> Heard:
    return ask(port, "POST", "/predict", body, *headers)


def but(**changes: object) -> dict[str, object]:
    return {**ROW, **changes}


def raw(field: str, value: bytes) -> bytes:
    return orjson.dumps(but(**{field: "@"})).replace(b'"@"', value)


def is_problem(heard: Heard, status: int, code: str) -> dict[str, Any]:
    found: dict[str, Any] = heard.json()
    assert (heard.status, found["status"], found["code"]) == (status, status, code)
    assert heard.headers["content-type"] == "application/problem+json"
    assert found["request_id"] == heard.headers["x-request-id"]
    assert found["instance"] == "/predict"
    assert found["type"].endswith(code)
    assert found["title"]
    assert found["detail"]
    return found


def test_a_row_is_answered_with_its_uid_and_the_version(port: int) -> None:
    heard = predict(port, ROW)
    assert heard.status == 200
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["vaticina-version"] == VERSION
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", heard.headers["vaticina-prediction"])
    answer = heard.json()
    assert answer["risk"] == "low"
    assert answer["probability"] == answer["probabilities"]["low"] == 1 - 45.5 / 120
    assert answer["input"] == {
        "age": 45.5,
        "visits": 3,
        "ward": "south",
        "town": None,
        "smoker": False,
        "patient": None,
        "at": "2026-01-31T12:00:00Z",
    }
    assert answer["when"].endswith("Z")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"age": "45"}, "not_a_number", "age"),
        ({"age": None}, "null", "age"),
        ({"age": True}, "not_a_number", "age"),
        ({"age": [45]}, "not_a_number", "age"),
        ({"age": {"value": 45}}, "not_a_number", "age"),
        ({"age": -5000}, "out_of_range", "age"),
        ({"age": 150.0001}, "out_of_range", "age"),
        ({"age": 1e39}, "out_of_range", "age"),
        ({"visits": 3.5}, "not_an_integer", "visits"),
        ({"visits": False}, "not_a_number", "visits"),
        ({"visits": -1}, "out_of_range", "visits"),
        ({"ward": "east"}, "not_allowed", "ward"),
        ({"ward": 1}, "not_allowed", "ward"),
        ({"town": 1}, "not_a_text", "town"),
        ({"town": "x" * 2_000}, "too_long", "town"),
        ({"smoker": "yes"}, "not_a_flag", "smoker"),
        ({"smoker": 1}, "not_a_flag", "smoker"),
        ({"patient": "x" * 21}, "too_long", "patient"),
        ({"patient": 7}, "not_a_text", "patient"),
        ({"at": "yesterday"}, "not_an_instant", "at"),
        ({"at": 1_700_000_000}, "not_an_instant", "at"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(
    port: int, changes: dict[str, object], code: str, field: str
) -> None:
    found = is_problem(predict(port, but(**changes)), 422, "contract_violation")
    (error,) = found["errors"]
    assert (error["code"], error["field"], error["row"]) == (code, field, 0)
    assert field in error["message"]
    assert error["message"] in found["detail"]
    assert len(str(error.get("value"))) <= 100


def test_the_allowed_range_is_told(port: int) -> None:
    (error,) = predict(port, but(age=200)).json()["errors"]
    assert (error["value"], error["min"], error["max"]) == (200, 0, 150)
    assert error["message"] == "age must be between 0 and 150 years, got 200"
    (error,) = predict(port, but(ward="east")).json()["errors"]
    assert error["allowed"] == ["north", "south"]


@pytest.mark.parametrize("missing", ROW)
def test_a_missing_field_is_422(port: int, missing: str) -> None:
    found = is_problem(predict(port, {k: v for k, v in ROW.items() if k != missing}), 422, "contract_violation")
    assert [(error["code"], error["field"]) for error in found["errors"]] == [("missing", missing)]


def test_all_that_is_wrong_is_told_at_once(port: int) -> None:
    found = predict(port, {"age": "x", "visits": None}).json()
    assert {error["field"] for error in found["errors"]} == {"age", "visits", "ward"}


def test_an_unknown_field_is_ignored_unless_the_contract_says_otherwise(port: int) -> None:
    assert predict(port, but(colour="red")).status == 200
    with served(app(service(project(unknown="refuse")))) as strict:
        found = is_problem(predict(strict, but(colour="red")), 422, "contract_violation")
        (error,) = found["errors"]
        assert (error["code"], error["field"]) == ("unknown_field", "colour")
        assert predict(strict, ROW).status == 200


def test_45_point_0_is_a_whole_number_and_45_is_a_real_one(port: int) -> None:
    answer = post(port, b'{"age": 45, "visits": 3.0, "ward": "north"}').json()
    assert (answer["input"]["age"], answer["input"]["visits"]) == (45, 3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   \n",
        b"{",
        b'{"age": 45.5,}',
        b"{'age': 45.5}",
        b"age=45.5&visits=3",
        b'{"age": 45.5} {"age": 45.5}',
        b'{"age": 1} trailing',
        b'{"age": 045}',
        b'{"age": .5}',
        b'{"age": +5}',
        b'{"age": 0x10}',
        b'{"age": 1_000}',
        b"nul",
        raw("age", b"NaN"),
        raw("age", b"Infinity"),
        raw("age", b"-Infinity"),
        raw("age", b"9" * 10_000),
        raw("patient", b'"\\ud800"'),
        raw("patient", b'"\\x41"'),
        raw("patient", b'"tab\there"'),
        raw("patient", b'"\xff\xfe"'),
        raw("patient", b'"\xc0\xaf"'),
        raw("patient", b'"\xed\xa0\x80"'),
        orjson.dumps(ROW)[:-1] + b', "age": 1}',
        b'\xef\xbb\xbf{"age": 1}',
        '{"age": 1}'.encode("utf-16"),
        '{"age": 1}'.encode("utf-32"),
        '{"patient": "ñ"}'.encode("latin-1"),
        b'{"age": 1}\x00',
        b"\x00",
        b"[" * 50_000,
        b"[" * 50_000 + b"]" * 50_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"age": 1, "nested": ' + b"[" * 40_000 + b"]" * 40_000 + b"}",
        b"\x1f\x8b\x08\x00compressed",
        b"\x80\x04\x95pickle.",
        b"<row><age>1</age></row>",
    ],
)
def test_what_is_not_one_json_document_is_400(port: int, body: bytes) -> None:
    is_problem(post(port, body), 400, "invalid_json")
    assert predict(port, ROW).status == 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "El cuerpo está vacío; envíe un objeto JSON o una lista de ellos."),
        (b"\xef\xbb\xbf{}", "El cuerpo empieza con una marca de orden de bytes; envíe JSON en UTF-8 sin ella."),
        (
            b'{"age": }',
            "El cuerpo no es un solo documento JSON en UTF-8: hay un error en la línea 1, columna 9.",
        ),
        (
            b'{"age": 1,\n "age": 2}',
            "El cuerpo no es un solo documento JSON en UTF-8: repite una clave en la línea 2, columna 8.",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_the_language_of_the_caller(
    port: int, body: bytes, detail: str
) -> None:
    spanish = ask(port, "POST", "/predict", body, ("Accept-Language", "es"))
    assert spanish.json()["detail"] == detail
    assert ask(port, "POST", "/predict", body).json()["detail"].startswith("The body ")


@pytest.mark.parametrize("body", [b"null", b"true", b"5", b'"text"', b"1e999", b'{"age": 1e999}', b"{}"])
def test_json_that_is_no_row_is_422(port: int, body: bytes) -> None:
    is_problem(post(port, body), 422, "contract_violation")


@pytest.mark.parametrize("value", [b"1e999", b"-1e999", b"1e308", b"9" * 400])
def test_numbers_beyond_a_float_are_422_and_shown_short(port: int, value: bytes) -> None:
    (error,) = is_problem(post(port, raw("age", value)), 422, "contract_violation")["errors"]
    assert (error["field"], error["code"]) == ("age", "out_of_range")
    assert len(str(error["value"])) <= 100


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_the_body_is_json_whatever_it_is_called(port: int, content_type: str) -> None:
    assert predict(port, ROW, ("Content-Type", content_type)).status == 200


def test_a_list_is_answered_in_order_with_a_uid_for_each_row(port: int) -> None:
    heard = predict(port, rows(100))
    assert [answer["input"]["age"] for answer in heard.json()] == [float(age) for age in range(100)]
    uids = heard.headers["vaticina-prediction"].split(",")
    assert len(set(uids)) == 100


def test_a_list_of_one_is_a_list(port: int) -> None:
    heard = predict(port, [ROW])
    assert isinstance(heard.json(), list)
    assert len(heard.json()) == 1
    assert "," not in heard.headers["vaticina-prediction"]


def test_a_long_lists_header_names_the_first_and_the_last_uid_and_the_rest_follow(port: int) -> None:
    heard = predict(port, rows(101))
    first, last = heard.headers["vaticina-prediction"].split("..")
    low, high = (int(uid.replace("-", ""), 16) for uid in (first, last))
    assert high - low == 100
    for number in (low, low + 57, high):
        text = f"{number:032x}"
        uid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
        assert ask(port, "GET", f"/predictions/{uid}").json()["input"]["age"] == number - low


def test_a_list_with_bad_rows_names_their_places_and_answers_none(port: int) -> None:
    before = ask(port, "GET", "/predictions?limit=1").json()["total"]
    found = is_problem(
        predict(port, [ROW, but(age=-1), ROW, 7, but(ward="east", visits="x")]), 422, "contract_violation"
    )
    assert [(error["row"], error.get("field")) for error in found["errors"]] == [
        (1, "age"),
        (3, None),
        (4, "visits"),
        (4, "ward"),
    ]
    assert found["detail"].startswith("[1] age must be")
    assert ask(port, "GET", "/predictions?limit=1").json()["total"] == before


def test_a_list_with_a_row_that_the_model_fails_on_names_its_place(port: int) -> None:
    heard = predict(port, [ROW, ROW, but(age=13.13)])
    found = is_problem(heard, 500, "prediction_failed")
    assert found["row"] == 2
    assert "hunter2" not in heard.body.decode()


@pytest.mark.parametrize(("body", "code"), [([], "empty_list"), (rows(501), "too_many_rows"), ([[]], "not_object")])
def test_lists_that_cannot_be_answered(port: int, body: object, code: str) -> None:
    (error,) = is_problem(predict(port, body), 422, "contract_violation")["errors"]
    assert error["code"] == code


def test_a_list_of_bad_rows_is_told_up_to_a_hundred(port: int) -> None:
    assert len(predict(port, [{}] * 500).json()["errors"]) == 100


@pytest.mark.parametrize(
    ("header", "language", "words"),
    [
        ("es", "es", "debe estar entre 0 y 150 years"),
        ("es-PE,es;q=0.9,en;q=0.8", "es", "debe estar entre"),
        ("en-GB,en;q=0.9,es;q=0.8", "en", "must be between"),
        ("fr,es;q=0.5,en;q=0.4", "es", "debe estar entre"),
        ("fr", "en", "must be between"),
        ("", "en", "must be between"),
        ("*", "en", "must be between"),
        (";;;q=,=,;q=banana", "en", "must be between"),
        ("es;q=0", "en", "must be between"),
        ("\xf1\xff", "en", "must be between"),
        (",".join(["es;q=0.1"] * 500), "es", "debe estar entre"),
    ],
)
def test_problems_speak_the_language_asked_for(port: int, header: str, language: str, words: str) -> None:
    heard = predict(port, but(age=151), ("Accept-Language", header))
    found = is_problem(heard, 422, "contract_violation")
    assert heard.headers["content-language"] == language
    assert words in found["errors"][0]["message"]
    assert words in found["detail"]
    assert found["errors"][0]["code"] == "out_of_range"


def test_titles_are_translated_and_codes_are_not(port: int) -> None:
    spanish, english = (post(port, b"{", ("Accept-Language", tag)).json() for tag in ("es", "en"))
    assert spanish["title"] == "El cuerpo no es JSON válido"
    assert spanish["title"] != english["title"]
    assert spanish["code"] == english["code"]


def test_an_answer_lasts_as_long_as_its_row_is_recorded(port: int) -> None:
    heard = predict(port, but(patient="Ñandú \U0001f600\x00'\";--"))
    kept = ask(port, "GET", f"/predictions/{heard.headers['vaticina-prediction']}").json()
    assert kept["input"] == heard.json()["input"]
    assert kept["input"]["patient"] == "Ñandú \U0001f600\x00'\";--"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
FIELDS = st.sampled_from(["age", "visits", "ward", "town", "smoker", "patient", "at", "other", ""])
ROWS = st.dictionaries(FIELDS, SCALARS | st.lists(SCALARS, max_size=2) | st.sampled_from(["south", 3, 45.5]))
MANGLED = st.tuples(st.integers(0, 60), st.binary(max_size=6)).map(
    lambda cut: orjson.dumps(ROW)[: cut[0]] + cut[1] + orjson.dumps(ROW)[cut[0] :]
)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | MANGLED | (ROWS | st.lists(ROWS, max_size=4)).map(lambda rows: json.dumps(rows).encode())
)
def test_no_body_is_answered_otherwise_than_with_200_400_or_422(port: int, body: bytes) -> None:
    heard = post(port, body)
    assert heard.status in (200, 400, 422)
    if heard.status != 200:
        is_problem(heard, heard.status, "invalid_json" if heard.status == 400 else "contract_violation")
