"""An original that is dear to ask: once, for all rows, whose answers are then remembered."""

from collections.abc import Mapping

import numpy as np

from vaticina.contract import Matrix, Outputs
from vaticina.exact.verify import Ask


def remembered(ask: Ask, rows: Mapping[str, Matrix]) -> Ask:
    """Answers any of ``rows`` (n, columns) as ``ask`` answered them, all at once."""
    every = np.ascontiguousarray(np.concatenate(list(rows.values())))
    outputs = ask(every)
    place = {row.tobytes(): at for at, row in enumerate(every)}

    def again(matrix: Matrix) -> Outputs:
        at = [place[row.tobytes()] for row in np.ascontiguousarray(matrix)]
        return Outputs(len(at), {name: column[at] for name, column in outputs.columns.items()})

    return again
