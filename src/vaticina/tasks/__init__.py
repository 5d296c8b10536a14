"""The tasks: what kind of question a model answers, and how a model for it is fitted, compiled and asked.

This file and each task's own ``__init__`` are light: a server imports them. What trains is imported when it is asked
for.
"""

from typing import TYPE_CHECKING

from vaticina.contract import Contract, Matrix
from vaticina.contract.kinds import TaskName
from vaticina.tasks.clusters import ClustersTask
from vaticina.tasks.served_model import ServedModel
from vaticina.tasks.table import TableTask
from vaticina.tasks.task import Task
from vaticina.tasks.window import WindowTask

if TYPE_CHECKING:
    from vaticina.tasks.compilation import Predict
    from vaticina.tasks.row_space import Constants

TASKS: dict[TaskName, Task] = {"table": TableTask(), "clusters": ClustersTask(), "window": WindowTask()}
"""Every task by its name; ``contract.kinds`` says which one each ``[model] kind`` means."""


def task_of(contract: Contract) -> Task:
    """The task that models of ``contract`` answer."""
    return TASKS[contract.kind.task]


def served_form(
    model: object,
    contract: Contract,
    rows: Matrix,
    ask_original: "Predict | None" = None,
    *,
    is_rebuilt: bool = False,
    constants: "Constants | None" = None,
) -> ServedModel:
    """The form in which ``model`` is served under ``contract``, as ``tasks.compilation`` says."""
    from vaticina.tasks import compilation

    return compilation.served_form(
        task_of(contract), model, contract, rows, ask_original, is_rebuilt=is_rebuilt, constants=constants
    )
