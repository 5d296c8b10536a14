"""What a server wants and gives, as it says itself: by its contract, else by its OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vaticina.contract.contract import Contract
from vaticina.contract.fields import AnyInput, Scalar

INPUT: TypeAdapter[AnyInput] = TypeAdapter(AnyInput)

TYPES = {"number": "number", "integer": "integer", "boolean": "flag", "string": "category"}
"""Types of JSON Schema, and the inputs that stand for them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The inputs; the column that was trained for, if it is told; the field of the answer to compare with it.

    With no ``answer`` told, an answer's first field is compared. ``is_number``: it is a quantity, not a class.
    """

    inputs: Mapping[str, AnyInput]
    target: str | None = None
    answer: str | None = None
    is_number: bool = False
    classes: tuple[Scalar, ...] = ()
    """What the label may be, if it is told."""


def from_info(info: Any) -> Wanted | None:
    """What ``/model/info`` of a Vaticina tells; None for anything else."""
    try:
        contract = Contract.model_validate(info["contract"])
        target = info.get("data", {}).get("target")
    except (ValidationError, KeyError, TypeError, AttributeError):
        return None
    compared = {output.quantity: name for name, output in contract.outputs.items()}
    answer = next((compared[quantity] for quantity in ("label", "value", "anomaly") if quantity in compared), None)
    is_number = "label" not in compared and "value" in compared
    return Wanted(contract.inputs, target, answer, is_number, contract.classes)


def from_openapi(document: Any, path: str) -> Wanted | None:
    """What an OpenAPI document says of ``POST path``; None when it says nothing of a JSON object there."""
    try:
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        row = _resolved(document, body)
        required = row.get("required", [])
        fields = {
            name: _input(_resolved(document, schema), name in required) for name, schema in row["properties"].items()
        }
    except (KeyError, TypeError, AttributeError, ValidationError):
        return None
    return Wanted(fields)


def _resolved(document: Any, schema: Any) -> Any:
    """``schema`` behind its references; of several, the first that is not null."""
    while True:
        if "$ref" in schema:
            found = document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
            continue
        several = [item for key in ("oneOf", "anyOf") for item in schema.get(key, ()) if item.get("type") != "null"]
        if not several:
            return schema
        schema = several[0]


def _input(schema: Any, required: bool) -> AnyInput:
    kinds = schema.get("type", "string")
    kind = next((kind for kind in kinds if kind != "null"), "string") if isinstance(kinds, list) else kinds
    name = "instant" if schema.get("format") == "date-time" else TYPES.get(kind, "category")
    return INPUT.validate_python({"type": name, "optional": not required})
