"""What was understood of a column, for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from vaticina.contract import Project
from vaticina.datasets.column_reading import ColumnReading
from vaticina.tables.cell_values import number_reader, reader


@dataclass(frozen=True, slots=True)
class UnderstoodColumn:
    """What was understood of a column, for people: ``raw`` is one of its cells, ``value`` what it is read as."""

    name: str
    read_as: str
    how: str
    raw: str
    value: str


def understood_columns(
    readings: Mapping[str, ColumnReading], project: Project, classes: int, left_out: Mapping[str, str]
) -> tuple[UnderstoodColumn, ...]:
    """All columns in their order, the target last, which has so many ``classes`` or is a number."""
    columns: list[UnderstoodColumn] = []
    for name, reading in readings.items():
        raw = reading.example()
        if name in project.inputs:
            field = project.inputs[name]
            value = reader(field, name, project.data)(raw)
            columns.append(UnderstoodColumn(name, field.type, _how(reading), raw, _shown(value)))
        elif name in left_out:
            columns.append(UnderstoodColumn(name, "left out", left_out[name], raw, ""))
    reading = readings[str(project.data.target)]
    raw = reading.example()
    value = number_reader(str(project.data.target), project.data)(raw) or raw
    columns.append(UnderstoodColumn(str(project.data.target), _about_target(classes), _how(reading), raw, value))
    return tuple(columns)


def _how(reading: ColumnReading) -> str:
    """What the type was read from, with the texts that were taken for missing values."""
    if not reading.texts.missing:
        return reading.how
    return f"{reading.how}; no value: {', '.join(map(repr, sorted(reading.texts.missing)))}"


def _about_target(classes: int) -> str:
    if not classes:
        return "target, a number"
    return f"target, {classes} classes"


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
