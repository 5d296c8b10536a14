"""Which texts are a category as they stand, and which mean that there is no value."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, core_schema

from tests.contract.samples import codes, contract, violations
from vaticina.contract import Validator
from vaticina.contract.fields import AnyInput
from vaticina.contract.text_values import MISSING, text_reader
from vaticina.contract.violations import say
from vaticina.contract.white_space import WHITE_SPACE, stripped

ODD = (" web", "web ", "nan", "", "NA", "plain")
"""Categories as models of other people have them, learnt from texts that nobody stripped."""


def field(**table: Any) -> AnyInput:
    return TypeAdapter[AnyInput](AnyInput).validate_python(table)


@pytest.mark.parametrize("listed", ["categories", "seen"])
@pytest.mark.parametrize("text", ODD)
def test_a_category_is_taken_exactly_as_it_stands(listed: str, text: str) -> None:
    for optional in (False, True):
        validator = Validator(contract({"x": {"type": "category", listed: ODD, "optional": optional}}))
        assert validator.check({"x": text}) == {"x": text}
        assert validator.check_all([{"x": text}, {"x": " plain "}]) == [{"x": text}, {"x": "plain"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" plain\t", "plain"), ("\u00a0plain", "plain"), (" nan ", "nan"), ("\tNA", "NA"), ("   ", ""),
        (" web ", "web"), ("other ", "other"), (" null", None), ("N/A", None),
    ],
)  # fmt: skip
def test_another_text_is_stripped_and_then_a_category_a_missing_value_or_itself(text: str, value: str | None) -> None:
    validator = Validator(contract({"x": {"type": "category", "seen": ODD, "optional": True}}))
    assert validator.check({"x": text}) == {"x": value}


@pytest.mark.parametrize("kind", ["number", "integer", "flag", "instant", "category"])
@pytest.mark.parametrize("mark", sorted(MISSING))
def test_a_mark_of_missing_is_an_absent_field(kind: str, mark: str) -> None:
    defaults = {"number": 1.5, "integer": 2, "flag": True, "instant": "2026-01-01T00:00:00Z", "category": "a"}
    for more in ({"optional": True}, {"default": defaults[kind]}, {"default": defaults[kind], "optional": True}):
        validator = Validator(contract({"x": {"type": kind, **more}, "y": {"type": "number"}}))
        assert validator.check({"x": f" {mark}", "y": 1}) == validator.check({"y": 1})
    required = Validator(contract({"x": {"type": kind}}))
    assert codes(required, json.dumps({"x": mark}).encode()) == [(0, "x", "missing")]


def test_a_project_has_marks_of_its_own() -> None:
    inputs = {
        "x": {"type": "number", "optional": True},
        "n": {"type": "integer", "default": 3},
        "c": {"type": "category", "seen": ["a", "-"], "optional": True},
        "d": {"type": "category", "optional": True},
    }
    validator = Validator(contract(inputs, missing=["-", "s/d", "-999"]))
    assert validator.check({"x": " -", "n": "s/d", "c": "s/d", "d": "- "}) == {"x": None, "n": 3, "c": None, "d": None}
    assert validator.check({"x": -999, "n": -999.0, "c": "-", "d": "-9"}) == {"x": None, "n": 3, "c": "-", "d": "-9"}
    required = Validator(contract({"x": {"type": "number"}}, missing=["-999", "1"]))
    assert codes(required, b'{"x": -999}') == [(0, "x", "missing")]
    assert codes(required, b'{"x": true}') == [(0, "x", "not_a_number")]
    assert codes(required, b'{"x": [-999]}') == [(0, "x", "not_a_number")]
    assert "missing" not in contract({"x": {"type": "number"}}).model_dump(), "earlier contracts are as they were"


def test_a_name_may_be_called_na_but_not_be_empty() -> None:
    validator = Validator(contract({"id": {"type": "identifier", "optional": True}, "y": {"type": "number"}}))
    assert validator.check({"id": " NA ", "y": 1})["id"] == "NA"
    assert validator.check({"id": " \u00a0", "y": 1})["id"] is None


def test_a_text_never_stands_for_a_number_or_a_flag() -> None:
    validator = Validator(
        contract({"x": {"type": "number", "optional": True}, "f": {"type": "flag", "optional": True}})
    )
    assert codes(validator, b'{"x": " 1.5", "f": "true"}') == [(0, "x", "not_a_number"), (0, "f", "not_a_flag")]


def test_a_refusal_shows_the_text_that_means_no_value() -> None:
    validator = Validator(contract({"rooms": {"type": "number"}}))
    [problem] = violations(validator, b'{"rooms": "NA"}')
    assert say(problem, "en")["message"] == "rooms is required, and 'NA' means that it has no value"
    assert say(problem, "es")["value"] == "NA"


def test_a_padded_name_is_pointed_out() -> None:
    validator = Validator(contract({"rooms": {"type": "number"}}))
    [problem] = violations(validator, b'{" rooms": 3}')
    assert (problem["code"], problem["field"], problem["value"]) == ("padded_name", "rooms", " rooms")
    assert "white space" in str(say(problem, "en")["message"])
    assert "espacios" in str(say(problem, "es")["message"])


@pytest.mark.parametrize(
    "table",
    [{"type": "category", "seen": ODD}, {"type": "category", "normalise": True, "seen": ["na", "são paulo"]},
     {"type": "number"}, {"type": "identifier"}],
)  # fmt: skip
def test_what_is_read_once_and_read_again_is_the_same(table: dict[str, Any]) -> None:
    read = text_reader(field(**table))
    for text in (*ODD, " NA", "NA ", " SÃO PAULO", "\x1dx\x1d", "null"):
        value = read(text)
        assert value is None or read(value) == value


def test_the_two_ways_to_strip_agree_on_every_character() -> None:
    strip = SchemaValidator(core_schema.str_schema(strip_whitespace=True)).validate_python
    for code in range(0x3100):
        text = chr(code) + "x"
        assert strip(text) == stripped(text), hex(code)
    assert not [code for code in range(0x3100, 0x110000) if chr(code).isspace()]
    assert all(character.isspace() for character in WHITE_SPACE)
