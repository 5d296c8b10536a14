import json
from string import Formatter
from typing import Any

import orjson
import pytest

from tests.contract.samples import EVERYTHING, EVERYTHING_ROW, MEDICO, brief, contract, violations
from vaticina.contract import Validator
from vaticina.contract.fields import FLOAT_LIMIT, INTEGER_LIMIT
from vaticina.contract.messages import LANGUAGES, VIOLATIONS, Language
from vaticina.contract.violations import MAX_ALLOWED, MAX_VALUE, say, shown, violation

FACTS = {"field", "value", "min", "max", "allowed", "unit"}


@pytest.mark.parametrize("code", VIOLATIONS)
def test_every_code_has_every_language_and_uses_known_facts(code: str) -> None:
    assert set(VIOLATIONS[code]) == set(LANGUAGES)
    used = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in VIOLATIONS[code].values()]
    assert used[0] == used[1]
    assert used[0] <= FACTS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", VIOLATIONS)
def test_every_code_is_said(code: str, language: Language) -> None:
    facts: dict[str, Any] = {"field": "edad", "value": 7, "min": 1, "max": 5, "allowed": ["a", "b"], "unit": "kg"}
    said = say(violation(code, row=0, **facts), language)
    message = str(said["message"])
    assert message
    assert "{" not in message
    assert "unit" not in said


def said(body: bytes, language: Language, inputs: dict[str, Any] | None = None) -> list[object]:
    validator = Validator(contract(inputs) if inputs else MEDICO)
    return [say(item, language)["message"] for item in violations(validator, body)]


def test_a_range_is_said_with_its_unit_and_plain_numbers() -> None:
    body = b'{"edad":200,"fiebre":30.5,"dolor":8}'
    assert said(body, "es") == [
        "edad debe estar entre 0 y 150 years, recibido: 200",
        "fiebre debe estar entre 35 y 45 °C, recibido: 30.5",
    ]
    assert said(body, "en") == [
        "edad must be between 0 and 150 years, got 200",
        "fiebre must be between 35 and 45 °C, got 30.5",
    ]


@pytest.mark.parametrize(
    ("declared", "value", "facts", "message"),
    [
        ({"min": 0}, b"-1", {"min": 0}, "x must be at least 0, got -1"),
        ({"min": 0}, b'"a"', {"min": 0}, "x must be a number"),
        ({"max": 9}, b"10", {"max": 9}, "x must be at most 9, got 10"),
        ({"min": 0}, b"1e300", {"min": 0, "max": FLOAT_LIMIT}, f"x must be between 0 and {FLOAT_LIMIT}, got 1e+300"),
        ({}, b"-1e300", {"min": -FLOAT_LIMIT}, f"x must be at least {-FLOAT_LIMIT}, got -1e+300"),
        ({}, b'"a"', {}, "x must be a number"),
        ({"type": "integer"}, b"1.5", {}, "x must be a whole number"),
        ({"type": "integer"}, b"1e18", {"max": INTEGER_LIMIT}, f"x must be at most {INTEGER_LIMIT}, got 1e+18"),
    ],
)
def test_a_range_is_told_as_far_as_it_is_declared(
    declared: dict[str, Any], value: bytes, facts: dict[str, float], message: str
) -> None:
    """A number without a range has no ±3.4e38 beside it, unless that is what it breaks."""
    inputs = {"x": {"type": "number", **declared}}
    body = b'{"x": ' + value + b"}"
    (problem,) = violations(Validator(contract(inputs)), body)
    assert {side: problem[side] for side in ("min", "max") if side in problem} == facts
    assert said(body, "en", inputs) == [message]
    assert said(body, "es", inputs) != [message]


def test_a_category_is_said_with_what_is_allowed() -> None:
    inputs = {"c": {"type": "category", "categories": ["rojo", "azul"]}}
    assert said(b'{"c":"verde"}', "es", inputs) == ["c debe ser uno de: rojo, azul"]


def test_a_long_list_of_categories_is_cut() -> None:
    validator = Validator(contract({"c": {"type": "category", "categories": list(range(500))}}))
    found = violations(validator, b'{"c":-1}')[0]
    assert found["allowed"] == list(range(MAX_ALLOWED))
    assert str(say(found, "en")["message"]).endswith("98, 99, …")


def test_a_length_is_said() -> None:
    inputs = {"c": {"type": "category", "seen": ["a"]}}
    body = json.dumps({"c": "z" * 2000}).encode()
    assert said(body, "en", inputs) == ["c must have at most 1000 characters"]


def test_a_field_name_with_braces_is_only_a_name() -> None:
    inputs = {"{0.__class__}": {"type": "number"}}
    assert said(b"{}", "en", inputs) == ["{0.__class__} is required"]


@pytest.mark.parametrize(
    ("value", "as_shown"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2.5, 2.5),
        ("text", "text"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (float("nan"), "nan"),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (-(2**63), str(-(2**63))),
        (10**200, "1" + "0" * 99),
        ("z" * 101, "z" * 100),
        ({"a": "ñ"}, '{"a": "ñ"}'),
        ([1, None, True], "[1, null, true]"),
    ],
)
def test_a_value_is_shown_so_that_json_can_write_it(value: object, as_shown: object) -> None:
    assert shown(value) == as_shown
    assert orjson.loads(orjson.dumps(shown(value))) == as_shown


def test_an_integer_too_long_for_python_to_write_is_shown_by_its_size() -> None:
    assert shown(10**5000) == "an integer of 16610 bits"


@pytest.mark.parametrize(
    "written",
    [b"1e999", b"9" * 4300, b'"' + b"z" * 5000 + b'"', b"[" * 150 + b"]" * 150, b'{"a":{"b":[null]}}'],
    ids=brief,
)
@pytest.mark.parametrize("field", EVERYTHING_ROW)
def test_every_violation_is_short_and_fit_for_json(field: str, written: bytes) -> None:
    body = json.dumps({**EVERYTHING_ROW, field: "@"}).encode().replace(b'"@"', written)
    found = violations(Validator(EVERYTHING), body)
    assert [item["field"] for item in found] == [field]
    for language in LANGUAGES:
        spoken = say(found[0], language)
        assert len(str(spoken["value"])) <= MAX_VALUE
        assert len(orjson.dumps(spoken)) < 2_000
