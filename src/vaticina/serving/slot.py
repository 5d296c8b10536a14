"""A slot: it holds the version of a project that answers, and exchanges it for another one."""

import logging
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from vaticina.contract import Answers, Bundle, Contract, Encoder, Matrix, Outputs, Runtime, SeenRange, Validator
from vaticina.contract.envelope import make_validator
from vaticina.errors import BundleCorrupt, ModelUnavailable, PredictionFailed, VaticinaError

log = logging.getLogger("vaticina")

TOLERANCE = 1e-4
"""How far a number may differ from the answer to an example at the publication, absolute and relative."""

EXAMPLE_UID = "00000000-0000-0000-0000-000000000000"
"""The uid in answers to examples, which no caller gets."""


@dataclass(slots=True, eq=False)
class LoadedVersion:
    """A version in memory, ready to answer. ``pending`` is how many requests still need it."""

    bundle: Bundle
    runtime: Runtime
    validator: Validator
    encoder: Encoder
    answers: Answers
    seen: SeenRange
    pending: int = 0
    retired: bool = field(default=False)

    @property
    def contract(self) -> Contract:
        """The contract this version was published with."""
        return self.bundle.manifest.contract

    @property
    def version(self) -> str:
        """The version's id."""
        return self.bundle.version

    def outputs(self, matrix: Matrix) -> Outputs:
        """The model's outputs for ``matrix``: as many rows as in ``matrix``, and only finite numbers.

        Raises PredictionFailed for any other outputs.
        """
        outputs = self.runtime.predict(matrix)
        for name, column in outputs.columns.items():
            if len(column) != len(matrix):
                raise PredictionFailed(f"The model answered {len(column)} rows to {len(matrix)}.")
            # A sum shows that a number is not finite. Only then, or when the sum overflows, each number is checked.
            if (
                column.dtype.kind == "f"
                and not math.isfinite(np.add.reduce(column, axis=None))
                and not np.isfinite(column).all()
            ):
                raise PredictionFailed(f"The model's {name} is not a finite number.")
        if outputs.size != len(matrix):
            raise PredictionFailed(f"The model answered {outputs.size} rows to {len(matrix)}.")
        return outputs


def load(bundle: Bundle, runtime: Runtime, max_rows: int) -> LoadedVersion:
    """``bundle`` with its ``runtime``, warmed up and checked against the examples of the manifest.

    Raises:
        BundleCorrupt: the answer to an example differs from that at the publication; the runtime is closed.
    """
    contract = bundle.manifest.contract
    loaded = LoadedVersion(
        bundle,
        runtime,
        make_validator(contract, max_rows),
        Encoder(contract),
        Answers(contract, bundle.version, bundle.manifest.metrics),
        SeenRange(contract),
    )
    try:
        warm_up(loaded)
    except BaseException:
        runtime.close()
        raise
    return loaded


def warm_up(loaded: LoadedVersion) -> None:
    """Answers the manifest's examples, all at once and one by one, and compares the outputs with the recorded ones.

    Raises:
        BundleCorrupt: an answer differs from that at the publication.
    """
    examples = loaded.bundle.manifest.examples
    inputs = [example.input for example in examples] or [loaded.contract.example()]
    rows = list(map(loaded.validator.check, inputs))
    together = loaded.outputs(loaded.encoder.matrix(rows))
    loaded.answers.shape(rows, together, [EXAMPLE_UID] * len(rows), datetime.now(UTC))
    for index, example in enumerate(examples):
        alone = loaded.outputs(loaded.encoder.matrix([rows[index]]))
        for answer in (together.row(index), alone.row(0)):
            if not _matches(answer, example.outputs):
                raise BundleCorrupt(
                    f"Version {loaded.version} answers {answer} to its example {example.input}, "
                    f"but answered {example.outputs} when it was published; it is not served."
                )


def _matches(answer: Any, expected: Any) -> bool:
    """Whether ``answer`` equals ``expected``, with numbers within ``TOLERANCE``."""
    if isinstance(expected, dict):
        same_keys = answer.keys() == expected.keys()
        return same_keys and all(_matches(answer[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(_matches, answer, expected))
    if isinstance(expected, float):
        return math.isclose(answer, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(answer == expected)


class Slot:
    """Holds the version that answers. It is used on the event loop's thread only."""

    def __init__(self, absent: type[VaticinaError] = ModelUnavailable) -> None:
        self._current: LoadedVersion | None = None
        self._absent = absent

    @property
    def version(self) -> str | None:
        """The id of the version that answers; None when the slot is empty."""
        return self._current.version if self._current else None

    @property
    def current(self) -> LoadedVersion:
        """The version that answers. Raises the error ``absent`` when the slot is empty."""
        if self._current is None:
            raise self._absent
        return self._current

    def swap(self, new: LoadedVersion) -> None:
        """Replaces the version by ``new``. The old one is closed after its last request."""
        old, self._current = self._current, new
        _retire(old)

    def clear(self) -> None:
        """Empties the slot. The version is closed after its last request."""
        old, self._current = self._current, None
        _retire(old)

    def close(self) -> None:
        """Closes the version after its last request; the slot is not used any more."""
        _retire(self._current)


def _retire(loaded: LoadedVersion | None) -> None:
    if loaded is not None:
        loaded.retired = True
        release(loaded, 0)


def release(loaded: LoadedVersion, count: int) -> None:
    """Subtracts ``count`` finished requests from ``loaded``; a retired version is closed after the last one."""
    loaded.pending -= count
    if loaded.retired and not loaded.pending:
        try:
            loaded.runtime.close()
        except Exception:
            log.exception("version %s could not be closed", loaded.version)
