"""What an import's two processes tell each other: JSON of known types over a pipe, never a pickle."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, TypeAdapter

from vaticina.contract.fields import AnyInput
from vaticina.foreign.environment import Environment
from vaticina.usecases.import_request import ImportRequest


class Message(BaseModel):
    """A message."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def written(self) -> bytes:
        """Its bytes."""
        return self.model_dump_json(by_alias=True).encode()


class Limits(Message):
    """What the child process may use: bytes of ``address_space`` and of one file, and ``seconds`` of the processor."""

    address_space: int
    file_size: int
    seconds: int


class ImportTask(Message):
    """The first message to the child: the ``request`` and the ``project`` as JSON, and the ``folder`` for the result.

    ``format`` is the files' format by its name. ``asks_inputs`` says whether the parent completes a draft's inputs.
    """

    request: dict[str, Any]
    project: dict[str, Any] | None
    format: str
    folder: Path
    asks_inputs: bool
    limits: Limits


class Step(Message):
    """The child is at a step; ``share`` of the work is done, from 0 to 1."""

    kind: Literal["step"] = "step"
    step: str
    share: float


class AskInputs(Message):
    """The child asks for what no file tells of these inputs. It is answered by the inputs."""

    kind: Literal["inputs"] = "inputs"
    inputs: dict[str, AnyInput]


class AskEnvironment(Message):
    """The child asks for an environment with exact versions. It is answered by the environment."""

    kind: Literal["environment"] = "environment"
    pythons: tuple[str, ...]
    pins: tuple[str, ...]


class Failed(Message):
    """The import failed; ``error`` is what ``error_document`` writes."""

    kind: Literal["failed"] = "failed"
    error: dict[str, Any]


class Done(Message):
    """The result stands in the folder."""

    kind: Literal["done"] = "done"


FromChild = Annotated[Step | AskInputs | AskEnvironment | Failed | Done, Discriminator("kind")]

FROM_CHILD: TypeAdapter[Step | AskInputs | AskEnvironment | Failed | Done] = TypeAdapter(FromChild)
ENVIRONMENT = TypeAdapter(Environment)
REQUEST = TypeAdapter(ImportRequest)

NOT_WRITTEN: dict[str, Any] = {"complete_inputs": True, "isolation": {"make_environment"}}
"""Fields of a request that are functions of the parent."""


def written_request(request: ImportRequest) -> dict[str, Any]:
    """``request`` as JSON, without what the child asks the parent for."""
    fields: dict[str, Any] = REQUEST.dump_python(request, mode="json", exclude=NOT_WRITTEN)
    return fields
