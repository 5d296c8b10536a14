"""The predict routes' part of the OpenAPI document, made from the contract."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from vaticina.api.routes.register import SCOPE
from vaticina.api.service import Service
from vaticina.contract.answers import STEP
from vaticina.contract.contract import Contract, Output, example_of
from vaticina.contract.fields import AnyInput, Category, Identifier, Instant, Integer, Number, Series, spoken

Schema = dict[str, Any]

REFUSALS = {
    "400": "The body is empty or is not one JSON document in UTF-8",
    "408": "The body did not come whole in time",
    "409": "The `Idempotency-Key` was sent before, with other rows",
    "413": "The body is larger than this server takes",
    "422": "A row does not satisfy the contract; `errors` names row, field, value and allowed range",
    "429": "Too much is waiting; `Retry-After` says when to come back",
    "503": "No model is loaded, or the prediction could not be recorded",
    "504": "The prediction was not ready within the deadline",
}


def openapi(app: FastAPI, services: Sequence[Service]) -> Schema:
    """The whole document: FastAPI's for its own routes, the contract's for the predict routes."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop(SCOPE, None)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for service in services:
        contract = service.engine.slot.current.contract if service.engine.slot.version else service.project.draft()
        name = contract.name[0].upper() + contract.name[1:]  # as it is: a-b and a_b are two projects
        schemas[f"{name}Row"] = row_schema(contract)
        schemas[f"{name}Answer"] = answer_schema(contract)
        operation = _operation(contract, name)
        if service.records:
            operation |= {"parameters": [KEY]}
        document["paths"][f"{service.prefix}/predict"] = {"post": operation}
    return document


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


def _operation(contract: Contract, name: str) -> Schema:
    row, answer = ({"$ref": f"#/components/schemas/{name}{part}"} for part in ("Row", "Answer"))
    example = contract.example()
    examples = {
        "row": {"summary": "One row", "value": example},
        "rows": {"summary": "A list of rows", "value": [example, example]},
    }
    body: Schema = {"schema": {"oneOf": [row, _list_of(row)]}, "examples": examples}
    answers = {"oneOf": [answer, _list_of(answer)]}
    if contract.envelope is not None:
        body["schema"]["oneOf"].append(_enveloped(contract.envelope.request, row))
        examples["envelope"] = {"summary": "Rows in an envelope", "value": {contract.envelope.request: [example]}}
        answers["oneOf"].append(_enveloped(contract.envelope.answer, answer))
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {header: {"schema": {"type": "string"}, "description": text} for header, text in HEADERS.items()}
    answered = {"description": "One answer, or a list of them in the order of the rows", "headers": headers}
    answered["content"] = {"application/json": {"schema": answers}}
    return {
        "tags": ["predict"],
        "summary": f"Predict with {contract.name}",
        "operationId": f"predict_{contract.name}",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": answered,
            **{status: {"description": text, "content": problem} for status, text in REFUSALS.items()},
        },
    }


KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key with the same rows is answered as before, and recorded once",
}

HEADERS = {
    "Vaticina-Prediction": "The prediction's uid in the history; for a list, each row's, or first..last",
    "Vaticina-Version": "The version of the model that answered",
    "X-Request-Id": "The request's id: yours if you sent one",
}

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "properties": {
                    "row": {"type": "integer"},
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "value": {},
                    "min": {},
                    "max": {},
                    "allowed": {"type": "array"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema, "minItems": 1}


def _enveloped(key: str, schema: Schema) -> Schema:
    return {"type": "object", "properties": {key: _list_of(schema)}, "required": [key]}


def _input_schema(field: AnyInput) -> Schema:
    schema: Schema = _type_of(field)
    notes = [spoken(field.description, "en") or ""]
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
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return {key: value for key, value in schema.items() if value not in ("", None)}


def _type_of(field: AnyInput) -> Schema:
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
    if output.quantity == "metrics":
        return {"type": "object"}
    if output.quantity in ("time", "version", "id"):
        return {"type": "string"}
    if output.quantity == "identifier":
        return {"type": ["string", "null"]}
    bounds = {"minimum": 0, "maximum": 1} if output.quantity in SHARES else {}
    return {"type": "number", **bounds}
