"""Contracts that several tests share."""

from typing import Any

from vaticina.contract import Contract, Validator
from vaticina.errors import ContractViolation


def contract(inputs: dict[str, Any], **more: Any) -> Contract:
    """A contract of these inputs, written as in project.toml."""
    return Contract.model_validate({"name": "sample", "inputs": inputs, **more})


def violations(validator: Validator, body: bytes) -> list[dict[str, object]]:
    """What is wrong with ``body``; empty when nothing is."""
    try:
        validator.parse(body)
    except ContractViolation as error:
        return [dict(violation) for violation in error.violations]
    return []


def codes(validator: Validator, body: bytes) -> list[tuple[object, object, object]]:
    """Row, field and code of everything that is wrong with ``body``."""
    return [(item.get("row"), item.get("field"), item["code"]) for item in violations(validator, body)]


def brief(value: object) -> str:
    """A short name for a parameter that may be long."""
    return repr(value)[:40]


MEDICO = contract(
    {
        "edad": {"type": "number", "min": 0, "max": 150, "unit": "years", "example": 45.0},
        "fiebre": {"type": "number", "min": 35, "max": 45, "unit": "°C", "example": 39.5},
        "dolor": {"type": "number", "min": 0, "max": 10, "example": 8.0},
    },
    outputs={
        "prediccion": "label",
        "probabilidad": "probability",
        "timestamp": {"from": "time", "offset": False},
        "entrada": "input",
    },
    classes=["NO ENFERMO", "ENFERMEDAD LEVE", "ENFERMEDAD AGUDA"],
)

EVERYTHING = contract(
    {
        "number": {"type": "number", "min": -1, "max": 10},
        "free": {"type": "number", "seen": [0, 1]},
        "integer": {"type": "integer", "min": 0, "max": 10},
        "category": {"type": "category", "categories": ["red", "green"]},
        "code": {"type": "category", "categories": [1, 2, 3]},
        "city": {"type": "category", "seen": ["Lima", "Cusco"]},
        "zip": {"type": "category", "seen": [15001, 8000]},
        "flag": {"type": "flag"},
        "id": {"type": "identifier", "max_length": 5},
        "at": {"type": "instant"},
    },
    timezone="America/Lima",
)

EVERYTHING_ROW: dict[str, Any] = {
    "number": 1.5,
    "free": 0.5,
    "integer": 3,
    "category": "red",
    "code": 2,
    "city": "Lima",
    "zip": 15001,
    "flag": True,
    "id": "A-1",
    "at": "2026-01-31T12:00:00Z",
}
