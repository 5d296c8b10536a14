"""What the OpenAPI document says of a route: its summary, the schema of its answer, its refusals."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vaticina.api.contract_schemas import Schema
from vaticina.errors import NotFound, VaticinaError

PROBLEM_JSON = "application/problem+json"

Refusals = tuple[type[VaticinaError], ...]


class Operation(NamedTuple):
    """A route in the document: a sentence that says what it does, the schema of its answer, and how it refuses.

    ``others`` are more answers by status: a description and a schema. ``not_found`` says what is not there when the
    route answers 404.
    """

    summary: str
    answer: Schema
    refusals: Refusals = ()
    others: Mapping[int, tuple[str, Schema]] = {}
    not_found: str | None = None

    @property
    def responses(self) -> dict[int | str, Schema]:
        """The responses as OpenAPI has them, by status."""
        responses: dict[int | str, Schema] = {200: json_response("The answer.", self.answer)}
        for status, (description, schema) in self.others.items():
            responses[status] = json_response(description, schema)
        if self.not_found is not None:
            responses[NotFound.status] = problem_response(f"`{NotFound.code}`: {self.not_found}")
        return responses | problem_responses(self.refusals)


def json_response(description: str, schema: Schema) -> Schema:
    """An answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def problem_responses(errors: Sequence[type[VaticinaError]]) -> dict[int | str, Schema]:
    """The problem documents of ``errors`` by status; those of one status are described together, each by its code."""
    descriptions: dict[int | str, list[str]] = {}
    for error in errors:
        descriptions.setdefault(error.status, []).append(f"`{error.code}`: {error.__doc__}")
    return {status: problem_response("\n\n".join(lines)) for status, lines in descriptions.items()}


def problem_response(description: str) -> Schema:
    """A problem document."""
    return {"description": description, "content": {PROBLEM_JSON: {"schema": ref("Problem")}}}


def ref(name: str) -> Schema:
    """A reference to the schema ``name``."""
    return {"$ref": f"#/components/schemas/{name}"}


def component(name: str, part: str) -> str:
    """What the schema of a ``part`` of the project ``name`` is called. Projects a-b and a_b keep their own."""
    return f"{name[0].upper()}{name[1:]}{part}"


def object_schema(
    description: str, required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
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
