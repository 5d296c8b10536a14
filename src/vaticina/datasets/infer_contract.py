"""A contract inferred from data: what ``vaticina init --from`` writes into project.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vaticina.contract import Project
from vaticina.contract.project import default_outputs
from vaticina.datasets.dataset import Dataset, encode
from vaticina.errors import DataError, ProjectError
from vaticina.tables import Table, read_table
from vaticina.tables.cell_values import FLAGS, INTEGER, NUMBER, Cell, is_instant
from vaticina.tables.column_names import require_columns

FEW_TEXTS = 20
ROWS_PER_TEXT = 5
"""Up to 20 different texts are categories however few the rows; more need five rows each on average."""

NEARLY_ALL = 0.9
"""Share of different texts from which a column names its rows."""

DUE_REPEATS = 20
SURPRISE = 10
"""Numbers are assigned when chance would repeat twenty at least, and ten times as many as do repeat."""


@dataclass(frozen=True, slots=True)
class Inference:
    """A project ready to train, and why some columns are not inputs of it.

    ``left_out`` tells the reason by column; ``data`` holds the rows, typed and encoded, for whoever looks at them next.
    """

    project: Project
    data: Dataset
    left_out: Mapping[str, str]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the rows, in words."""
        return self.data.notes


def infer(source: Path, name: str, target: str) -> Inference:
    """The contract of the table in ``source`` for predicting its column ``target``, in a project called ``name``.

    Each column is typed by all its texts:

    * true and false are a flag; 0 and 1 stay integers and yes and no stay categories, since that is what clients send;
    * whole numbers are an integer, other numbers (63.0 too) a number. Codes in digits stay integers: trees separate
      them, nothing sent is refused, and a person may declare them as categories;
    * ISO dates and times are an instant;
    * other texts, 007 among them, are a category when there are at most 20, or five rows for each on average.

    Left out are columns without a value or with a single one, free text, and whole numbers that were assigned rather
    than measured: n honest numbers within a span s repeat about n²/2s times (the birthday problem), so that hardly a
    repeat where twenty were due betrays a running or a customer's number. Texts that name their rows become optional
    identifiers: recorded, given back, never a feature. An input whose values are missing somewhere is optional.

    Raises:
        DataError: the file or the target cannot be used, or no column is left to learn from.
        ProjectError: ``name`` is no project's name.
    """
    table = read_table(source)
    require_columns(source, table.columns, [target])
    kept = {column: _input(cells) for column, cells in table.columns.items() if column != target}
    inputs = {column: found for column, found in kept.items() if isinstance(found, dict)}
    left_out = {column: found for column, found in kept.items() if isinstance(found, str)}
    if all(found["type"] == "identifier" for found in inputs.values()):
        raise DataError(f"{source} leaves no column to learn {target!r} from; left out are: {_listed(left_out)}.")
    return _learnt(_project(name, table, target, inputs), table, left_out)


def _listed(left_out: Mapping[str, str]) -> str:
    return "; ".join(f"{column} ({why})" for column, why in left_out.items()) or "none"


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


def _learnt(project: Project, table: Table, left_out: Mapping[str, str]) -> Inference:
    data = encode(project, table)
    outputs = default_outputs(project.kind, data.contract.classes)
    return Inference(project.model_copy(update={"inputs": data.contract.inputs, "outputs": outputs}), data, left_out)


def _input(cells: list[Cell]) -> dict[str, Any] | str:
    """The input's table for project.toml, or why the column is left out."""
    texts = [cell for cell in cells if cell is not None]
    different = set(texts)
    if len(different) < 2:
        return f"always {texts[0]!r}" if texts else "no value"
    found = _typed(texts, different)
    if isinstance(found, str) or len(texts) == len(cells):
        return found
    return {**found, "optional": True}


def _typed(texts: list[str], different: set[str]) -> dict[str, Any] | str:
    if all(text.lower() in FLAGS for text in different):
        return {"type": "flag"}
    if all(INTEGER.fullmatch(text) for text in different):
        return "a running or assigned number" if _assigned(texts) else {"type": "integer"}
    if all(NUMBER.fullmatch(text) for text in different):
        return {"type": "number"}
    if all(map(is_instant, different)):
        return {"type": "instant"}
    if len(different) <= FEW_TEXTS or len(different) * ROWS_PER_TEXT <= len(texts):
        return {"type": "category"}
    return _name(texts, different)


def _assigned(texts: list[str]) -> bool:
    numbers = [int(text) for text in texts]
    span = max(numbers) - min(numbers) + 1
    due = len(numbers) * (len(numbers) - 1) / (2 * span)
    repeated = len(numbers) - len(set(numbers))
    return due >= DUE_REPEATS and repeated * SURPRISE <= due and repeated <= (1 - NEARLY_ALL) * len(numbers)


def _name(texts: list[str], different: set[str]) -> dict[str, Any] | str:
    one_word = not any(" " in text or len(text) > 200 for text in different)
    if one_word and len(different) >= NEARLY_ALL * len(texts):
        return {"type": "identifier", "optional": True}
    return f"free text or too many categories: {len(different)} different texts in {len(texts)} rows"
