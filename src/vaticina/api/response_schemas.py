"""The schemas of the answers that depend on no contract, by their names in the OpenAPI document."""

from vaticina.api.contract_schemas import Schema
from vaticina.api.operation import (
    ANYTHING,
    CONNECTED,
    COUNT,
    FLAG,
    MOMENT,
    MOMENT_OR_NULL,
    STATE,
    TEXT,
    TEXT_OR_NULL,
    list_of,
    map_of,
    object_schema,
    one_of,
    ref,
)

MODEL = {
    "project": TEXT,
    "version": TEXT,
    "created": MOMENT,
    "runtime": TEXT,
    "metrics": ANYTHING,
    "training": ANYTHING,
    "data": ANYTHING,
    "python": TEXT,
    "libraries": map_of(TEXT),
    "git_commit": TEXT_OR_NULL,
    "contract": ANYTHING,
    "contract_hash": TEXT,
}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "A refusal, after RFC 9457.",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "instance": TEXT,
            "code": TEXT,
            "request_id": TEXT,
            "row": {"type": "integer"},
            "errors": {
                "type": "array",
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "properties": {
                        "row": {"type": "integer"},
                        "field": TEXT,
                        "code": TEXT,
                        "value": {},
                        "min": {},
                        "max": {},
                        "allowed": {"type": "array"},
                        "message": TEXT,
                    },
                },
            },
        },
    },
    "Health": object_schema(
        "The state of a project.",
        {"status": STATE, "database": CONNECTED, "model_loaded": FLAG, "version": TEXT_OR_NULL},
        {"problem": {**TEXT, "description": "The code of what keeps a newer version from being loaded."}},
    ),
    "ServerHealth": object_schema("The state of all projects.", {"status": STATE, "projects": map_of(ref("Health"))}),
    "Live": object_schema("The process runs.", {"status": one_of("live")}),
    "Ready": object_schema(
        "Whether a prediction would succeed.",
        {"status": one_of("ready", "not ready")},
        {"projects": {**list_of(TEXT), "description": "The projects that would not predict."}},
    ),
    "Model": object_schema("The version that answers.", MODEL),
    "WindowModel": object_schema(
        "The model of a project that trains over HTTP. Without a model, only these fields are there.",
        {"is_trained": FLAG, "metrics": ANYTHING, "parameters": ANYTHING, "database": CONNECTED},
        {**MODEL, "windows": map_of(ANYTHING)},
    ),
    "Server": object_schema("The projects that are served.", {"projects": map_of(TEXT), "docs": TEXT}),
    "Project": object_schema("The project.", {"project": TEXT, "title": {}, "predict": TEXT, "docs": TEXT}),
    "Trained": object_schema(
        "What came of a training.",
        {
            "status": one_of("success"),
            "message": TEXT,
            "parameter": TEXT,
            "metrics": ANYTHING,
            "data_points": COUNT,
            "documents": COUNT,
            "skipped": map_of(COUNT),
            "version": TEXT,
            "promoted": FLAG,
            "notes": list_of(TEXT),
        },
        {"refusal": {**TEXT, "description": "Why the version is not in production."}},
    ),
    "Untrained": object_schema(
        "Why a field has no model.", {"status": one_of("no_data", "error"), "code": TEXT, "error": TEXT}
    ),
    "AllTrained": object_schema(
        "What came of the trainings, by field.",
        {
            "status": one_of("completed"),
            "collection": TEXT,
            "results": map_of({"oneOf": [ref("Trained"), ref("Untrained")]}),
        },
    ),
    "Reset": object_schema("No version is in production any more.", {"status": one_of("success"), "message": TEXT}),
    "Job": object_schema(
        "A training: what was asked for, how far it is, and what came of it.",
        {
            "id": TEXT,
            "kind": TEXT,
            "request": ANYTHING,
            "status": one_of("queued", "running", "succeeded", "failed"),
            "step": TEXT_OR_NULL,
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "created": MOMENT,
            "started": MOMENT_OR_NULL,
            "finished": MOMENT_OR_NULL,
            "result": {"type": ["object", "null"]},
            "error": {"type": ["object", "null"]},
        },
    ),
    "Jobs": object_schema("The last trainings.", {"jobs": list_of(ref("Job")), "count": COUNT}),
    "Collections": object_schema(
        "The collections.", {"status": one_of("success"), "collections": list_of(TEXT), "count": COUNT}
    ),
    "Collection": object_schema(
        "A collection.",
        {
            "status": one_of("success"),
            "info": object_schema(
                "What is in it.",
                {
                    "collection_name": TEXT,
                    "document_count": COUNT,
                    "sample_document": {"type": ["object", "null"]},
                    "date_range": {
                        "type": ["object", "null"],
                        "properties": {"start": TEXT_OR_NULL, "end": TEXT_OR_NULL},
                    },
                },
            ),
        },
    ),
    "Sample": object_schema(
        "The newest documents of a collection.",
        {
            "status": one_of("success"),
            "collection": TEXT,
            "sample_size": COUNT,
            "data": map_of(list_of(ANYTHING)),
            "total_records": map_of(COUNT),
            "documents": list_of(ANYTHING),
        },
    ),
    "Database": object_schema(
        "Whether the database of the collections answers.",
        {"status": one_of("connected", "error")},
        {
            "error": TEXT,
            "database": TEXT,
            "server_version": TEXT,
            "collections": list_of(TEXT),
            "collection_count": COUNT,
        },
    ),
}
