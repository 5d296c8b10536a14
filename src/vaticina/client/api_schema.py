"""What a server takes and answers, read from its contract or from its OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vaticina.contract.contract import Contract
from vaticina.contract.fields import AnyInput, Scalar

INPUT: TypeAdapter[AnyInput] = TypeAdapter(AnyInput)

TYPES = {"number": "number", "integer": "integer", "boolean": "flag", "string": "category"}
"""Types of JSON Schema, and the types of inputs that correspond to them."""


COMPARED = ("label", "value", "anomaly")
"""Quantities of an answer that true labels are compared with, the preferred first."""


@dataclass(frozen=True, slots=True)
class ServerSchema:
    """What a server takes, and how its answers are compared with true labels."""

    inputs: Mapping[str, AnyInput]
    target: str | None = None
    """The column that the model was trained to predict, if the server says so."""
    answer: str | None = None
    """The field of an answer that is compared with the target; None: its first field."""
    is_number: bool = False
    """Whether that field is a number rather than a class."""
    classes: tuple[Scalar, ...] = ()
    """The labels that there are, if the server says so."""


def from_info(info: Any) -> ServerSchema | None:
    """The schema in an answer of ``/model/info`` of a Vaticina server; None for anything else."""
    try:
        contract = Contract.model_validate(info["contract"])
        target = info.get("data", {}).get("target")
    except (ValidationError, KeyError, TypeError, AttributeError):
        return None
    names = {output.quantity: name for name, output in contract.outputs.items()}
    compared = [quantity for quantity in COMPARED if quantity in names]
    answer = names[compared[0]] if compared else None
    return ServerSchema(contract.inputs, target, answer, compared[:1] == ["value"], contract.classes)


def from_openapi(document: Any, path: str) -> ServerSchema | None:
    """The schema of ``POST path`` in an OpenAPI document; None when the document describes no JSON object there."""
    try:
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        row = _resolved(document, body)
        required = row.get("required", [])
        fields = {
            name: _input(_resolved(document, schema), name in required) for name, schema in row["properties"].items()
        }
    except (KeyError, TypeError, AttributeError, ValidationError):
        return None
    return ServerSchema(fields)


def _resolved(document: Any, schema: Any) -> Any:
    """``schema`` with its references followed; of alternatives, the first that is not null."""
    while True:
        if "$ref" in schema:
            reference = schema["$ref"].removeprefix("#/")
            schema = document
            for part in reference.split("/"):
                schema = schema[part]
            continue
        alternatives = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        values = [alternative for alternative in alternatives if alternative.get("type") != "null"]
        if not values:
            return schema
        schema = values[0]


def _input(schema: Any, required: bool) -> AnyInput:
    name = TYPES.get(_json_type(schema), "category")
    if schema.get("format") == "date-time":
        name = "instant"
    return INPUT.validate_python({"type": name, "optional": not required})


def _json_type(schema: Any) -> str:
    """The type that a JSON Schema names; of several, the first that is not null."""
    stated = schema.get("type", "string")
    names = stated if isinstance(stated, list) else [stated]
    return next((name for name in names if name != "null"), "string")
