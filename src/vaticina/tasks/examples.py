"""A version's examples: rows with its answers, by which a server checks that it loaded the same model."""

from collections.abc import Mapping, Sequence
from typing import Any

from vaticina.contract import Contract, Encoder, Runtime
from vaticina.contract.bundle import Example
from vaticina.contract.envelope import make_validator

MAX_ROWS = 4
"""Rows of the held-out data that go into a manifest."""


def answered_examples(contract: Contract, runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> tuple[Example, ...]:
    """The contract's own example and a few of ``rows``, with what ``runtime`` answers."""
    chosen = [make_validator(contract).check(contract.example()), *rows[:MAX_ROWS]]
    outputs = runtime.predict(Encoder(contract).matrix(chosen))
    examples = []
    for index, row in enumerate(chosen):
        examples.append(Example(input=dict(row), outputs=outputs.row(index)))
    return tuple(examples)
