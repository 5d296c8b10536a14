"""A service: one project as the API sees it."""

from dataclasses import dataclass

from vaticina.api.training import Training
from vaticina.contract import Contract, Project
from vaticina.history import History
from vaticina.serving.engine import Engine
from vaticina.serving.follower import Follower


@dataclass(slots=True)
class Service:
    """Everything that answers for one project; ``archive`` is its history, to read."""

    project: Project
    engine: Engine
    follower: Follower
    archive: History
    prefix: str = ""
    training: Training | None = None
    """Only for a project that trains over HTTP."""

    @property
    def contract(self) -> Contract:
        """The contract of the version that answers; before there is one, the project's own."""
        slot = self.engine.slot
        return slot.current.contract if slot.version else self.project.draft()

    @property
    def records(self) -> bool:
        """Whether answering needs the history's database."""
        return self.project.history.durability in ("commit", "sync")
