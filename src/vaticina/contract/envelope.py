"""Bodies in an envelope: ``{"features": [rows]}``, answered by ``{"results": [answers]}``; and rows named by number."""

import jiter
import orjson

from vaticina.contract.contract import Contract
from vaticina.contract.fields import Identifier
from vaticina.contract.validator import Parsed, Row, Validator, unreadable

NUMBER = "{i}"
"""What stands in an identifier's default for the row's number in its request, from 0."""


def make_validator(contract: Contract, max_rows: int = 10_000) -> Validator:
    """The validator of ``contract``; only one with an envelope, or with numbered rows, pays for it."""
    numbered = _numbered(contract)
    if contract.envelope is None and not numbered:
        return Validator(contract, max_rows)
    return EnvelopeValidator(contract, max_rows, numbered)


def _numbered(contract: Contract) -> dict[str, str]:
    """The default of each identifier that numbers its rows."""
    defaults = {name: field.default for name, field in contract.inputs.items() if isinstance(field, Identifier)}
    return {name: default for name, default in defaults.items() if default and NUMBER in default}


class EnvelopeValidator(Validator):
    """Takes an envelope beside a row and a list of rows, and numbers the rows that have no identifier."""

    def __init__(self, contract: Contract, max_rows: int, numbered: dict[str, str]) -> None:
        super().__init__(contract, max_rows)
        self._numbered = numbered
        self._key = contract.envelope.request if contract.envelope else ""
        self._mark = orjson.dumps(self._key)
        self._frame = (b"{%b:[" % orjson.dumps(contract.envelope.answer), b"]}") if contract.envelope else (b"", b"")

    def parse(self, body: bytes) -> Parsed:
        """The rows in ``body``, as ``Validator.parse`` gives them; an envelope is answered by another."""
        if not self._key or self._mark not in body:
            return super().parse(body)
        try:
            document = jiter.from_json(body, catch_duplicate_keys=True, allow_inf_nan=False)
        except ValueError as error:
            raise unreadable(body, error) from None
        if type(document) is dict and type(document.get(self._key)) is list:
            return Parsed(self.check_all(document[self._key]), True, self._frame)
        return super().parse(body)

    def check(self, row: Row) -> Row:
        """``row`` as validated, number 0."""
        return self._named(super().check(row), 0)

    def check_all(self, rows: list[Row]) -> list[Row]:
        """All rows as validated, or none, numbered in their order."""
        return [self._named(row, at) for at, row in enumerate(super().check_all(rows))]

    def _named(self, row: Row, number: int) -> Row:
        for name, default in self._numbered.items():
            if row[name] is None or row[name] == default:
                row[name] = default.replace(NUMBER, str(number))
        return row
