"""A project's training data: rows and series, typed by its contract.

This file is light; what reads tables is imported when it is asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaticina.datasets.infer_contract import Inference


def infer(source: Path, name: str, target: str) -> "Inference":
    """The contract of the table in ``source`` for predicting ``target``, as ``infer_contract.infer`` says."""
    from vaticina.datasets import infer_contract

    return infer_contract.infer(source, name, target)
