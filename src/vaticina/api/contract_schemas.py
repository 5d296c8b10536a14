"""The JSON Schemas of a contract's rows and answers."""

from typing import Any

from vaticina.contract.answers import STEP
from vaticina.contract.contract import Contract, Output, example_of
from vaticina.contract.fields import AnyInput, Category, Identifier, Instant, Integer, Number, Series, spoken

Schema = dict[str, Any]
"""A JSON Schema, or another part of an OpenAPI document."""


def row_schema(contract: Contract) -> Schema:
    """The JSON Schema of a row: types, units, ranges, categories, a working example."""
    required = [name for name, field in contract.inputs.items() if not field.optional and field.default is None]
    return {
        "type": "object",
        "properties": {name: _input_schema(field) for name, field in contract.inputs.items()},
        "required": required,
        "additionalProperties": contract.unknown != "refuse",
        "example": contract.example(),
    }


def answer_schema(contract: Contract) -> Schema:
    """The JSON Schema of an answer."""
    properties = {name: _output_schema(contract, output) for name, output in contract.outputs.items()}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _input_schema(field: AnyInput) -> Schema:
    schema: Schema = _type_of(field)
    notes = [_sentence(spoken(field.description, "en") or "")]
    unit = spoken(field.unit, "en")
    if unit:
        schema["x-unit"] = unit
        notes.append(f"Unit: {unit}.")
    seen = getattr(field, "seen", None)
    if seen is not None and not isinstance(field, Category):
        notes.append(f"Seen in training: {seen[0]} to {seen[1]}.")
    schema["description"] = " ".join(note for note in notes if note)
    schema["example"] = example_of(field)
    if field.default is not None:
        schema["default"] = field.default.isoformat() if isinstance(field, Instant) else field.default
    if field.optional:
        kinds = schema["type"]
        if not isinstance(kinds, list):
            kinds = [kinds]
        schema["type"] = [*kinds, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return {key: value for key, value in schema.items() if value not in ("", None)}


def _sentence(text: str) -> str:
    """``text`` with a full stop, so that more sentences can follow."""
    return f"{text}." if text and text[-1] not in ".!?" else text


def _type_of(field: AnyInput) -> Schema:
    if isinstance(field, Number) and field.flags:
        return {"type": ["number", "boolean"], "minimum": field.min, "maximum": field.max}
    if isinstance(field, Number | Integer):
        return {"type": field.type, "minimum": field.min, "maximum": field.max}
    if isinstance(field, Category):
        kind = "integer" if field.whole else "string"
        return {"type": kind, "enum": list(field.categories)} if field.categories is not None else {"type": kind}
    if isinstance(field, Identifier):
        return {"type": "string", "maxLength": field.max_length}
    if isinstance(field, Series):
        return {"type": "array", "items": POINT, "minItems": 1, "maxItems": field.max_points}
    return {"type": "boolean"} if field.type == "flag" else {"type": "string", "format": "date-time"}


SHARES = frozenset({"probability", "positive_probability", "confidence"})
"""Quantities from 0 to 1."""

FORECAST_STEP: Schema = {
    "type": "object",
    "properties": {key: {"type": "number"} for key in STEP},
    "required": list(STEP),
}

POINT: Schema = {
    "type": "object",
    "properties": {
        "timestamp": {"type": "string", "format": "date-time"},
        "value": {"type": "number"},
        "additional_features": {"type": ["object", "null"]},
    },
    "required": ["timestamp", "value"],
}


def _output_schema(contract: Contract, output: Output) -> Schema:
    if output.quantity == "label":
        return {"enum": list(contract.classes)} if contract.classes else {}
    if output.quantity == "input":
        return row_schema(contract)
    if output.quantity == "probabilities":
        return {"type": "object", "additionalProperties": {"type": "number"}}
    if output.quantity in ("cluster", "anomaly"):
        return {"type": "integer", "minimum": 0}
    if output.quantity == "interval":
        return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    if output.quantity == "forecast":
        return {"type": "array", "items": FORECAST_STEP}
    if output.quantity == "outside":
        return {"type": "array", "items": {"type": "string"}}
    if output.quantity == "metrics":
        return {"type": "object"}
    if output.quantity in ("time", "version", "id"):
        return {"type": "string"}
    if output.quantity == "identifier":
        return {"type": ["string", "null"]}
    bounds = {"minimum": 0, "maximum": 1} if output.quantity in SHARES else {}
    return {"type": "number", **bounds}
