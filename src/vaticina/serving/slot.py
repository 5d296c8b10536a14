"""A slot: the one loaded version of a project, exchanged whole."""

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
"""How far a number of an example may lie from what the version answered when it was published."""


@dataclass(slots=True, eq=False)
class LoadedVersion:
    """A version ready to answer; never mutated but for the count of requests that still need it."""

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
        """The model's outputs for ``matrix``, checked: as many rows out as in, and every number finite."""
        outputs = self.runtime.predict(matrix)
        for name, column in outputs.columns.items():
            if len(column) != len(matrix):
                raise PredictionFailed(f"The model answered {len(column)} rows to {len(matrix)}.")
            # one addition tells of a bad number; only then, or when good ones overflow, each is looked at
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
    """``bundle`` with its ``runtime``, warmed up and checked against the manifest's examples.

    Raises:
        BundleCorrupt: an example is answered otherwise than when the version was published; the runtime is closed.
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
    """Answers the manifest's examples, one by one and together, up to the last byte.

    Raises:
        BundleCorrupt: an answer is not the one that was given when the version was published.
    """
    examples = loaded.bundle.manifest.examples
    rows = [loaded.validator.check(example.input) for example in examples]
    if not rows:
        rows = [loaded.validator.check(loaded.contract.example())]
    together = loaded.outputs(loaded.encoder.matrix(rows))
    loaded.answers.shape(rows, together, [NOBODY] * len(rows), datetime.now(UTC))
    if not examples:
        return
    for at, (row, example) in enumerate(zip(rows, examples, strict=True)):
        alone = loaded.outputs(loaded.encoder.matrix([row]))
        for outputs, index in ((together, at), (alone, 0)):
            if not _same(outputs.row(index), example.outputs):
                raise BundleCorrupt(
                    f"Version {loaded.version} answers {outputs.row(index)} to its example {example.input}, "
                    f"but answered {example.outputs} when it was published; it is not served."
                )


NOBODY = "00000000-0000-0000-0000-000000000000"
"""The uid of answers that nobody gets."""


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_same(found[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(found == expected)


class Slot:
    """Holds the version that answers. Everything but ``load`` happens on the event loop's thread."""

    def __init__(self, absent: type[VaticinaError] = ModelUnavailable) -> None:
        self._current: LoadedVersion | None = None
        self._absent = absent

    @property
    def version(self) -> str | None:
        """The version that answers, if any."""
        return self._current.version if self._current else None

    @property
    def current(self) -> LoadedVersion:
        """The version that answers. Raises ModelUnavailable, or what the project says instead."""
        if self._current is None:
            raise self._absent
        return self._current

    def swap(self, new: LoadedVersion) -> None:
        """Lets ``new`` answer from now on; the old one leaves once nobody waits for it."""
        old, self._current = self._current, new
        if old is not None:
            old.retired = True
            release(old, 0)

    def clear(self) -> None:
        """Lets nothing answer from now on; the version leaves once nobody waits for it."""
        old, self._current = self._current, None
        if old is not None:
            old.retired = True
            release(old, 0)

    def close(self) -> None:
        """Lets the version go that answered last; nobody asks any more."""
        if self._current is not None:
            self._current.retired = True
            release(self._current, 0)


def release(loaded: LoadedVersion, count: int) -> None:
    """Takes ``count`` finished requests off ``loaded``; a retired version closes with its last one."""
    loaded.pending -= count
    if loaded.retired and not loaded.pending:
        try:
            loaded.runtime.close()
        except Exception:
            log.exception("version %s could not be closed", loaded.version)
