"""Compiling a model for serving: to a graph that is proved to answer the same; else the model itself is served."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Contract, Matrix, Outputs, Runtime
from vaticina.exact.arrays import Columns
from vaticina.exact.compile import Compiled
from vaticina.exact.graph import NotCompilable
from vaticina.exact.verify import Ask, compare, first_difference
from vaticina.tasks.described_row import describe_answer, describe_row
from vaticina.tasks.expected_answers import ExpectedAnswers, ask_at_once, ask_by_kind
from vaticina.tasks.graph_runtime import GRAPH_FILE, GraphRuntime
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.row_space import Constants
from vaticina.tasks.served_model import ServedModel
from vaticina.tasks.task import Task

Predict = Callable[[Matrix], Outputs]
"""How a model is asked for rows (n, columns)."""


@runtime_checkable
class ServableModel(Runtime, Protocol):
    """A model that knows how it is asked, and what a bundle holds of it.

    Any other model is asked as its task says, and kept as a pickle.
    """

    family: str
    """The family of runtimes that loads it from ``files``."""

    served_as: str
    """How it is served where it is not compiled, as "it is served …" says it: ``natively``."""

    def files(self) -> dict[str, bytes]:
        """What a bundle of ``family`` holds of it: file name -> content."""
        ...


class AnswersDiffer(Exception):
    """Neither the graph nor the model as it would be served answers what the original answers; the message shows it."""


class ImproperAnswers(Exception):
    """What the model answers cannot be answers of its task, such as probabilities of 2; the message says why."""


def served_form(
    task: Task,
    model: object,
    contract: Contract,
    rows: Matrix,
    ask_original: Predict | None = None,
    *,
    is_rebuilt: bool = False,
    constants: Constants | None = None,
) -> ServedModel:
    """The graph of ``model`` when it answers ``rows`` (n, columns) and rows around them alike; else the model itself.

    ``ask_original`` asks the original of which ``model`` is our reading: both forms must answer as it does. Without it,
    ``model`` is the original. One that ``is_rebuilt`` from an original elsewhere is compared as a graph only. Rows are
    also moved to the ``constants`` of the model.

    Raises:
        AnswersDiffer: neither form answers as the original.
        ImproperAnswers: the answers are none that the task can give.
    """
    servable: ServableModel = NativeRuntime(model, contract, task)
    if isinstance(model, ServableModel):
        servable = model
    with threadpool_limits(1):  # threads of OpenMP wait by spinning, which batches this small do not repay
        compiled, reason = _compile(task, model, contract)
        try:
            verification_rows = task.verification_rows(contract, rows, compiled, constants)
        except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
            compiled, reason = None, f"the graph does not run: {error}"
            verification_rows = task.verification_rows(contract, rows, None, constants)
        ask = _columns_of(ask_original or servable.predict)
        if is_rebuilt:
            expected = ask_at_once(ask, verification_rows.by_kind)
        else:
            expected = ask_by_kind(ask, verification_rows.by_kind)
        comparison = _Comparison(task, model, contract, expected)
        comparison.check_answers()
        counts = {"constants": verification_rows.constants, "unreached": verification_rows.unreached}
        served, report = comparison.graph(compiled, reason)
        if served is not None:
            served.verification.update(counts)
            return served
        if ask_original is not None and not is_rebuilt:
            report["native"] = comparison.native_report(servable) | counts
    if not is_rebuilt:
        report["reason"] = f"{report['reason']}; it is served {servable.served_as}"
    return ServedModel(servable.family, servable.files(), report, servable)


def _compile(task: Task, model: object, contract: Contract) -> tuple[Compiled | None, str]:
    """The graph of ``model``, or why there is none."""
    try:
        return task.compile(model, contract), ""
    except NotCompilable as error:
        return None, str(error)
    except Exception as error:  # a model of others may lack what a converter reads
        return None, f"it cannot be compiled: {error}"


class _Comparison:
    """Compares the forms of one model with the answers that are expected of them."""

    def __init__(self, task: Task, model: object, contract: Contract, expected: ExpectedAnswers) -> None:
        self._task = task
        self._contract = contract
        self._expected = expected
        self._ties = task.ties(model, contract)

    def check_answers(self) -> None:
        """Raises ImproperAnswers when the expected answers cannot be answers of the task."""
        for kind, answers in self._expected.answers.items():
            reason = self._task.output_error(Outputs(len(self._expected.rows[kind]), answers), self._contract)
            if reason is not None:
                raise ImproperAnswers(reason)

    def graph(self, compiled: Compiled | None, reason: str) -> tuple[ServedModel | None, dict[str, Any]]:
        """The graph, when it answers as expected, and the report on it; ``reason``: why there is no graph."""
        refusals = list(self._expected.refusals.values())
        if compiled is None or refusals:
            return None, {"verified": False, "reason": reason or refusals[0]}
        try:
            runtime = GraphRuntime(compiled.graph)
            report = self._report(runtime)
        except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
            return None, {"verified": False, "reason": f"the graph does not run: {error}"}
        if not report["verified"]:
            report["reason"] = f"the graph answers otherwise: {report['reason']}"
            return None, report
        return ServedModel("onnx", {GRAPH_FILE: compiled.graph}, report, runtime), report

    def native_report(self, servable: ServableModel) -> dict[str, Any]:
        """The report on the model itself. Raises AnswersDiffer when it answers otherwise."""
        try:
            report = self._report(servable)
        except Exception as error:  # a model of others raises what it pleases
            raise AnswersDiffer(f"what would be served answers nothing where the file does: {error}") from None
        if not report["verified"]:
            raise AnswersDiffer(f"{report['reason']}; {self._first_difference(servable)}")
        return report

    def _report(self, runtime: Runtime) -> dict[str, Any]:
        return compare(self._expected.answers, _columns_of(runtime.predict), self._expected.rows, self._ties)

    def _first_difference(self, runtime: Runtime) -> str:
        ask = _columns_of(runtime.predict)
        difference = first_difference(self._expected.answers, ask, self._expected.rows, self._ties)
        if difference is None:
            return "no single row shows it"
        row, right, answer = difference
        return (
            f"for {describe_row(self._contract, row)} the file answers {describe_answer(self._contract, right)}, "
            f"and what would be served answers {describe_answer(self._contract, answer)}"
        )


def _columns_of(predict: Predict) -> Ask:
    """``predict`` as verification takes it: a function that gives the columns of its outputs."""

    def ask(rows: Matrix) -> Columns:
        return predict(rows).columns

    return ask
