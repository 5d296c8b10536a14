"""Tiny real runtimes: each shows one thing that a model may do."""

import time
from threading import Event

import numpy as np

from vaticina.contract import Matrix, Outputs


def values(column: Matrix) -> Outputs:
    return Outputs(len(column), {"value": column})


class Echo:
    """Answers each row's x, and counts what it is asked."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.closed = 0

    def predict(self, matrix: Matrix) -> Outputs:
        assert not self.closed, "a closed runtime was asked"
        self.batches.append(len(matrix))
        return values(matrix[:, 0].copy())

    def close(self) -> None:
        self.closed += 1


class Constant(Echo):
    """Answers one number, by which its version is known."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def predict(self, matrix: Matrix) -> Outputs:
        return values(np.full(super().predict(matrix).size, self._value))


class Slow(Echo):
    """Takes ``seconds`` for a batch, whatever its size."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def predict(self, matrix: Matrix) -> Outputs:
        time.sleep(self._seconds)
        return super().predict(matrix)


class Held(Echo):
    """Answers while ``go`` is set; ``asked`` tells that a batch has come."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()
        self.go.set()
        self.asked = Event()

    def predict(self, matrix: Matrix) -> Outputs:
        self.asked.set()
        assert self.go.wait(30)
        return super().predict(matrix)


class FailsOn(Echo):
    """Raises ``error`` when x is ``value`` in any row of the batch."""

    def __init__(self, value: float, error: BaseException) -> None:
        super().__init__()
        self._value = value
        self._error = error

    def predict(self, matrix: Matrix) -> Outputs:
        outputs = super().predict(matrix)
        if (matrix[:, 0] == self._value).any():
            raise self._error
        return outputs


class NaNOn(Echo):
    """Answers NaN where x is ``value``."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def predict(self, matrix: Matrix) -> Outputs:
        super().predict(matrix)
        return values(np.where(matrix[:, 0] == self._value, np.nan, matrix[:, 0]))


class OneTooMany(Echo):
    """Answers a row more than it was asked, for batches of two or more."""

    def predict(self, matrix: Matrix) -> Outputs:
        super().predict(matrix)
        return values(np.append(matrix[:, 0], 0.0) if len(matrix) > 1 else matrix[:, 0])


class NeverCloses(Constant):
    """Raises when it is told to close."""

    def close(self) -> None:
        super().close()
        raise OSError("the device is gone")
