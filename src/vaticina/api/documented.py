"""What the OpenAPI document says of a route: its summary, the schema of its answer, its refusals."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vaticina.api.schemas import Schema
from vaticina.errors import NotFound, VaticinaError

PROBLEM_JSON = "application/problem+json"

Refusals = tuple[type[VaticinaError], ...]


class Documented(NamedTuple):
    """A route in the document: a sentence that says what it does, the schema of its answer, and how it refuses.

    ``also`` are more answers by status: a description and a schema. ``absent`` says what is not there when it answers
    404.
    """

    summary: str
    answer: Schema
    refusals: Refusals = ()
    also: Mapping[int, tuple[str, Schema]] = {}
    absent: str | None = None

    @property
    def responses(self) -> dict[int | str, Schema]:
        """The responses as OpenAPI has them, by status."""
        responses: dict[int | str, Schema] = {200: response("The answer.", self.answer)}
        for status, (description, schema) in self.also.items():
            responses[status] = response(description, schema)
        if self.absent is not None:
            responses[NotFound.status] = refusal(f"`{NotFound.code}`: {self.absent}")
        return responses | refused(self.refusals)


def response(description: str, schema: Schema) -> Schema:
    """An answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def refused(errors: Sequence[type[VaticinaError]]) -> dict[int | str, Schema]:
    """The problem documents of ``errors``; those of one status are described together, each with its code."""
    descriptions: dict[int | str, list[str]] = {}
    for error in errors:
        descriptions.setdefault(error.status, []).append(f"`{error.code}`: {error.__doc__}")
    return {status: refusal("\n\n".join(lines)) for status, lines in descriptions.items()}


def refusal(description: str) -> Schema:
    """A problem document."""
    return {"description": description, "content": {PROBLEM_JSON: {"schema": ref("Problem")}}}


def ref(name: str) -> Schema:
    """A reference to the schema ``name``."""
    return {"$ref": f"#/components/schemas/{name}"}


def component(name: str, part: str) -> str:
    """What the schema of a ``part`` of the project ``name`` is called. Projects a-b and a_b keep their own."""
    return f"{name[0].upper()}{name[1:]}{part}"


def record(description: str, required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of an object."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "description": description, "properties": properties, "required": list(required)}


def list_of(schema: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": schema}


def map_of(schema: Schema) -> Schema:
    """The schema of an object whose names are data."""
    return {"type": "object", "additionalProperties": schema}


TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object"}
CONNECTED: Schema = {"type": "string", "enum": ["connected", "disconnected"]}
STATE: Schema = {"type": "string", "enum": ["healthy", "degraded", "unhealthy"]}


def one_of(*values: str) -> Schema:
    """The schema of a text that is one of ``values``."""
    return {"type": "string", "enum": list(values)}
