"""Keys of ``project.toml`` in the form that earlier versions wrote: they mean what they meant then."""

import re

VIEW_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")

VIEW_COLUMNS = {
    "id": "id",
    "input": "entrada_json",
    "label": "prediccion",
    "score": "probabilidad",
    "time": "timestamp",
}
"""The columns of a view of which only the name was written."""


def view_of_text(name: str) -> dict[str, object]:
    """``view = "NAME"`` as the table that is written today. Raises ValueError for a name that cannot be used."""
    if not VIEW_NAME.fullmatch(name):
        raise ValueError("write a name of a-z, 0-9 and _")
    return {"name": name, "columns": VIEW_COLUMNS}
