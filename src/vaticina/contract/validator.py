"""One validator for a contract, compiled twice, straight from the bytes of a body.

``plain`` takes the rows that need no second look, as most do: every text is one of the contract's categories as it
stands. ``careful`` takes every row that the contract allows; it also reads texts as ``text_values`` says. A row that
both take is the same from both.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import jiter
from pydantic_core import PydanticUseDefault, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from vaticina.contract.contract import Contract
from vaticina.contract.fields import (
    INTEGER_LIMIT,
    MAX_TEXT,
    AnyInput,
    Category,
    Flag,
    Identifier,
    Instant,
    Integer,
    Number,
    Series,
)
from vaticina.contract.instants import read_instant, utc
from vaticina.contract.sentence import Sentence
from vaticina.contract.series_points import series_schema
from vaticina.contract.text_values import text_reader
from vaticina.contract.violations import (
    MAX_ALLOWED,
    MAX_VIOLATIONS,
    explain,
    explain_no_value,
    explain_series,
    shown,
    violation,
)
from vaticina.errors import ContractViolation, InvalidJSON

MAX_INSTANT = 64
"""Characters of an instant's text."""

MAX_REASON = 200
"""Characters of the parser's complaint, which may quote the body."""

REPEATED = "Detected duplicate key"
"""How the parser's complaint of a repeated key begins."""

PLACE = re.compile(r"line (\d+) column (\d+)$")
"""Where in the body the parser stopped: its complaint ends so."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The rows of a body, whether it was a list of them, and what stands around the answers to a list."""

    rows: list[Row]
    many: bool
    frame: tuple[bytes, bytes] = (b"[", b"]")


class Validator:
    """Parses and checks bodies: ``parse(bytes)``; or rows that are already Python objects: ``check(row)``."""

    def __init__(self, contract: Contract, max_rows: int = 10_000) -> None:
        self._contract = contract
        self._max_rows = max_rows
        self._window = contract.window_check
        self._numeric_marks = _numeric_marks(contract)
        plain, careful = _row_schema(contract, _plain_schema), _row_schema(contract, _careful_schema)
        self._plain_row = SchemaValidator(plain).validate_python
        self._plain_rows = SchemaValidator(cs.list_schema(plain, fail_fast=True)).validate_python
        self._careful_row = SchemaValidator(careful).validate_python
        self._careful_rows = SchemaValidator(cs.list_schema(careful, fail_fast=True)).validate_python

    def parse(self, body: bytes) -> Parsed:
        """The rows in ``body``.

        Raises:
            InvalidJSON: the body is empty, not UTF-8, not one JSON document, or repeats a key.
            ContractViolation: a row does not satisfy the contract; its position is named.
            TooFewPoints, WindowNotTrained: a series is too short, or asks for a window that has no model.
        """
        try:
            document = jiter.from_json(body, catch_duplicate_keys=True, allow_inf_nan=False)
        except ValueError as error:
            raise unreadable(body, error) from None
        if type(document) is list:
            return Parsed(self.check_all(document), True)
        return Parsed([self.check(document)], False)

    def check(self, row: Row) -> Row:
        """``row`` as validated. Raises ContractViolation, TooFewPoints and WindowNotTrained."""
        try:
            checked: Row = self._plain_row(row)
        except ValidationError:
            checked = self._check_carefully(row)
        if self._window is not None:
            self._window.check(checked)
        return checked

    def check_all(self, rows: list[Any]) -> list[Row]:
        """All rows as validated, or none. Raises ContractViolation, TooFewPoints and WindowNotTrained."""
        if not rows:
            raise ContractViolation([violation("empty_list", min=1, max=self._max_rows)])
        if len(rows) > self._max_rows:
            raise ContractViolation([violation("too_many_rows", value=len(rows), min=1, max=self._max_rows)])
        try:
            checked: list[Row] = self._plain_rows(rows)
        except ValidationError:
            checked = self._check_all_carefully(rows)
        if self._window is not None:
            for at, row in enumerate(checked):
                self._window.check(row, at)
        return checked

    def _check_carefully(self, row: Row) -> Row:
        try:
            checked: Row = self._careful_row(row)
        except ValidationError:
            raise ContractViolation(self._violations([row])) from None
        return checked

    def _check_all_carefully(self, rows: list[Any]) -> list[Row]:
        try:
            checked: list[Row] = self._careful_rows(rows)
        except ValidationError:
            raise ContractViolation(self._violations(rows)) from None
        return checked

    def _violations(self, rows: list[Any]) -> list[dict[str, object]]:
        """What is wrong, row by row, up to the limit: a body is never worth the time of a million violations."""
        found: list[dict[str, object]] = []
        for index, row in enumerate(rows):
            found += [{"row": index, **problem} for problem in self._problems(row)]
            if len(found) >= MAX_VIOLATIONS:
                break
        return found[:MAX_VIOLATIONS]

    def _problems(self, row: Any) -> Iterator[dict[str, object]]:
        """What is wrong with one row; a field that fails in two ways is told once."""
        try:
            self._careful_row(row)
        except ValidationError as error:
            if not isinstance(row, dict):
                yield violation("not_object", value=shown(row))
                return
            items = error.errors(include_url=False, include_context=False, include_input=False)
            for name, places in _by_field(item["loc"] for item in items).items():
                field = self._contract.inputs.get(name)
                if isinstance(field, Series) and name in row:
                    yield from explain_series(name, field, row[name], places)
                else:
                    yield self._problem(row, name)

    def _problem(self, row: Row, name: str) -> dict[str, object]:
        field = self._contract.inputs.get(name)
        if field is None:
            return violation("unknown_field", field=shown(name), allowed=list(self._contract.inputs)[:MAX_ALLOWED])
        if self._means_no_value(field, row.get(name)):
            return explain_no_value(name, field, row[name])
        return explain(name, field, row)

    def _means_no_value(self, field: AnyInput, value: object) -> bool:
        if isinstance(value, str):
            return text_reader(field, self._contract.missing)(value) is None
        return isinstance(field, Number | Integer) and _is_mark(self._numeric_marks, value)


def _by_field(places: Iterable[tuple[int | str, ...]]) -> dict[str, list[tuple[int | str, ...]]]:
    """Field -> where in it something is wrong."""
    found: dict[str, list[tuple[int | str, ...]]] = {}
    for name, *inside in places:
        found.setdefault(str(name), []).append(tuple(inside))
    return found


def unreadable(body: bytes, error: ValueError) -> InvalidJSON:
    """What is said of a body that is no JSON document, with the parser's complaint."""
    if not body.strip():
        return InvalidJSON(Sentence("empty_body"))
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return InvalidJSON(Sentence("byte_order_mark"))
    reason = str(error)
    fault = "repeated_key" if reason.startswith(REPEATED) else "unreadable_body"
    place = PLACE.search(reason)
    line, column = place.groups() if place else ("1", "1")
    return InvalidJSON(Sentence(fault, reason=reason[:MAX_REASON], line=line, column=column))


FieldSchema = Callable[[AnyInput, Contract], cs.CoreSchema]
"""The schema of the values of an input of a contract."""


def _row_schema(contract: Contract, schema_of: FieldSchema) -> cs.CoreSchema:
    fields = {name: _field_schema(field, contract, schema_of) for name, field in contract.inputs.items()}
    extra = "forbid" if contract.unknown == "refuse" else "ignore"
    return cs.typed_dict_schema(fields, extra_behavior=extra)  # type: ignore[arg-type]


def _field_schema(field: AnyInput, contract: Contract, schema_of: FieldSchema) -> cs.TypedDictField:
    schema = schema_of(field, contract)
    marks = _numeric_marks(contract)
    if marks and isinstance(field, Number | Integer):
        schema = cs.no_info_before_validator_function(partial(_refuse_mark, marks, _may_be_absent(field)), schema)
    if field.optional:
        schema = cs.nullable_schema(schema)
    if _may_be_absent(field):
        default = utc(field.default, contract.zone) if isinstance(field, Instant) and field.default else field.default
        schema = cs.with_default_schema(schema, default=default)
        return cs.typed_dict_field(schema, required=False)
    return cs.typed_dict_field(schema, required=True)


def _may_be_absent(field: AnyInput) -> bool:
    return field.optional or field.default is not None


def _plain_schema(field: AnyInput, contract: Contract) -> cs.CoreSchema:
    """What is taken without a second look; of a category's texts, those that the contract lists."""
    if not isinstance(field, Category) or field.whole or field.categories is not None:
        return _value_schema(field, contract.zone)
    if not field.known:
        return _careful_schema(field, contract)
    listed = cs.literal_schema(list(field.known))
    return cs.chain_schema([_normal_text(), listed]) if field.normalise else listed


def _careful_schema(field: AnyInput, contract: Contract) -> cs.CoreSchema:
    """All that is taken: a value of the type, a listed text as it stands, or what another text means."""
    if isinstance(field, Series):  # no text stands for a list
        return _value_schema(field, contract.zone)
    value = _value_schema(field, contract.zone)
    reading: cs.CoreSchema = cs.chain_schema([_text_schema(field, contract), value])
    if isinstance(field, Number) and field.flags:
        flag = cs.chain_schema([cs.bool_schema(strict=True), cs.no_info_plain_validator_function(float), value])
        reading = cs.union_schema([flag, reading], mode="left_to_right")
    if not isinstance(field, Category) or field.whole:
        return cs.union_schema([_value_schema(field, contract.zone), reading], mode="left_to_right")
    if not field.known:
        return reading
    return cs.union_schema([cs.literal_schema(list(field.known)), reading], mode="left_to_right")


def _text_schema(field: AnyInput, contract: Contract) -> cs.CoreSchema:
    """Reads a text. One that means that there is no value is like an absent field, as an empty cell is."""
    read, may_be_absent = text_reader(field, contract.missing), _may_be_absent(field)

    def read_text(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("it is no text")
        text = read(value)
        if text is None:
            raise _no_value(may_be_absent)
        return text

    return cs.no_info_plain_validator_function(read_text)


def _no_value(may_be_absent: bool) -> Exception:
    """What a schema raises where there is no value."""
    return PydanticUseDefault() if may_be_absent else ValueError("there is no value")


def _numeric_marks(contract: Contract) -> frozenset[float]:
    """The marks of missing that are numbers, such as -999: in a body they are numbers too."""
    marks = set()
    for text in contract.missing:
        with suppress(ValueError):
            marks.add(float(text))
    return frozenset(marks)


def _is_mark(marks: frozenset[float], value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value in marks


def _refuse_mark(marks: frozenset[float], may_be_absent: bool, value: object) -> object:
    if _is_mark(marks, value):
        raise _no_value(may_be_absent)
    return value


def _value_schema(field: AnyInput, zone: ZoneInfo) -> cs.CoreSchema:
    """Strict types: a boolean is no number, a text is no number; but 45.0 is an integer."""
    if isinstance(field, Number):
        low, high = field.bounds
        return cs.float_schema(strict=True, allow_inf_nan=False, ge=low, le=high)
    if isinstance(field, Integer):
        return _integer_schema(*field.bounds)
    if isinstance(field, Flag):
        return cs.bool_schema(strict=True)
    if isinstance(field, Instant):
        return _instant_schema(zone)
    if isinstance(field, Series):
        return series_schema(_instant_schema(zone), field.max_points)
    if isinstance(field, Identifier):
        return cs.str_schema(strict=True, min_length=1, max_length=field.max_length, strip_whitespace=True)
    return _category_schema(field)


def _instant_schema(zone: ZoneInfo) -> cs.CoreSchema:
    text = cs.str_schema(strict=True, max_length=MAX_INSTANT)
    return cs.chain_schema([text, cs.no_info_plain_validator_function(partial(read_instant, zone=zone))])


def _integer_schema(low: int, high: int) -> cs.CoreSchema:
    exact = cs.float_schema(strict=True, allow_inf_nan=False, ge=low, le=high)
    return cs.chain_schema([exact, cs.int_schema()])


def _category_schema(field: Category) -> cs.CoreSchema:
    if field.whole:
        integer = _integer_schema(-INTEGER_LIMIT, INTEGER_LIMIT)
        if field.categories is None:
            return integer
        return cs.chain_schema([integer, cs.literal_schema(list(field.categories))])
    text = _normal_text() if field.normalise else cs.str_schema(strict=True, max_length=MAX_TEXT)
    if field.categories is None:
        return text
    listed = cs.literal_schema(list(field.categories))
    return cs.chain_schema([text, listed]) if field.normalise else listed


def _normal_text() -> cs.CoreSchema:
    return cs.str_schema(strict=True, max_length=MAX_TEXT, strip_whitespace=True, to_lower=True)
