"""The messages between a server and its worker process: plain bytes, never a pickle.

A batch is its numbers of rows and columns and then its doubles. A reply is one letter, which says what follows: nothing
(the worker is ready), outputs, or the reason why there are none.
"""

import struct

import numpy as np
import orjson

from vaticina.contract import Matrix, Outputs

SIZES = struct.Struct("<II")
READY, ANSWER, FAILURE = b"R", b"A", b"F"


def pack_batch(matrix: Matrix) -> bytes:
    """The batch ``matrix`` (n, columns) in bytes."""
    return SIZES.pack(*matrix.shape) + np.ascontiguousarray(matrix, dtype="<f8").tobytes()


def unpack_batch(data: bytes) -> Matrix:
    """The matrix (n, columns) that ``pack_batch`` wrote."""
    shape = SIZES.unpack_from(data)
    return np.frombuffer(data, dtype="<f8", offset=SIZES.size).reshape(shape)


def pack_outputs(outputs: Outputs) -> bytes:
    """The columns of ``outputs`` in bytes, their names and shapes before them."""
    entries: list[tuple[str, str, tuple[int, ...]]] = []
    columns: list[bytes] = []
    for name, column in outputs.columns.items():
        entries.append((name, column.dtype.str, column.shape))
        columns.append(np.ascontiguousarray(column).tobytes())
    head = orjson.dumps(entries)
    return SIZES.pack(outputs.size, len(head)) + head + b"".join(columns)


def unpack_outputs(data: bytes) -> Outputs:
    """The outputs that ``pack_outputs`` wrote."""
    size, length = SIZES.unpack_from(data)
    offset = SIZES.size + length
    columns = {}
    for name, dtype, shape in orjson.loads(data[SIZES.size : offset]):
        count = int(np.prod(shape))
        columns[name] = np.frombuffer(data, dtype=dtype, count=count, offset=offset).reshape(shape)
        offset += columns[name].nbytes
    return Outputs(size, columns)
