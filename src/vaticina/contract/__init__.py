"""The contract, and the values every layer above shares."""

from vaticina.contract.answers import Answered, Answers, Shaped
from vaticina.contract.bundle import Bundle, Manifest
from vaticina.contract.contract import Column, Contract, Model
from vaticina.contract.encoder import Encoder, Matrix
from vaticina.contract.model_outputs import Outputs, Runtime
from vaticina.contract.project import Project, find_project, load_project
from vaticina.contract.readings import Readings, readings
from vaticina.contract.record import Record
from vaticina.contract.seen_range import SeenRange
from vaticina.contract.validator import Parsed, Validator

__all__ = [
    "Answered",
    "Answers",
    "Bundle",
    "Column",
    "Contract",
    "Encoder",
    "Manifest",
    "Matrix",
    "Model",
    "Outputs",
    "Parsed",
    "Project",
    "Readings",
    "Record",
    "Runtime",
    "SeenRange",
    "Shaped",
    "Validator",
    "find_project",
    "load_project",
    "readings",
]
