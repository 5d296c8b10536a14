"""A project's training data: rows and series, typed by its contract.

This file is light; what reads tables is imported when it is asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from vaticina.datasets.table_options import TableOptions

if TYPE_CHECKING:
    from vaticina.datasets.contract_inference import Inference


def infer_contract(source: Path, name: str, target: str, options: TableOptions) -> "Inference":
    """The contract of the table in ``source`` for predicting ``target``, as ``contract_inference`` says."""
    from vaticina.datasets import contract_inference

    return contract_inference.infer_contract(source, name, target, options)
