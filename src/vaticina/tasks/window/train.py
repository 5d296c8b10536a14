"""Training a window: a candidate with the new window, beside the windows trained before."""

from collections.abc import Mapping

from vaticina.contract import Bundle, Contract, Readings, Runtime
from vaticina.datasets.params import read_params
from vaticina.datasets.series_file import read_series_file
from vaticina.errors import TrainingError
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate, Compare, Measurements
from vaticina.tasks.compilation import served_form
from vaticina.tasks.examples import answered_examples
from vaticina.tasks.graph_runtime import GRAPH_FILE
from vaticina.tasks.served_model import ServedModel
from vaticina.tasks.task import Task, TrainingRequest
from vaticina.tasks.window.evaluation import compare_with_champion
from vaticina.tasks.window.fit import TrainedWindow, train_window
from vaticina.tasks.window.params import read_window_params
from vaticina.tasks.window.runtime import WindowRuntime
from vaticina.tasks.window.version import window_version


def train_window_version(task: Task, request: TrainingRequest, report: Report) -> Candidate:
    """A window trained on the request's readings, or on the project's own file.

    Raises:
        DataError: the project's file cannot be read or used.
        TooFewPoints: the series is too short for the window; the message says how many points are needed.
        ProjectError: there is no such option, or it has a value that cannot be used.
        TrainingError: the graph does not answer the same as the model, which should never happen.
    """
    readings = request.readings
    if readings is None:
        report("reading the series", 0.0)
        readings = read_series_file(request.project)
    trained = _train(request, readings, report)
    report("compiling and verifying", 0.8)
    contract = request.project.draft()
    graph, verification = _compile(task, trained, contract)
    version = window_version(contract, trained, readings, graph, request.production)
    runtime = WindowRuntime(version.contract, version.graphs)
    return Candidate(
        contract=version.contract,
        served=ServedModel("window", version.files, dict(verification), runtime),
        examples=answered_examples(version.contract, runtime, version.example_rows),
        training=version.training,
        data=version.data,
        metrics=version.metrics,
        compare=_comparison(trained, readings),
    )


def _train(request: TrainingRequest, readings: Readings, report: Report) -> TrainedWindow:
    params = read_params(request.project)
    window_params = read_window_params(params.model, request.options)
    request.project.draft().check_outputs()
    return train_window(readings, window_params, params.test_size, params.seed, report)


def _compile(task: Task, trained: TrainedWindow, contract: Contract) -> tuple[bytes, Mapping[str, object]]:
    """The graph of the window, and the report on it. Raises TrainingError."""
    served = served_form(task, trained.model, contract, trained.samples.rows)
    if GRAPH_FILE not in served.files:
        raise TrainingError(
            f"The compiled window does not answer the same as the trained one: {served.verification['reason']}."
        )
    return served.files[GRAPH_FILE], served.verification


def _comparison(trained: TrainedWindow, readings: Readings) -> Compare:
    """Measures the same window of another version on samples that neither has seen."""

    def compare(bundle: Bundle, _: Runtime) -> tuple[Measurements, Measurements] | None:
        return compare_with_champion(trained, readings, bundle)

    return compare
