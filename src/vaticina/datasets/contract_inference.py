"""A contract inferred from data: what ``vaticina init --from`` writes into project.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vaticina.contract import Project
from vaticina.contract.notation import TableNotation
from vaticina.contract.project import default_outputs
from vaticina.datasets.column_fits import DateFit, NumberFit
from vaticina.datasets.column_inputs import NoInput, input_of
from vaticina.datasets.column_reading import (
    ColumnEvidence,
    ColumnReading,
    gather_evidence,
    read_column,
    read_target_column,
)
from vaticina.datasets.column_texts import ColumnTexts
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.dataset_reader import encode_table
from vaticina.datasets.notation_words import notation_of
from vaticina.datasets.table_conventions import TableConventions, date_convention, decimal_convention
from vaticina.datasets.table_options import NO_OPTIONS, TableOptions
from vaticina.datasets.target import labelled_positions
from vaticina.datasets.understood_column import UnderstoodColumn, understood_columns
from vaticina.datasets.warning_lines import first_lines
from vaticina.errors import DataError, ProjectError
from vaticina.tables import Table, read_table
from vaticina.tables.column_names import require_columns


@dataclass(frozen=True, slots=True)
class Inference:
    """A project that is ready to train, with the table's rows as its ``dataset``.

    ``left_out`` says for each column that is no input why it is none, ``columns`` what each was understood as, the
    target last, ``remarks`` what was understood of the file, and ``warnings`` what a person should look at.
    """

    project: Project
    dataset: Dataset
    left_out: Mapping[str, str]
    columns: tuple[UnderstoodColumn, ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def infer_contract(source: Path, name: str, target: str, options: TableOptions = NO_OPTIONS) -> Inference:
    """The contract of the table in ``source`` for predicting its column ``target``, in a project called ``name``.

    Each column is typed by all its texts in the rows that have a target, and read in the notation that they show:

    * true and false are a flag, and so are yes and no in several languages; 0 and 1 stay integers;
    * whole numbers are an integer, other numbers (63.0 too) a number, in any notation: decimal commas, thousands,
      currencies, percents, units. Codes in digits stay integers: trees separate them, nothing sent is refused, and
      a person may declare them as categories;
    * dates and times are an instant;
    * other texts, 007 among them, are a category when there are at most 20, or five rows for each on average.

    What may be read in two ways is read as the other columns are, or as ``options`` say; dates of which nothing shows
    the order are left out. A few cells that do not fit are mistakes: their rows are left out. Both are told.

    Left out are columns without a value or with a single one, free text, and whole numbers that were assigned rather
    than measured: n measured numbers within a span s repeat about n²/2s times (the birthday problem), so that hardly a
    repeat where twenty are expected shows that they are running numbers or identifiers. Texts that name their rows
    become optional identifiers: recorded, given back, never a feature. An input whose values are missing somewhere is
    optional.

    Raises:
        DataError: the file or the target cannot be used, or no column is left to learn from.
        ProjectError: ``name`` is no project's name.
    """
    table = read_table(source, notation=TableNotation(encoding=options.encoding))
    require_columns(source, table.columns, [target])
    readings = _read_columns(table, target, options)
    inputs: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for column, reading in readings.items():
        if column == target:
            continue
        try:
            inputs[column] = input_of(reading)
        except NoInput as reason:
            left_out[column] = str(reason)
    if not _has_feature(inputs):
        reasons = "; ".join(f"{column} ({reason})" for column, reason in left_out.items()) or "none"
        raise DataError(f"{source} leaves no column to learn {target!r} from; left out are: {reasons}.")
    notation = notation_of(readings, options.encoding or table.encoding)
    project = _project(name, _data(table, target, options, notation), inputs)
    dataset = encode_table(project, table)
    learnt = {"inputs": dataset.contract.inputs, "outputs": default_outputs(project.kind, dataset.contract.classes)}
    return Inference(
        project.model_copy(update=learnt),
        dataset,
        left_out,
        understood_columns(readings, project, len(dataset.contract.classes), left_out),
        tuple(_warnings(table, readings, project)),
        table.remarks,
    )


def _read_columns(table: Table, target: str, options: TableOptions) -> dict[str, ColumnReading]:
    """What each column was understood as, by its cells in the rows that have a target."""
    marks = ColumnTexts.of(target, table.columns[target], options.missing).missing
    labelled = labelled_positions(table.columns[target], TableNotation(missing=tuple(marks)))
    evidence: dict[str, ColumnEvidence] = {}
    for name, cells in table.columns.items():
        column = cells
        if name != target and len(labelled) < table.size:
            column = [cells[position] for position in labelled]
        evidence[name] = gather_evidence(ColumnTexts.of(name, column, options.missing))
    conventions = _conventions(evidence, table.delimiter, options)
    readings: dict[str, ColumnReading] = {}
    for name, column_evidence in evidence.items():
        if name == target:
            readings[name] = read_target_column(column_evidence, conventions)
        else:
            readings[name] = read_column(column_evidence, conventions)
    return readings


def _conventions(evidence: Mapping[str, ColumnEvidence], delimiter: str, options: TableOptions) -> TableConventions:
    """What is usual in the table, by all its columns."""
    numbers: dict[str, NumberFit] = {}
    dates: dict[str, DateFit] = {}
    for name, column in evidence.items():
        if column.numbers is not None:
            numbers[name] = column.numbers[0]
        if column.dates is not None:
            dates[name] = column.dates[0]
    decimal = decimal_convention(numbers, delimiter, options.decimal)
    return TableConventions(decimal, date_convention(dates, decimal, delimiter, options.dates))


def _data(table: Table, target: str, options: TableOptions, notation: TableNotation) -> dict[str, Any]:
    """``[data]``: where the table is, what to predict, and how the table is written."""
    words = notation.model_dump(exclude_defaults=True)
    return {"source": str(table.path), "target": target, "target_kind": options.target_kind, **words}


def _has_feature(inputs: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a model can learn from one of ``inputs``: from any but identifiers."""
    return any(field["type"] != "identifier" for field in inputs.values())


def _project(name: str, data: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> Project:
    try:
        return Project.model_validate({"project": {"name": name}, "data": data, "inputs": inputs})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ProjectError(
            f"No project can be called {name!r} or hold these columns: {where}: {first['msg']}."
        ) from None


def _warnings(table: Table, readings: Mapping[str, ColumnReading], project: Project) -> list[str]:
    """What is odd about the columns, each with the line of a cell that shows it."""
    shown: dict[str, set[str]] = {}
    for name, reading in readings.items():
        shown[name] = {warning.text for warning in reading.warnings if warning.text is not None}
    lines = first_lines(table, shown, project.data)
    warnings: list[str] = []
    for name, reading in readings.items():
        for warning in reading.warnings:
            line = lines.get((name, warning.text or ""))
            where = f" (line {line})" if line else ""
            warnings.append(f"{name!r}: {warning.message}{where}.")
        is_learnt = name in project.inputs and project.inputs[name].type != "identifier"
        if reading.how.startswith("codes") and not is_learnt:
            warnings.append(
                f"{name!r}: {reading.how}, such as {reading.example()!r}, are not learnt from; "
                f'to learn from them, write type = "category" into [inputs.{name}].'
            )
    return warnings
