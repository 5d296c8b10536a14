"""Random contracts, rows that satisfy them, and values that break one field."""

import string
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from vaticina.contract import Contract
from vaticina.contract.fields import (
    FLOAT_LIMIT,
    INTEGER_LIMIT,
    MAX_TEXT,
    AnyInput,
    Category,
    Flag,
    Identifier,
    Instant,
    Integer,
    Number,
)
from vaticina.contract.text_values import text_reader
from vaticina.contract.white_space import stripped

reals = st.floats(-FLOAT_LIMIT, FLOAT_LIMIT, allow_nan=False)
wholes = st.integers(-INTEGER_LIMIT, INTEGER_LIMIT)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(string.ascii_letters + string.digits + " _-%{}ñ°\"'\\", min_size=1, max_size=12)
naive = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))  # noqa: DTZ001 -- hypothesis wants bounds without zone
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = naive | st.tuples(naive, offsets).map(lambda pair: pair[0].replace(tzinfo=pair[1]))


def _ranged(kind: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    def ordered(pair: tuple[Any, Any]) -> dict[str, Any]:
        return {"min": min(pair), "max": max(pair)}

    nothing: st.SearchStrategy[dict[str, Any]] = st.just({})
    declared = st.one_of(
        nothing,
        values.map(lambda low: {"min": low}),
        values.map(lambda high: {"max": high}),
        st.tuples(values, values).map(ordered),
    )
    learnt = nothing | st.tuples(values, values).map(lambda pair: {"seen": sorted(pair)})
    return st.tuples(declared, learnt).map(lambda parts: {"type": kind, **parts[0], **parts[1]})


def _categories(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(values, min_size=1, max_size=5, unique=True)
    return st.tuples(st.sampled_from(["categories", "seen"]), listed).map(lambda p: {"type": "category", p[0]: p[1]})


fields = st.one_of(
    _ranged("number", reals),
    _ranged("integer", wholes),
    _categories(texts),
    _categories(wholes),
    st.just({"type": "category"}),
    st.just({"type": "flag"}),
    st.just({"type": "instant"}),
    st.integers(1, 30).map(lambda length: {"type": "identifier", "max_length": length}),
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract of one to six inputs, any of which may be optional."""
    inputs = draw(st.dictionaries(names, fields, min_size=1, max_size=6))
    optional = {name: {**field, "optional": draw(st.booleans())} for name, field in inputs.items()}
    if all(field["type"] == "identifier" for field in inputs.values()):
        optional["a feature"] = {"type": "number"}
    zone = draw(st.sampled_from(["UTC", "America/Lima", "Europe/Madrid", "Pacific/Kiritimati"]))
    unknown = draw(st.sampled_from(["ignore", "refuse"]))
    return Contract.model_validate({"name": "random", "inputs": optional, "timezone": zone, "unknown": unknown})


def _fitting(field: AnyInput) -> st.SearchStrategy[Any]:
    """Values of ``field`` as they stand in a JSON body."""
    if isinstance(field, Number):
        return st.floats(*field.bounds, allow_nan=False)
    if isinstance(field, Integer):
        whole = st.integers(*field.bounds)
        return whole | whole.map(float)
    if isinstance(field, Flag):
        return st.booleans()
    if isinstance(field, Instant):
        return moments.map(datetime.isoformat)
    if isinstance(field, Identifier):
        return texts.map(lambda text: text[: field.max_length]).filter(stripped)
    assert isinstance(field, Category)  # a series has a kind of its own, and tests of its own
    if field.categories is not None:
        return st.sampled_from(list(field.categories))
    return wholes if field.whole else texts.filter(lambda text: text_reader(field)(text) is not None)


def _breaking(field: AnyInput) -> st.SearchStrategy[Any]:
    """Values that ``field`` refuses."""
    wrong: list[st.SearchStrategy[Any]] = [st.just([]), st.just({"a": 1})]
    if not field.optional:
        wrong.append(st.none())
    if isinstance(field, Number | Integer):
        low, high = field.bounds
        wrong += [texts, st.booleans(), st.sampled_from([1e39, -1e39, 10**50])]
        wrong += [reals.filter(lambda value: not low <= value <= high)] if field.min or field.max else []
        wrong += [st.just(0.5)] if isinstance(field, Integer) else []
    elif isinstance(field, Flag):
        wrong += [st.integers(), texts]
    elif isinstance(field, Instant):
        wrong += [st.integers(), st.sampled_from(["", "soon", "2026-13-01", "2026-02-29", "0001-01-01"])]
    elif isinstance(field, Identifier):
        wrong += [st.integers(), st.booleans(), st.just("x" * (field.max_length + 1))]
    elif isinstance(field, Category):
        wrong += [st.booleans(), *_breaking_category(field)]
    return st.one_of(wrong).filter(lambda value: not isinstance(value, str) or not _is_taken(field, value))


def _is_taken(field: AnyInput, text: str) -> bool:
    """Whether ``field`` takes a text for what it means: no value, or one of its categories."""
    value = text_reader(field)(text)
    return field.optional if value is None else isinstance(field, Category) and value in field.known


def _breaking_category(field: Category) -> list[st.SearchStrategy[Any]]:
    if field.categories is not None:
        known = set(field.categories)
        return [texts.filter(lambda value: value not in known), wholes.filter(lambda value: value not in known)]
    return [texts, st.just(0.5)] if field.whole else [st.integers(), st.just("x" * (MAX_TEXT + 1))]


@st.composite
def rows(draw: st.DrawFn, contract: Contract) -> dict[str, Any]:
    """A row that satisfies ``contract``; optional inputs may be null or absent."""
    row: dict[str, Any] = {}
    for name, field in contract.inputs.items():
        way = draw(st.sampled_from(["value", "value", "null", "absent"])) if field.optional else "value"
        if way != "absent":
            row[name] = None if way == "null" else draw(_fitting(field))
    return row


@st.composite
def broken_rows(draw: st.DrawFn, contract: Contract) -> tuple[dict[str, Any], str]:
    """A row with one field that breaks ``contract``, and that field's name."""
    row = draw(rows(contract))
    name = draw(st.sampled_from(list(contract.inputs)))
    return {**row, name: draw(_breaking(contract.inputs[name]))}, name
