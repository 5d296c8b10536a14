"""A dataset: a project's training rows, typed by its contract and encoded as its models take them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix
from vaticina.contract.validator import Row
from vaticina.datasets.splits import Index, Split, split_by_order, stratified_split


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows that satisfy the contract.

    ``matrix`` (rows, columns) float64 is the encoding of ``rows``; ``target`` (rows,) holds int64 indices into the
    contract's classes, or float64 numbers, or is None when there is nothing to predict. ``groups`` (rows,) are numbers:
    rows of one group stay on one side of every split. ``order`` (rows,) sorts the rows in time; without it, splits are
    random.
    """

    contract: Contract
    rows: list[Row]
    matrix: Matrix
    target: NDArray[Any] | None
    groups: Index
    order: NDArray[Any] | None = None
    fingerprint: str = ""
    """sha256 of the bytes of the source."""
    notes: tuple[str, ...] = ()
    """What was left out, in words."""

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.matrix)

    @property
    def strata(self) -> Index:
        """What every part of a split should hold in equal shares: the class of each row (rows,), or zeros."""
        if self.contract.classes and self.target is not None:
            return self.target.astype(np.intp)
        return np.zeros(self.size, dtype=np.intp)

    def with_contract(self, contract: Contract) -> "Dataset":
        """The same rows with a contract that takes the same inputs, such as one with a decision threshold."""
        return replace(self, contract=contract)

    def take(self, positions: Index) -> "Dataset":
        """The rows at ``positions``."""
        target, order = self.target, self.order
        if target is not None:
            target = target[positions]
        if order is not None:
            order = order[positions]
        return replace(
            self,
            rows=[self.rows[position] for position in positions],
            matrix=self.matrix[positions],
            target=target,
            groups=self.groups[positions],
            order=order,
        )

    def sample(self, rows: int, seed: int = 0) -> "Dataset":
        """About ``rows`` rows, drawn by class, or all when there are fewer."""
        if self.size <= rows:
            return self
        return self.take(stratified_split(self.groups, self.strata, rows / self.size, seed).held_out)

    def split(self, share: float, seed: int = 0) -> Split:
        """Training and held-out rows: ``share`` of each class is held out, or the last rows where there is an order."""
        if self.order is not None:
            return split_by_order(self.order, share)
        return stratified_split(self.groups, self.strata, share, seed)
