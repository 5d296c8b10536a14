"""Requests with an ``Idempotency-Key``: what was answered once is answered again, and recorded once."""

import asyncio
from collections.abc import Sequence

import orjson

from vaticina.api.service import Service
from vaticina.contract import Contract, Encoder, Parsed, Record, SeenRange
from vaticina.contract.seen_range import outside_names
from vaticina.contract.sentence import Sentence
from vaticina.errors import IdempotencyConflict, RequestError
from vaticina.serving.batch import Prediction

MAX_KEY = 255


class Keyed:
    """The predict route of ``service`` for requests with a key, which its history knows again."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def predict(
        self, body: bytes, key: bytes, request_id: str, principal: str | None
    ) -> tuple[Prediction, Parsed]:
        """The prediction for ``body``, or the recorded one of the caller's earlier request with ``key``.

        Two such requests at once are recorded once too: the history takes one, and the other gets its answer.

        Raises:
            RequestError: the key cannot be used, or this project's history could forget it.
            IdempotencyConflict: the key was sent with other rows.
        """
        text = self._checked(key)
        recorded = await self._recorded(principal, text)
        loaded = self._service.engine.slot.current  # from here to the queue nothing waits
        parsed = loaded.validator.parse(body)
        if not recorded:
            try:
                return await self._service.engine.predict(loaded, parsed, request_id, principal, text), parsed
            except IdempotencyConflict:
                recorded = await self._recorded(principal, text)
        return again(recorded, parsed, loaded.contract), parsed

    def _checked(self, key: bytes) -> str:
        if not self._service.records:
            raise RequestError(Sentence("key_without_history"))
        text = key.decode("latin-1")
        if not text.isascii() or not text.isprintable() or not 0 < len(text) <= MAX_KEY:
            raise RequestError(Sentence("key_unusable", max=MAX_KEY))
        return text

    async def _recorded(self, principal: str | None, key: str) -> list[Record]:
        service = self._service
        predictions = await asyncio.to_thread(service.archive.answered, service.project.name, principal, key)
        return [prediction.record for prediction in predictions]


def again(recorded: Sequence[Record], parsed: Parsed, contract: Contract) -> Prediction:
    """What was answered to the rows in ``parsed``. Raises IdempotencyConflict unless they are the recorded ones."""
    if len(parsed.rows) != len(recorded):
        raise IdempotencyConflict(Sentence("key_other_count", before=len(recorded), now=len(parsed.rows)))
    for index, (row, record) in enumerate(zip(parsed.rows, recorded, strict=True)):
        if orjson.dumps(row, option=orjson.OPT_UTC_Z).decode() != record.input:
            raise IdempotencyConflict(Sentence("key_other_row", row=index))
    uids = [record.uid for record in recorded]
    bodies = [_body(record, contract) for record in recorded]
    return Prediction(uids, bodies, recorded[0].version, _outside(recorded, parsed, contract))


def _outside(recorded: Sequence[Record], parsed: Parsed, contract: Contract) -> tuple[str, ...]:
    """The inputs that lie, in any of the rows, outside what training saw.

    The history holds which rows, not which inputs: they are found by the contract of now.
    """
    if not any(record.outside_range for record in recorded):
        return ()
    rows = SeenRange(contract).outside(Encoder(contract).matrix(parsed.rows))
    return outside_names(rows, 0, len(recorded))


def _body(record: Record, contract: Contract) -> bytes:
    """The answer as it was given: what was recorded, with the copy of the row where the contract has one."""
    copies = [name for name, output in contract.outputs.items() if output.quantity == "input"]
    if not copies:
        return record.output.encode()
    fields = list(orjson.loads(record.output).items())
    for index, name in enumerate(contract.outputs):
        if name in copies:
            fields.insert(index, (name, orjson.Fragment(record.input)))
    return orjson.dumps(dict(fields))
