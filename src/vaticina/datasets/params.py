"""Hyper-parameters, from the project's ``params.yaml`` or written in ``[model]``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from vaticina.contract import Project
from vaticina.errors import ProjectError

SECTIONS = {"train", "model", "raw"}


@dataclass(frozen=True, slots=True)
class Params:
    """``model`` goes to the estimator; ``test_size`` is a share of the rows, ``seed`` makes a run repeatable."""

    model: Mapping[str, Any]
    test_size: float
    seed: int


def read_params(project: Project) -> Params:
    """The parameters of ``project``. Raises ProjectError when the file cannot be read or has another shape."""
    params = project.model.params
    if not isinstance(params, str):
        return Params(params, project.data.test_size, 0)
    file = _read(project, params)
    train = file.get("train") or {}
    return Params(file.get("model") or {}, train.get("test_size", project.data.test_size), train.get("random_state", 0))


def _read(project: Project, name: str) -> Mapping[str, Any]:
    path = project.folder / name
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise ProjectError(f"{path} does not exist; [model] params names it.") from None
    except yaml.YAMLError as error:
        raise ProjectError(f"{path} is not valid YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(content, Mapping) or not set(content) <= SECTIONS:
        raise ProjectError(f"{path} must hold the sections {', '.join(sorted(SECTIONS))}, and no others.")
    return content
