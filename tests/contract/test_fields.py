from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from vaticina.contract.fields import (
    FLOAT_LIMIT,
    INTEGER_LIMIT,
    AnyInput,
    Category,
    Flag,
    Identifier,
    Instant,
    Integer,
    Number,
    spoken,
)

field: TypeAdapter[AnyInput] = TypeAdapter(AnyInput)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"type": "number", "min": 0, "max": 150, "unit": "years", "example": 45.0}, Number),
        ({"type": "number", "min": 5, "max": 5, "default": 5, "example": 5}, Number),
        ({"type": "integer", "min": 1, "max": 2.0, "seen": [1, 2]}, Integer),
        ({"type": "category", "categories": ["a"], "default": "a", "example": "a"}, Category),
        ({"type": "category", "categories": [3, 1], "example": 1}, Category),
        ({"type": "category", "seen": ["a", "b"], "example": "c"}, Category),
        ({"type": "category", "seen": []}, Category),
        ({"type": "category"}, Category),
        ({"type": "flag", "default": True}, Flag),
        ({"type": "identifier", "max_length": 3, "example": "A-1"}, Identifier),
        ({"type": "instant", "example": "2026-01-31T12:00:00Z", "seen": ["2025-01-01", "2026-01-01"]}, Instant),
    ],
)
def test_fields_that_are_taken(written: dict[str, Any], kind: type) -> None:
    found = field.validate_python(written)
    assert type(found) is kind
    assert field.validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"type": "nmber"}, "does not match any of the expected tags"),
        ({}, "Unable to extract tag"),
        ({"type": "number", "mn": 1}, "Extra inputs"),
        ({"type": "number", "min": "1"}, "it must be a number"),
        ({"type": "number", "min": True}, "it must be a number"),
        ({"type": "number", "min": float("nan")}, "greater than or equal|finite"),
        ({"type": "number", "max": float("inf")}, "less than or equal|finite"),
        ({"type": "number", "max": 1e39}, "less than or equal"),
        ({"type": "number", "min": 2, "max": 1}, "min 2.0 is above max 1.0"),
        ({"type": "number", "seen": [2, 1]}, "not in order"),
        ({"type": "number", "seen": [float("nan"), 1]}, "greater than or equal|finite"),
        ({"type": "number", "min": 0, "default": -1}, "not between"),
        ({"type": "number", "max": 1, "example": 2}, "not between"),
        ({"type": "integer", "min": 1.5}, "valid integer"),
        ({"type": "integer", "max": 2**53}, "less than or equal"),
        ({"type": "integer", "min": 0, "example": -1}, "not between"),
        ({"type": "category", "categories": []}, "at least 1 item"),
        ({"type": "category", "categories": ["a", "a"]}, "listed twice"),
        ({"type": "category", "seen": [1, 1]}, "listed twice"),
        ({"type": "category", "categories": ["a", 1]}, "all texts or all whole numbers"),
        ({"type": "category", "categories": [True, False]}, "all texts or all whole numbers"),
        ({"type": "category", "categories": [1.0, 2.0]}, "all texts or all whole numbers"),
        ({"type": "category", "categories": ["a"], "example": "b"}, "not one of the categories"),
        ({"type": "category", "categories": ["a"], "default": 1}, "not of the type"),
        ({"type": "category", "categories": [1], "default": "1"}, "not of the type"),
        ({"type": "category", "categories": [1], "default": True}, "valid"),
        ({"type": "category", "seen": ["a"], "example": 1}, "not of the type"),
        ({"type": "category", "normalise": True, "categories": ["a", "B"]}, "'B' is not normalised .* write 'b'"),
        ({"type": "category", "normalise": True, "seen": [" a"]}, "' a' is not normalised .* write 'a'"),
        ({"type": "category", "normalise": True, "default": "A"}, "'A' is not normalised"),
        ({"type": "category", "normalise": True, "categories": [1, 2]}, "normalise is for texts"),
        ({"type": "category", "normalise": True, "categories": ["a"], "example": " B "}, "not one of the categories"),
        ({"type": "flag", "default": 1}, "valid boolean"),
        ({"type": "flag", "example": "yes"}, "valid boolean"),
        ({"type": "identifier", "max_length": 2, "example": "A-1"}, "at most 2 characters"),
        ({"type": "identifier", "max_length": 0}, "greater than or equal"),
        ({"type": "identifier", "example": 5}, "valid string"),
        ({"type": "instant", "example": 5}, "a date or a time"),
        ({"type": "instant", "default": "soon"}, "valid datetime"),
        ({"type": "instant", "default": "0001-01-01"}, "cannot be written in every time zone"),
        ({"type": "number", "unit": 5}, "valid string"),
        ({"type": "number", "description": {"fr": "âge"}}, "'es' or 'en'"),
    ],
)
def test_fields_that_are_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        field.validate_python(written)


def test_what_is_not_declared_is_bounded_by_the_limits() -> None:
    assert Number().bounds == (-FLOAT_LIMIT, FLOAT_LIMIT)
    assert Number(min=0).bounds == (0, FLOAT_LIMIT)
    assert Integer(max=5).bounds == (-INTEGER_LIMIT, 5)


def test_the_known_categories_are_the_declared_ones_else_the_learnt() -> None:
    assert Category(categories=("a", "b"), seen=("c",)).known == ("a", "b")
    assert Category(seen=("c",)).known == ("c",)
    assert Category().known == ()


def test_categories_of_integers_are_whole() -> None:
    assert Category(seen=(1, 2)).whole
    assert not Category(seen=("1", "2")).whole
    assert not Category().whole


@pytest.mark.parametrize(
    ("description", "language", "text"),
    [
        (None, "es", None),
        ("age", "es", "age"),
        ({"es": "edad", "en": "age"}, "es", "edad"),
        ({"es": "edad", "en": "age"}, "en", "age"),
        ({"es": "edad"}, "en", "edad"),
        ({}, "en", None),
    ],
)
def test_a_description_is_given_in_the_language_asked_for_else_in_any(
    description: Any, language: str, text: str | None
) -> None:
    assert spoken(description, language) == text


def test_fields_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Number().min = 5


def test_seen_instants_keep_their_offset() -> None:
    found = Instant.model_validate({"seen": ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00+05:00"]})
    assert found.seen
    assert found.seen[0] == datetime(2025, 1, 1, tzinfo=UTC)
