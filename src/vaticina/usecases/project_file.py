"""The first ``project.toml`` of a project, as ``vaticina init --from`` writes it: for people to read and to change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import Array, Item, Table

from vaticina.contract import Project
from vaticina.contract.fields import AnyInput, Scalar
from vaticina.contract.notation import TableNotation
from vaticina.contract.project import FORMAT

WIDE = 100
"""Characters of a list that stands on one line."""

SHOWN = 5
"""Classes that are named in a comment."""

ABOUT_INPUTS = (
    "What a prediction is made from. `seen` is what the data showed: a value beyond it is answered, and marked in",
    "the history. To refuse such values, declare `min` and `max`, or `categories`, in its place.",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was learnt from the data.

    ``source`` is its path from the project's folder; ``left_out`` and ``suspects`` tell their reasons by column.
    """

    project: Project
    source: str
    classes: Sequence[Scalar]
    left_out: Mapping[str, str]
    suspects: Mapping[str, str]


def written(draft: Draft) -> str:
    """The text of ``project.toml``."""
    about, model = draft.project.project, draft.project.model
    document = tomlkit.document()
    document.add("format", tomlkit.item(FORMAT))
    document.add("project", table({"name": about.name, "port": about.port}))
    document.add("data", _data(draft))
    document.add(tomlkit.nl())
    for line in (*ABOUT_INPUTS, *_about_left_out(draft.left_out)):
        document.add(tomlkit.comment(line))
    document.add("inputs", _inputs(draft))
    choice = "linear, forest and boosting are compared; or name a scikit-learn class"
    document.add("model", table({"kind": model.kind, "estimator": model.estimator}, {"estimator": choice}))
    document.add("outputs", _outputs(draft))
    return tomlkit.dumps(document)


def _data(draft: Draft) -> Table:
    data = draft.project.data
    comments = {
        "source": "from this folder",
        "target": about_target(draft.classes),
        "decimal": "how numbers are written in this table and in every table of the project",
        "missing": "texts that mean that there is no value",
    }
    values = {"source": draft.source, "target": data.target, "target_kind": data.target_kind, "positive": data.positive}
    section = table({**values, **_notation(data)}, comments)
    for name, notation in data.columns.items():
        words = tomlkit.inline_table()
        words.update(notation.model_dump(exclude_none=True))
        columns = section.setdefault("columns", tomlkit.table())
        columns.add(name, words)
    return section


def _notation(notation: TableNotation) -> dict[str, Any]:
    """The words by which the table is read, but for those of single columns."""
    return notation.model_dump(include=set(TableNotation.model_fields) - {"columns"}, exclude_defaults=True)


def about_target(classes: Sequence[Scalar]) -> str:
    """What is predicted, in a few words."""
    if not classes:
        return "a number"
    more = ", …" if len(classes) > SHOWN else ""
    return _line(f"{len(classes)} classes: {', '.join(map(str, classes[:SHOWN]))}{more}")


def _about_left_out(left_out: Mapping[str, str]) -> list[str]:
    return [_line(f"Left out: {column}: {reason}.") for column, reason in left_out.items()]


def _inputs(draft: Draft) -> Table:
    inputs = tomlkit.table(is_super_table=True)
    for name, field in draft.project.inputs.items():
        inputs.add(name, input_table(field, draft.suspects.get(name)))
    return inputs


def input_table(field: AnyInput, suspicion: str | None) -> Table:
    """The table of an input, with what is held against it."""
    found = table({"type": field.type, **field.model_dump(exclude_unset=True, exclude_none=True)})
    if suspicion:
        found.add(tomlkit.comment(_line(f"LEAK SUSPECT: {suspicion}")))
    return found


def _outputs(draft: Draft) -> Table:
    quantities = {name: output.quantity for name, output in draft.project.outputs.items()}
    return table(quantities, {name: f"of {_positive(draft)}" for name in quantities if _speaks_of_one(draft, name)})


def about_outputs(draft: Draft) -> dict[str, str]:
    """What is answered, and from what."""
    about = {name: output.quantity.replace("_", " ") for name, output in draft.project.outputs.items()}
    return {n: f"probability of {_positive(draft)}" if _speaks_of_one(draft, n) else text for n, text in about.items()}


def _speaks_of_one(draft: Draft, output: str) -> bool:
    return draft.project.outputs[output].quantity == "positive_probability"


def _positive(draft: Draft) -> str:
    """The class whose probability is answered."""
    positive = draft.project.data.positive
    return _line(str(draft.classes[-1] if positive is None else positive))


def table(values: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> Table:
    """The keys that have a value, with what is said behind them."""
    found = tomlkit.table()
    for name, value in values.items():
        if value is not None:
            found.add(name, _item(value))
            if comments and name in comments:
                found[name].comment(comments[name])
    return found


def _item(value: Any) -> Item:
    item: Item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
    return item.multiline(len(item.as_string()) > WIDE) if isinstance(item, Array) else item


def _line(text: str) -> str:
    """A comment is one line of printable characters, whatever stands in the data."""
    return "".join(character if character.isprintable() else " " for character in text)
