"""An engine with a toy contract, a real history in memory, and ways to ask it."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from tests.history.memory import MemoryHistory
from vaticina.contract import Bundle, Contract, Manifest, Parsed, Record, Runtime
from vaticina.contract.bundle import Example
from vaticina.contract.fields import Identifier, Number
from vaticina.contract.project import Serving
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable
from vaticina.serving.batch import Prediction
from vaticina.serving.engine import Engine
from vaticina.serving.recorder import Durability, Journal, Recorder
from vaticina.serving.slot import LoadedVersion, load

TOY = Contract.model_validate(
    {
        "name": "toy",
        "inputs": {
            "x": Number(min=-1e6, max=1e6, example=1.0),
            "name": Identifier(optional=True),
        },
        "outputs": {"y": "value", "version": "version", "id": "id"},
    }
)


def manifest(version: str, contract: Contract = TOY, examples: Sequence[Example] = ()) -> Manifest:
    return Manifest(
        project=contract.name,
        version=version,
        created=datetime.now(UTC),
        contract=contract,
        contract_hash=contract.hash,
        runtime="native",
        files={},
        python="3.11",
        libraries={},
        examples=tuple(examples),
    )


def loaded(runtime: Runtime, version: str = "v1", contract: Contract = TOY, max_rows: int = 10_000) -> LoadedVersion:
    return load(Bundle(Path(), manifest(version, contract)), runtime, max_rows)


class Rig:
    """``MemoryHistory`` unless another journal is given; use it inside one running loop."""

    def __init__(
        self,
        runtime: Runtime,
        journal: Journal | None = None,
        durability: Durability = "commit",
        limits: Serving | None = None,
    ) -> None:
        self.history = MemoryHistory()
        self.engine = Engine(Recorder(journal or self.history, durability), limits or Serving())
        self.engine.slot.swap(loaded(runtime))

    def submit(self, *xs: float) -> "asyncio.Future[Prediction]":
        """The answer to come for a list of rows."""
        rows = self.engine.slot.current.validator.check_all([{"x": x} for x in xs])
        return self.engine.predict(self.engine.slot.current, Parsed(rows, True), f"request-{xs[0]}", None)

    def submit_each(self, xs: Iterable[float]) -> "list[asyncio.Future[Prediction]]":
        """The answers to come for requests of one row each."""
        return [self.submit(float(x)) for x in xs]

    async def ask(self, *xs: float) -> list[float]:
        """What is answered to a list of rows."""
        return ys(await self.submit(*xs))

    async def settle(self, *futures: "asyncio.Future[Prediction]") -> list[Prediction | BaseException]:
        """Every result or error, once the engine has nothing left to do."""
        results = await asyncio.gather(*futures, return_exceptions=True)
        await self.engine.drained()
        return results

    def uids(self) -> list[str]:
        """The uids in the history."""
        return [item.record.uid for item in self.history.page("toy", limit=1_000_000)]


def ys(prediction: Prediction) -> list[float]:
    return [orjson.loads(body)["y"] for body in prediction.bodies]


def answered(results: Sequence[Prediction | BaseException]) -> list[Prediction]:
    return [result for result in results if isinstance(result, Prediction)]


def all_ys(results: Sequence[Prediction | BaseException]) -> list[float]:
    """The answers of all requests that were answered, in order."""
    answers: list[float] = []
    for prediction in answered(results):
        answers += ys(prediction)
    return answers


class Unreachable:
    """A history that raises ``away`` until ``up`` is set."""

    def __init__(self, away: Exception | None = None) -> None:
        self.away = away or HistoryUnavailable()
        self.up = False
        self.records: list[Record] = []

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        if not self.up:
            raise self.away
        self.records += records
