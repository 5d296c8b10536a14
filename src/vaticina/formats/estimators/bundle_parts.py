"""Files that hold a dict or a list with a model in it: which of its parts the rows pass, and what is left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vaticina.errors import ImportRefused

LABEL_CODERS = frozenset({"LabelBinarizer", "LabelEncoder"})
"""Transformers of a target, which no row passes."""

MOST_NAMED = 20
"""How many parts a message names at most."""


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Where a part of a model is: a file, and the keys that lead to it within the file's object."""

    file: str
    path: tuple[str, ...] = ()


def part_places(objects: Mapping[str, Any], files: Sequence[str], keys: Sequence[str]) -> list[PartPlace]:
    """The parts in the order in which rows pass them: a file each, or those of the last file that ``keys`` name.

    A key may lead through several dicts: ``pipeline.model``.

    Raises:
        ImportRefused: the last file holds a dict and no key was given, or one that is not there, or a fitted
            transformer of it would be left out; or a key was given for a file that holds no dict.
    """
    *before, last = map(PartPlace, files)
    bundle = objects[last.file]
    if not isinstance(bundle, dict | list | tuple):
        if keys:
            raise ImportRefused(f"{last.file} holds a {type(bundle).__name__}, not a dict of parts; leave --key out.")
        return [*before, last]
    if not keys:
        raise ImportRefused(
            f"{last.file} holds {_listing(bundle)}; say which is the model: --key {_likely_key(bundle)}."
        )
    places = [PartPlace(last.file, _path(bundle, key, last.file)) for key in keys]
    _check_left_out(objects, places)
    return [*before, *places]


def object_at(objects: Mapping[str, Any], place: PartPlace) -> Any:
    """The object at ``place``."""
    value = objects[place.file]
    for key in place.path:
        value = dict(_items(value))[key]
    return value


def bundle_notes(objects: Mapping[str, Any], places: Sequence[PartPlace]) -> tuple[str, ...]:
    """What people should be told of the parts of a dict that are not used."""
    notes = []
    for key, value in _beside(objects, places):
        if type(value).__name__ in LABEL_CODERS:
            notes.append(
                f"the file holds a {type(value).__name__} as {key!r} too, which is not used: classes are answered as "
                "the model knows them"
            )
        elif isinstance(value, list | tuple) and value and all(isinstance(name, str) for name in value):
            names = ", ".join(value[:MOST_NAMED])
            notes.append(f"the file holds the list {key!r} too ({names}), which is not used to name columns")
    return tuple(notes)


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """The keys and values of a dict, or the numbers and items of a list; none of another object."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key), item
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield str(number), item


def _path(bundle: Any, key: str, file: str) -> tuple[str, ...]:
    """The keys that ``key`` names, one within the other. Raises ImportRefused."""
    path: tuple[str, ...] = ()
    value, rest = bundle, key
    while rest:
        items = dict(_items(value))
        step = rest
        while step not in items and "." in step:
            step = step.rpartition(".")[0]  # a key may hold a point itself
        if step not in items:
            raise ImportRefused(f"{file} has no part --key {key}: {'.'.join(path) or 'it'} holds {_listing(value)}.")
        path, value, rest = (*path, step), items[step], rest[len(step) + 1 :]
    return path


def _listing(bundle: Any) -> str:
    """The parts of ``bundle`` with their types."""
    parts = []
    for key, value in _items(bundle):
        parts.append(f"{key} ({type(value).__name__})")
    if not parts:
        return f"a {type(bundle).__name__}, which has no parts"
    more = ""
    if len(parts) > MOST_NAMED:
        more = f" and {len(parts) - MOST_NAMED} more"
    return f"a {type(bundle).__name__} of {', '.join(parts[:MOST_NAMED])}{more}"


def _likely_key(bundle: Any) -> str:
    """The key of the first part that predicts; KEY where none does."""
    for key, value in _items(bundle):
        if hasattr(value, "predict"):
            return key
    return "KEY"


def _beside(objects: Mapping[str, Any], places: Sequence[PartPlace]) -> Iterator[tuple[str, Any]]:
    """The parts that stand beside the model in its dict, and are not named themselves."""
    model = places[-1]
    if not model.path:
        return
    named = [place.path for place in places]
    holder = object_at(objects, PartPlace(model.file, model.path[:-1]))
    for key, value in _items(holder):
        path = (*model.path[:-1], key)
        if not any(other[: len(path)] == path for other in named):
            yield key, value


def _check_left_out(objects: Mapping[str, Any], places: Sequence[PartPlace]) -> None:
    """Raises ImportRefused for a fitted transformer beside the model: rows may have to pass it before."""
    for key, value in _beside(objects, places):
        if hasattr(value, "transform") and type(value).__name__ not in LABEL_CODERS:
            model = ".".join(places[-1].path)
            transformer = ".".join((*places[-1].path[:-1], key))
            raise ImportRefused(
                f"{places[-1].file} holds a {type(value).__name__} as {transformer} beside the model, and rows may "
                f"have to pass it first: name both in that order, --key {transformer} --key {model}, or save the model "
                "alone."
            )
