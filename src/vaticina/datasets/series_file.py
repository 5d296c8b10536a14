"""A project's series, read from the file that ``[data]`` names."""

from vaticina.contract import Project, Readings, readings
from vaticina.contract.instants import read_instant
from vaticina.datasets.generator import run_generator
from vaticina.errors import DataError
from vaticina.tables import read_table
from vaticina.tables.cell_values import date_reader, number_reader
from vaticina.tables.column_names import require_columns

MOMENT, VALUE = "timestamp", "value"
"""The columns, unless ``[data] time`` and ``target`` name others."""


def read_series_file(project: Project) -> Readings:
    """The series in ``[data] source``; rows without a moment or a number are left out.

    Raises:
        DataError: no source is named, it cannot be read, a column is missing, or no row can be used.
    """
    if project.data.source is None:
        raise DataError(f'Project {project.name!r} names no data; write [data] source = "readings.csv".')
    run_generator(project)
    table = read_table(project.folder / project.data.source, notation=project.data)
    time, target = project.data.time or MOMENT, project.data.target or VALUE
    require_columns(table.path, table.columns, [time, target])
    read_number, read_date = number_reader(target, project.data), date_reader(time, project.data)
    moments: list[float] = []
    values: list[float] = []
    for moment, number in zip(table.columns[time], table.columns[target], strict=True):
        plain = read_number(number or "")
        seconds = _seconds(read_date(moment or ""), project)
        if seconds is not None and plain is not None:
            moments.append(seconds)
            values.append(float(plain))
    if not moments:
        raise DataError(f"No row of {table.path} has a moment in {time!r} and a number in {target!r}.")
    return readings(moments, values, target, project.data.source)


def _seconds(text: str, project: Project) -> float | None:
    """The moment in ``text`` in seconds since 1970; None where there is no moment in it."""
    try:
        return read_instant(text, project.draft().zone).timestamp()
    except ValueError:
        return None
