"""The query behind the SQL view of a project's predictions."""

from collections.abc import Mapping

PARTS = {"id": "seq", "input": "input", "label": "label", "score": "score"}
"""What a column of the view can show, and the column of the table ``predictions`` that holds it."""

TIME = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch') || printf('.%06d', time % 1000000)",
    "postgresql": "to_char(timestamp 'epoch' + time * interval '1 microsecond', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
}
"""ISO 8601 with microseconds in UTC, without offset."""


def view_query(dialect: str, project: str, columns: Mapping[str, str]) -> str:
    """The query of the view of ``project`` in a database of ``dialect``.

    ``columns`` are the names of its columns by what they show: ``id``, ``input``, ``label``, ``score`` and ``time``.
    """
    sources = {**PARTS, "time": TIME[dialect]}
    listed = ", ".join(f'{sources[part]} AS "{name}"' for part, name in columns.items())
    literal = "'" + project.replace("'", "''") + "'"
    return f"SELECT {listed} FROM predictions WHERE project = {literal}"  # noqa: S608 -- quoted, and names are checked
