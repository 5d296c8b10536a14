"""Rows that an ONNX file is asked, to learn what its outputs are: numbers of many sizes, and those that it holds."""

from collections.abc import Iterator

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, numpy_helper

from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import Category, Flag
from vaticina.formats.columns import FittedTable
from vaticina.formats.plausible_rows import plausible_rows

SIZE = 300
"""Rows of each kind."""

NORMAL = ((0.0, 1.0), (0.0, 10.0), (0.0, 100.0), (5.0, 3.0))
"""Centre and deviation of rows of ordinary numbers."""

JITTER = 0.1
"""Rows near one that the file holds differ from it by this share of the size of its numbers."""


def trial_rows(contract: Contract, table: FittedTable, graph: onnx.GraphProto, seed: int = 0) -> Matrix:
    """(n, columns) encoded rows: plausible ones, ordinary numbers, and the rows that the file itself holds.

    A file of nearest neighbours holds its training rows, one of support vectors some of them, a scaler the means: those
    are where classes are told apart.
    """
    random = np.random.default_rng(seed)
    numbers = _number_columns(contract)
    blocks = [plausible_rows(contract, table, seed, SIZE)]
    for centre, deviation in NORMAL:
        block = plausible_rows(contract, table, seed, SIZE)
        block[:, numbers] = random.normal(centre, deviation, (SIZE, len(numbers)))
        blocks.append(block)
    for held in _held_rows(graph, len(numbers)):
        chosen = held[random.integers(0, len(held), SIZE)]
        block = plausible_rows(contract, table, seed, SIZE)
        block[:, numbers] = chosen + JITTER * np.abs(chosen).mean() * random.normal(size=chosen.shape)
        blocks.append(block)
    rows = np.concatenate(blocks)
    whole = random.random(len(rows)) < 1 / 3
    rows[whole] = np.round(rows[whole])
    return rows


def _number_columns(contract: Contract) -> list[int]:
    """The places of the columns that are neither categories nor flags."""
    places = []
    for place, column in enumerate(contract.columns):
        if not isinstance(contract.inputs[column.input], Category | Flag):
            places.append(place)
    return places


def _held_rows(graph: onnx.GraphProto, width: int) -> Iterator[NDArray[np.float64]]:
    """The constants of the graph that may be rows of ``width`` numbers: (m, width) each."""
    if width == 0:
        return
    for numbers in _constants(graph):
        if numbers.size and numbers.size % width == 0 and np.isfinite(numbers).all():
            yield numbers.reshape(-1, width)


def _constants(graph: onnx.GraphProto) -> Iterator[NDArray[np.float64]]:
    """The numbers with a fraction that the graph holds, of each constant: (n,)."""
    for tensor in graph.initializer:
        yield from _numbers(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.FLOATS:
                yield np.array(attribute.floats, dtype=np.float64)
            elif attribute.type == AttributeProto.TENSOR:
                yield from _numbers(attribute.t)


def _numbers(tensor: onnx.TensorProto) -> Iterator[NDArray[np.float64]]:
    values = numpy_helper.to_array(tensor)
    if values.dtype.kind == "f":
        yield values.astype(np.float64).reshape(-1)
