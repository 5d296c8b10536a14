import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.samples import EVERYTHING, EVERYTHING_ROW, MEDICO, brief, codes, contract, violations
from vaticina.contract import Validator
from vaticina.contract.fields import INTEGER_LIMIT, MAX_TEXT
from vaticina.errors import ContractViolation, InvalidJSON

everything = Validator(EVERYTHING)
medico = Validator(MEDICO)


def body(**changes: object) -> bytes:
    return json.dumps({**EVERYTHING_ROW, **changes}).encode()


def raw(field: str, value: bytes) -> bytes:
    """A whole row whose ``field`` is written as ``value``, be it JSON or not."""
    return json.dumps({**EVERYTHING_ROW, field: "@"}).encode().replace(b'"@"', value)


def test_a_row_is_parsed_as_it_is() -> None:
    parsed = everything.parse(body())
    assert not parsed.many
    assert parsed.rows == [{**EVERYTHING_ROW, "at": datetime(2026, 1, 31, 12, tzinfo=UTC)}]
    assert list(parsed.rows[0]) == list(EVERYTHING.inputs)


def test_rows_come_in_contract_order_whatever_the_body_says() -> None:
    backwards = json.dumps(dict(reversed(EVERYTHING_ROW.items()))).encode()
    assert list(everything.parse(backwards).rows[0]) == list(EVERYTHING.inputs)


def test_a_list_is_parsed_as_many() -> None:
    parsed = medico.parse(b'[{"edad":45,"fiebre":39.5,"dolor":8},{"edad":5,"fiebre":36,"dolor":0}]')
    assert parsed.many
    assert [row["edad"] for row in parsed.rows] == [45.0, 5.0]


@pytest.mark.parametrize("listed", ["seen", "categories"])
@pytest.mark.parametrize(
    ("sent", "normal"), [(" SP\t", "sp"), ("SÃO PAULO", "são paulo"), ("sp", "sp"), ("", ""), ("\u00a0 \n", "")]
)
def test_text_is_stripped_and_lowered_where_the_contract_says(listed: str, sent: str, normal: str) -> None:
    city = {"type": "category", "normalise": True, listed: ["são paulo", "sp", ""]}
    validator = Validator(contract({"city": city}))
    assert validator.parse(json.dumps({"city": sent}).encode()).rows == [{"city": normal}]


@pytest.mark.parametrize(("sent", "normal"), [(" RJ\t", "rj"), ("RIO", "rio"), ("São\u00a0", "são")])
def test_a_text_that_no_list_holds_is_lowered_too(sent: str, normal: str) -> None:
    for known in ({}, {"seen": ["sp"]}):
        validator = Validator(contract({"city": {"type": "category", "normalise": True, **known}}))
        assert validator.check({"city": sent}) == {"city": normal}


def test_what_is_normalised_is_still_of_its_type_and_among_the_declared() -> None:
    validator = Validator(contract({"city": {"type": "category", "normalise": True, "categories": ["sp"]}}))
    assert codes(validator, b'{"city": " RJ"}') == [(0, "city", "not_allowed")]
    assert codes(validator, b'{"city": 5}') == [(0, "city", "not_allowed")]
    assert codes(Validator(contract({"city": {"type": "category", "normalise": True}})), b'{"city": 5}') == [
        (0, "city", "not_a_text")
    ]


def test_a_list_of_one_is_a_list() -> None:
    assert medico.parse(b'[{"edad":45,"fiebre":39.5,"dolor":8}]').many


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("number", b"10", 10.0),
        ("number", b"-1", -1.0),
        ("number", b"-0.0", 0.0),
        ("number", b"1e0", 1.0),
        ("free", b"3.4e38", 3.4e38),
        ("free", b"340000000000000000000000000000000000000", 3.4e38),
        ("free", b"5e-324", 5e-324),
        ("integer", b"3.0", 3),
        ("integer", b"1e1", 10),
        ("code", b"2.0", 2),
        ("city", '"Ñuñoa 🌵"'.encode(), "Ñuñoa 🌵"),
        ("city", b'"\\ud83c\\udf35"', "🌵"),
        ("city", b'"\\u0000"', "\x00"),
        ("city", b'" Lima\\t"', "Lima"),
        ("city", '"\u00a0Ica "'.encode(), "Ica"),
        ("category", b'" red"', "red"),
        ("id", b'" NA "', "NA"),
        ("at", b'" 2026-01-31T12:00:00Z"', datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("city", b'"' + b"z" * MAX_TEXT + b'"', "z" * MAX_TEXT),
        ("zip", b"7", 7),
        ("zip", b"7.0", 7),
        ("flag", b"false", False),
        ("id", b'"abcde"', "abcde"),
    ],
    ids=brief,
)
def test_values_that_are_taken(field: str, written: bytes, value: object) -> None:
    found = everything.parse(raw(field, written)).rows[0][field]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("number", b"true", "not_a_number"),
        ("number", b'"1"', "not_a_number"),
        ("number", b'""', "missing"),
        ("number", b'" NA "', "missing"),
        ("integer", b'"nan"', "missing"),
        ("code", b'"?"', "missing"),
        ("zip", b'"null"', "missing"),
        ("city", b'""', "missing"),
        ("city", '"\u00a0"'.encode(), "missing"),
        ("flag", b'"N/A"', "missing"),
        ("id", b'" "', "missing"),
        ("number", b"[1]", "not_a_number"),
        ("number", b'{"a":1}', "not_a_number"),
        ("number", b"null", "null"),
        ("number", b"10.000001", "out_of_range"),
        ("number", b"-1.5", "out_of_range"),
        ("number", b"1e999", "out_of_range"),
        ("number", b"-1e999", "out_of_range"),
        ("free", b"3.41e38", "out_of_range"),
        ("free", b"-3.41e38", "out_of_range"),
        ("free", b"1e308", "out_of_range"),
        ("free", b"1e999", "out_of_range"),
        ("free", b"9" * 400, "out_of_range"),
        ("free", b"9" * 4300, "out_of_range"),
        ("integer", b"3.5", "not_an_integer"),
        ("integer", b"true", "not_a_number"),
        ("integer", b'"3"', "not_a_number"),
        ("integer", b"11", "out_of_range"),
        ("integer", b"1e999", "out_of_range"),
        ("category", b'"blue"', "not_allowed"),
        ("category", b'"Red"', "not_allowed"),
        ("category", b'""', "missing"),
        ("category", b"1", "not_allowed"),
        ("category", b"true", "not_allowed"),
        ("category", b'["red"]', "not_allowed"),
        ("category", b"null", "null"),
        ("code", b"4", "not_allowed"),
        ("code", b"true", "not_allowed"),
        ("code", b"1.5", "not_allowed"),
        ("code", b'"1"', "not_allowed"),
        ("city", b"1", "not_a_text"),
        ("city", b"false", "not_a_text"),
        ("city", b'"' + b"z" * (MAX_TEXT + 1) + b'"', "too_long"),
        ("zip", b"1.5", "not_an_integer"),
        ("zip", b"true", "not_a_number"),
        ("zip", b'"15001"', "not_a_number"),
        ("zip", b"1e300", "out_of_range"),
        ("flag", b"1", "not_a_flag"),
        ("flag", b"0", "not_a_flag"),
        ("flag", b'"true"', "not_a_flag"),
        ("flag", b"null", "null"),
        ("id", b'"abcdef"', "too_long"),
        ("id", b"7", "not_a_text"),
        ("id", b"null", "null"),
        ("at", b"0", "not_an_instant"),
        ("at", b'"yesterday"', "not_an_instant"),
        ("at", b'"2026-02-30"', "not_an_instant"),
        ("at", b'"2026-01-01T25:00:00"', "not_an_instant"),
        ("at", b'"0001-01-01T00:00:00+14:00"', "not_an_instant"),
        ("at", b'"9999-12-31T23:59:59-14:00"', "not_an_instant"),
        ("at", b'"' + b"2" * 65 + b'"', "not_an_instant"),
        ("at", b'""', "missing"),
        ("at", b"null", "null"),
    ],
    ids=brief,
)
def test_values_that_are_refused(field: str, written: bytes, code: str) -> None:
    assert codes(everything, raw(field, written)) == [(0, field, code)]


@pytest.mark.parametrize("edge", [INTEGER_LIMIT, -INTEGER_LIMIT])
def test_integers_are_taken_as_long_as_a_double_tells_neighbours_apart(edge: int) -> None:
    counting = Validator(contract({"n": {"type": "integer"}}))
    assert counting.parse(b'{"n":%d}' % edge).rows == [{"n": edge}]
    beyond = edge + (1 if edge > 0 else -1)
    assert codes(counting, b'{"n":%d}' % beyond) == [(0, "n", "out_of_range")]
    assert codes(counting, b'{"n":%d}' % (beyond * 2)) == [(0, "n", "out_of_range")]


@pytest.mark.parametrize("field", EVERYTHING_ROW)
def test_a_missing_field_is_named(field: str) -> None:
    row = {name: value for name, value in EVERYTHING_ROW.items() if name != field}
    assert codes(everything, json.dumps(row).encode()) == [(0, field, "missing")]


def test_every_bad_field_is_told_in_contract_order() -> None:
    assert codes(everything, b"{}") == [(0, name, "missing") for name in EVERYTHING.inputs]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", "The body is empty"),
        (b"  \n\t ", "The body is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"edad":45}'.encode("utf-16"), "byte order mark"),
        ('{"edad":45}'.encode("utf-16-le"), "not one JSON document in UTF-8"),
        ('{"año":45}'.encode("latin-1"), "not one JSON document in UTF-8"),
        (b'{"edad":"\\ud800"}', "surrogate|hex escape"),
        (b'{"edad":"\\ud800\\u0041"}', "surrogate"),
        (b'{"edad":NaN,"fiebre":39.5,"dolor":8}', "not one JSON document"),
        (b'{"edad":Infinity,"fiebre":39.5,"dolor":8}', "not one JSON document"),
        (b'{"edad":-Infinity,"fiebre":39.5,"dolor":8}', "not one JSON document"),
        (b'{"edad":1,"fiebre":39.5,"dolor":8,"edad":2}', 'duplicate key "edad"'),
        (b'{"other":{"a":1,"a":1}}', 'duplicate key "a"'),
        (b'{"edad":1}{"edad":1}', "trailing characters"),
        (b'{"edad":1,}', "trailing comma"),
        (b'{"edad":01}', "invalid number"),
        (b'{"edad":' + b"9" * 5000 + b"}", "number out of range"),
        (b"{'edad':1}", "not one JSON document"),
        (b'{"edad"', "not one JSON document"),
        (b"edad=45&fiebre=39.5", "not one JSON document"),
        (b"\x00", "not one JSON document"),
        (b"[" * 50_000 + b"]" * 50_000, "recursion limit"),
        (b"[" * 50_000, "recursion limit"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "recursion limit"),
    ],
    ids=brief,
)
def test_what_is_no_json_is_said_to_be_none(written: bytes, said: str) -> None:
    with pytest.raises(InvalidJSON, match=said) as caught:
        medico.parse(written)
    assert len(caught.value.message) < 300


def test_a_complaint_does_not_quote_the_whole_body() -> None:
    key = "k" * 100_000
    with pytest.raises(InvalidJSON) as caught:
        medico.parse(f'{{"{key}":1,"{key}":1}}'.encode())
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("written", [b"null", b"1", b"true", b'"text"', b"1e999"])
def test_a_body_that_is_no_object_and_no_list(written: bytes) -> None:
    assert codes(medico, written) == [(0, None, "not_object")]


@pytest.mark.parametrize("written", [b"[[]]", b"[null]", b"[1]", b'[[{"edad":45,"fiebre":39.5,"dolor":8}]]'])
def test_a_list_of_something_else(written: bytes) -> None:
    assert codes(medico, written) == [(0, None, "not_object")]


def test_an_empty_list_is_refused() -> None:
    assert violations(medico, b"[]") == [{"code": "empty_list", "min": 1, "max": 10_000}]


def test_too_many_rows_are_refused() -> None:
    small = Validator(MEDICO, max_rows=2)
    row = b'{"edad":45,"fiebre":39.5,"dolor":8}'
    assert len(small.parse(b"[" + b",".join([row] * 2) + b"]").rows) == 2
    found = violations(small, b"[" + b",".join([row] * 3) + b"]")
    assert found == [{"code": "too_many_rows", "value": 3, "min": 1, "max": 2}]


def test_bad_rows_of_a_list_are_named_by_position() -> None:
    good: dict[str, Any] = {"edad": 45, "fiebre": 39.5, "dolor": 8}
    rows = [good, {**good, "edad": 200}, good, 5, {**good, "dolor": None, "fiebre": "x"}, {}]
    assert codes(medico, json.dumps(rows).encode()) == [
        (1, "edad", "out_of_range"),
        (3, None, "not_object"),
        (4, "fiebre", "not_a_number"),
        (4, "dolor", "null"),
        (5, "edad", "missing"),
        (5, "fiebre", "missing"),
        (5, "dolor", "missing"),
    ]


def test_at_most_a_hundred_violations_are_told() -> None:
    found = codes(medico, b"[" + b",".join([b"{}"] * 200) + b"]")
    assert len(found) == 100
    assert found[-1] == (33, "edad", "missing")


def test_a_hundred_violations_cost_no_more_when_there_are_a_million() -> None:
    wide = Validator(contract({f"x{index}": {"type": "number"} for index in range(100)}))
    start = time.perf_counter()
    assert len(violations(wide, b"[" + b",".join([b"{}"] * 10_000) + b"]")) == 100
    assert time.perf_counter() - start < 0.5  # it takes 2 ms; telling all takes 3 s


def test_unknown_fields_are_ignored_by_default() -> None:
    parsed = medico.parse(b'{"edad":45,"fiebre":39.5,"dolor":8,"nombre":"Ana","x":[1e999]}')
    assert list(parsed.rows[0]) == ["edad", "fiebre", "dolor"]


def test_unknown_fields_are_refused_when_the_contract_says_so() -> None:
    strict = Validator(contract({"x": {"type": "number"}, "y": {"type": "number"}}, unknown="refuse"))
    found = violations(strict, b'{"x":1,"nombre":"Ana","y":true}')
    assert [(item["field"], item["code"]) for item in found] == [("y", "not_a_number"), ("nombre", "unknown_field")]
    assert found[1]["allowed"] == ["x", "y"]


def test_the_name_of_an_unknown_field_is_cut() -> None:
    strict = Validator(contract({"x": {"type": "number"}}, unknown="refuse"))
    found = violations(strict, json.dumps({"x": 1, "k" * 100_000: 1}).encode())
    assert found[0]["field"] == "k" * 100


def test_an_optional_input_may_be_absent_or_null() -> None:
    validator = Validator(contract({"x": {"type": "number", "optional": True, "max": 5}, "y": {"type": "number"}}))
    assert validator.parse(b'{"y":1}').rows == [{"x": None, "y": 1.0}]
    assert validator.parse(b'{"x":null,"y":1}').rows == [{"x": None, "y": 1.0}]
    assert codes(validator, b'{"x":6,"y":1}') == [(0, "x", "out_of_range")]


def test_a_default_stands_for_what_is_absent_and_not_for_null() -> None:
    validator = Validator(contract({"x": {"type": "number", "default": 2}}))
    assert validator.parse(b"{}").rows == [{"x": 2.0}]
    assert codes(validator, b'{"x":null}') == [(0, "x", "null")]


def test_an_optional_input_with_a_default_takes_both() -> None:
    validator = Validator(contract({"x": {"type": "flag", "default": False, "optional": True}}))
    assert validator.parse(b"{}").rows == [{"x": False}]
    assert validator.parse(b'{"x":null}').rows == [{"x": None}]


def test_a_default_instant_is_read_like_any_other() -> None:
    validator = Validator(contract({"at": {"type": "instant", "default": "2026-01-01"}}, timezone="America/Lima"))
    assert validator.parse(b"{}").rows == [{"at": datetime(2026, 1, 1, 5, tzinfo=UTC)}]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456+00:00", datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-31T12:00:00+05:30", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("2026-01-31T12:00:00", datetime(2026, 1, 31, 17, tzinfo=UTC)),
        ("2026-01-31 12:00", datetime(2026, 1, 31, 17, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, 5, tzinfo=UTC)),
        ("0002-01-01T00:00:00Z", datetime(2, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59-23:59", datetime(9999, 1, 1, 23, 58, 59, tzinfo=UTC)),
    ],
)
def test_instants_are_utc_and_naive_ones_stand_in_the_zone_of_the_contract(written: str, moment: datetime) -> None:
    found = everything.parse(body(at=written)).rows[0]["at"]
    assert found == moment
    assert found.tzinfo is UTC


def test_python_rows_are_checked_like_bodies() -> None:
    assert everything.check(dict(EVERYTHING_ROW))["integer"] == 3
    with pytest.raises(ContractViolation) as caught:
        everything.check({**EVERYTHING_ROW, "number": float("nan"), "free": 10**5000})
    assert [(item["field"], item["code"]) for item in caught.value.violations] == [
        ("number", "out_of_range"),
        ("free", "out_of_range"),
    ]


def test_the_rows_given_are_left_as_they_were() -> None:
    row = {"edad": 45, "fiebre": 39, "dolor": 8, "extra": 1}
    medico.check_all([row])
    assert row == {"edad": 45, "fiebre": 39, "dolor": 8, "extra": 1}
