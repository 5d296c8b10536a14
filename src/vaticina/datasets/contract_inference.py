"""A contract inferred from data: what ``vaticina init --from`` writes into project.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vaticina.contract import Project
from vaticina.contract.project import default_outputs
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.dataset_reader import encode_table
from vaticina.errors import DataError, ProjectError
from vaticina.tables import Table, read_table
from vaticina.tables.cell_values import FLAGS, INTEGER, NUMBER, Cell, is_instant
from vaticina.tables.column_names import require_columns

FEW_TEXTS = 20
ROWS_PER_TEXT = 5
"""Up to 20 different texts are categories however few the rows; more need five rows each on average."""

NEARLY_ALL = 0.9
"""Share of different texts from which a column names its rows."""

MAX_NAME = 200
"""Letters of the longest text that may name a row."""

MIN_EXPECTED_REPEATS = 20
SURPRISE = 10
"""Numbers are assigned when chance would repeat twenty at least, and ten times as many as do repeat."""


@dataclass(frozen=True, slots=True)
class Inference:
    """A project that is ready to train, with the table's rows as its ``dataset``.

    ``left_out`` says for each column that is no input why it is none.
    """

    project: Project
    dataset: Dataset
    left_out: Mapping[str, str]


def infer_contract(source: Path, name: str, target: str) -> Inference:
    """The contract of the table in ``source`` for predicting its column ``target``, in a project called ``name``.

    Each column is typed by all its texts:

    * true and false are a flag; 0 and 1 stay integers and yes and no stay categories, since that is what clients send;
    * whole numbers are an integer, other numbers (63.0 too) a number. Codes in digits stay integers: trees separate
      them, nothing sent is refused, and a person may declare them as categories;
    * ISO dates and times are an instant;
    * other texts, 007 among them, are a category when there are at most 20, or five rows for each on average.

    Left out are columns without a value or with a single one, free text, and whole numbers that were assigned rather
    than measured: n measured numbers within a span s repeat about n²/2s times (the birthday problem), so that hardly a
    repeat where twenty are expected shows that they are running numbers or identifiers. Texts that name their rows
    become optional identifiers: recorded, given back, never a feature. An input whose values are missing somewhere is
    optional.

    Raises:
        DataError: the file or the target cannot be used, or no column is left to learn from.
        ProjectError: ``name`` is no project's name.
    """
    table = read_table(source)
    require_columns(source, table.columns, [target])
    inputs: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for column, cells in table.columns.items():
        if column == target:
            continue
        try:
            inputs[column] = _input(cells)
        except _NoInput as reason:
            left_out[column] = str(reason)
    if not _has_feature(inputs):
        reasons = "; ".join(f"{column} ({reason})" for column, reason in left_out.items()) or "none"
        raise DataError(f"{source} leaves no column to learn {target!r} from; left out are: {reasons}.")
    project = _project(name, table, target, inputs)
    dataset = encode_table(project, table)
    learnt = {"inputs": dataset.contract.inputs, "outputs": default_outputs(project.kind, dataset.contract.classes)}
    return Inference(project.model_copy(update=learnt), dataset, left_out)


class _NoInput(Exception):
    """A column cannot be an input; the text is the reason."""


def _has_feature(inputs: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a model can learn from one of ``inputs``: from any but identifiers."""
    return any(field["type"] != "identifier" for field in inputs.values())


def _project(name: str, table: Table, target: str, inputs: Mapping[str, Mapping[str, Any]]) -> Project:
    data = {"source": str(table.path), "target": target}
    try:
        return Project.model_validate({"project": {"name": name}, "data": data, "inputs": inputs})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ProjectError(
            f"No project can be called {name!r} or hold these columns: {where}: {first['msg']}."
        ) from None


def _input(cells: list[Cell]) -> dict[str, Any]:
    """The input's table for project.toml. Raises _NoInput."""
    texts = [cell for cell in cells if cell is not None]
    different = set(texts)
    if not different:
        raise _NoInput("no value")
    if len(different) == 1:
        raise _NoInput(f"always {texts[0]!r}")
    field: dict[str, Any] = {"type": _type(texts, different)}
    if field["type"] == "identifier" or len(texts) < len(cells):
        field["optional"] = True
    return field


def _type(texts: list[str], different: set[str]) -> str:
    """The type of an input with these ``texts``, of which ``different`` are different. Raises _NoInput."""
    if set(map(str.lower, different)) <= FLAGS.keys():
        return "flag"
    if all(map(INTEGER.fullmatch, different)):
        if _is_assigned(list(map(int, texts))):
            raise _NoInput("a running or assigned number")
        return "integer"
    if all(map(NUMBER.fullmatch, different)):
        return "number"
    if all(map(is_instant, different)):
        return "instant"
    if len(different) <= FEW_TEXTS or len(different) * ROWS_PER_TEXT <= len(texts):
        return "category"
    if _is_name(texts, different):
        return "identifier"
    raise _NoInput(f"free text or too many categories: {len(different)} different texts in {len(texts)} rows")


def _is_assigned(numbers: list[int]) -> bool:
    """Whether the numbers repeat far less often than measured ones would."""
    span = max(numbers) - min(numbers) + 1
    expected_repeats = len(numbers) * (len(numbers) - 1) / (2 * span)
    repeats = len(numbers) - len(set(numbers))
    is_surprising = expected_repeats >= MIN_EXPECTED_REPEATS and repeats * SURPRISE <= expected_repeats
    return is_surprising and repeats <= (1 - NEARLY_ALL) * len(numbers)


def _is_name(texts: list[str], different: set[str]) -> bool:
    """Whether the texts are single words, nearly all of them different."""
    for text in different:
        if " " in text or len(text) > MAX_NAME:
            return False
    return len(different) >= NEARLY_ALL * len(texts)
