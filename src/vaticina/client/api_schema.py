"""What a server takes and answers, read from its contract or from its OpenAPI document."""

from collections.abc import Mapping, Sequence
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
    for quantity in COMPARED:
        if quantity in names:
            return ServerSchema(contract.inputs, target, names[quantity], quantity == "value", contract.classes)
    return ServerSchema(contract.inputs, target, classes=contract.classes)


def from_openapi(document: Any, path: str) -> ServerSchema | None:
    """The schema of ``POST path`` in an OpenAPI document; None when the document describes no JSON object there."""
    try:
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        row = _resolved(document, body)
        required = row.get("required", [])
        inputs = {}
        for name, schema in row["properties"].items():
            inputs[name] = _input(_resolved(document, schema), name in required)
    except (KeyError, TypeError, AttributeError, ValidationError):
        return None
    return ServerSchema(inputs)


def _resolved(document: Any, schema: Any) -> Any:
    """``schema`` with its references followed; of alternatives, the first that is not null."""
    while True:
        if "$ref" in schema:
            reference = schema["$ref"].removeprefix("#/")
            schema = document
            for part in reference.split("/"):
                schema = schema[part]
            continue
        alternative = _first_value([*schema.get("oneOf", ()), *schema.get("anyOf", ())])
        if alternative is None:
            return schema
        schema = alternative


def _first_value(alternatives: Sequence[Any]) -> Any:
    """The first of the schemas that describes a value rather than null; None if there is none."""
    for alternative in alternatives:
        if alternative.get("type") != "null":
            return alternative
    return None


def _input(schema: Any, required: bool) -> AnyInput:
    name = TYPES.get(_json_type(schema), "category")
    if schema.get("format") == "date-time":
        name = "instant"
    return INPUT.validate_python({"type": name, "optional": not required})


def _json_type(schema: Any) -> str:
    """The type that a JSON Schema names; of several, the first that is not null."""
    names = schema.get("type", "string")
    if not isinstance(names, list):
        return str(names)
    for name in names:
        if name != "null":
            return str(name)
    return "string"
