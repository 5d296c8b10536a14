"""The OpenAPI document: FastAPI's for its own routes, and the contract's for the predict routes, which come first."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from vaticina.api.contract_schemas import Schema, answer_schema, row_schema
from vaticina.api.operation import (
    COUNT,
    FLAG,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    component,
    json_response,
    list_of,
    map_of,
    object_schema,
    problem_responses,
    ref,
)
from vaticina.api.response_schemas import SCHEMAS
from vaticina.api.routes.predictions import outside_key
from vaticina.api.routes.register import SCOPE
from vaticina.api.service import Service
from vaticina.contract.contract import Contract
from vaticina.errors import (
    BodyTimeout,
    BodyTooLarge,
    ContractViolation,
    DeadlineExceeded,
    HistoryUnavailable,
    IdempotencyConflict,
    InvalidJSON,
    ModelUnavailable,
    NotLocal,
    NotTrained,
    PredictionFailed,
    QueueFull,
    TooFewPoints,
    VaticinaError,
    WindowNotTrained,
)

TAGS = {
    "predict": "Predictions.",
    "history": "The recorded predictions.",
    "model": "The version that answers.",
    "training": "Trainings over HTTP.",
    "collections": "The data to train on.",
    "project": "What this server is.",
    "health": "The state of the server, for people and for orchestrators.",
}
"""The groups of routes in their order."""

REFUSALS = (
    InvalidJSON,
    BodyTimeout,
    BodyTooLarge,
    ContractViolation,
    QueueFull,
    VaticinaError,
    PredictionFailed,
    ModelUnavailable,
    DeadlineExceeded,
)
"""How any predict route refuses."""

KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key with the same rows is answered as before, and recorded once.",
}

HEADERS = {
    "Vaticina-Prediction": "The prediction's uid in the history; for a list, each row's, or first..last.",
    "Vaticina-Outside": "The inputs that lay outside what training saw, in any of the rows; most often not there.",
    "Vaticina-Version": "The version of the model that answered.",
    "X-Request-Id": "The request's id: yours if you sent one.",
}


def openapi(app: FastAPI, services: Sequence[Service]) -> Schema:
    """The whole document."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    paths, schemas = {}, dict(SCHEMAS)
    for service in services:
        paths[f"{service.prefix}/predict"] = {"post": _predict(service)}
        schemas |= _schemas(service)
    document["paths"] = paths | document["paths"]
    document["components"] = {"schemas": schemas}
    common = [VaticinaError]
    if any(service.project.security.auth != "none" for service in services):
        common.append(NotLocal)
    for operation in _operations(document):
        _add_common(operation, problem_responses(common))
    document["components"] = {"schemas": _referenced(document, schemas)}
    tags = {operation["tags"][0] for operation in _operations(document)}
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in tags]
    return document


def _operations(document: Schema) -> Iterator[Schema]:
    for path in document["paths"].values():
        yield from path.values()


def _add_common(operation: Schema, common: dict[int | str, Schema]) -> None:
    """Adds the refusals that any route has, and takes out our scope and FastAPI's own answer to a wrong parameter."""
    operation.pop(SCOPE, None)
    responses = operation["responses"]
    if "422" in responses and _is_validation_error(responses["422"]):
        del responses["422"]
    for status, response in common.items():
        responses.setdefault(str(status), response)
    operation["responses"] = dict(sorted(responses.items()))


def _is_validation_error(response: Schema) -> bool:
    """Whether this is FastAPI's own answer to a parameter of another type, which this server never gives."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith("/HTTPValidationError")


def _referenced(document: Schema, schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Those of ``schemas`` that the paths refer to, and those that they refer to in turn."""
    names: set[str] = set()
    waiting = list(_references(document["paths"]))
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting.extend(_references(schemas[name]))
    return {name: schema for name, schema in schemas.items() if name in names}


def _references(part: Any) -> Iterator[str]:
    """The names of the schemas that a part of a document refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _predict(service: Service) -> Schema:
    """The predict route of ``service``."""
    contract = service.contract
    headers = {header: {"schema": {"type": "string"}, "description": text} for header, text in HEADERS.items()}
    answer = json_response("One answer, or a list of them in the order of the rows.", _bodies(contract, "Answer"))
    responses: dict[int | str, Schema] = {200: {**answer, "headers": headers}}
    responses |= problem_responses(_refusals(service))
    body = {"schema": _bodies(contract, "Row"), "examples": _examples(contract)}
    operation: Schema = {
        "tags": ["predict"],
        "summary": f"Predict with {contract.name}: one row, or a list of rows.",
        "operationId": f"predict_{contract.name}",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {str(status): response for status, response in responses.items()},
    }
    return {**operation, "parameters": [KEY]} if service.records else operation


def _refusals(service: Service) -> list[type[VaticinaError]]:
    """How the predict route of ``service`` refuses."""
    refusals: list[type[VaticinaError]] = [*REFUSALS]
    if service.records:
        refusals += [IdempotencyConflict, HistoryUnavailable]
    if service.training is not None:
        refusals += [TooFewPoints, WindowNotTrained, NotTrained]
    return refusals


def _bodies(contract: Contract, part: str) -> Schema:
    """A row or an answer, a list of them, or an envelope with such a list."""
    single = ref(component(contract.name, part))
    several = {**list_of(single), "minItems": 1}
    forms = [single, several]
    if contract.envelope is not None:
        key = contract.envelope.request if part == "Row" else contract.envelope.answer
        forms.append({"type": "object", "properties": {key: several}, "required": [key]})
    return {"oneOf": forms}


def _examples(contract: Contract) -> Schema:
    example = contract.example()
    examples = {
        "row": {"summary": "One row", "value": example},
        "rows": {"summary": "A list of rows", "value": [example, example]},
    }
    if contract.envelope is not None:
        examples["envelope"] = {"summary": "Rows in an envelope", "value": {contract.envelope.request: [example]}}
    return examples


def _schemas(service: Service) -> dict[str, Schema]:
    """The schemas of the project's rows, answers and recorded predictions."""
    contract, names = service.contract, service.project.history.names
    recorded = ref(component(contract.name, "Prediction"))
    page = {
        names.get("total", "total"): COUNT,
        names.get("predictions", "predictions"): list_of(recorded),
        names.get("next", "next"): {"type": ["integer", "null"]},
    }
    statistics = {
        names.get("total", "total"): COUNT,
        names.get("by_label", "by_label"): map_of(COUNT),
        names.get("last", "last"): list_of(recorded),
        names.get("last_time", "last_time"): MOMENT_OR_NULL,
    }
    outside = outside_key(names)
    if outside is not None:
        statistics[outside] = map_of(COUNT)
    detail = {"uid": TEXT, "version": TEXT, "request_id": TEXT_OR_NULL, "outside_range": FLAG}
    schemas = {
        "Row": row_schema(contract),
        "Answer": answer_schema(contract),
        "Prediction": _recorded(contract),
        "Predictions": object_schema("The recorded predictions, newest first.", page),
        "Statistics": object_schema("How many predictions there are.", statistics),
        "PredictionDetail": {"allOf": [recorded, object_schema("What the history also holds of it.", detail)]},
    }
    return {component(contract.name, part): schema for part, schema in schemas.items()}


def _recorded(contract: Contract) -> Schema:
    """A recorded prediction. Only ``id`` and the row are certain: an earlier version may have answered other fields."""
    answer = answer_schema(contract)["properties"]
    row = next((name for name, output in contract.outputs.items() if output.quantity == "input"), "input")
    fields: dict[str, Schema] = {name: {} for name in answer if name != row}
    if not any(output.quantity == "time" for output in contract.outputs.values()):
        fields["time"] = MOMENT
    certain: dict[str, Schema] = {
        "id": {"type": "integer"},
        row: {"type": "object", "description": "The row as the model saw it.", "example": contract.example()},
    }
    return object_schema(
        "A recorded prediction: the row, and what the version of that moment answered.", certain, fields
    )
