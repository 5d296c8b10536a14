"""How a table's model is compiled: by the converters of each class in it, ours among them."""

from vaticina.contract import Contract
from vaticina.exact.compile import Compiled, compile_table
from vaticina.tasks.row_space import goal_of
from vaticina.tasks.table import calibrated_graph

CONVERTER_FILES = (calibrated_graph,)
"""Converters of our own classes, registered by being imported."""


def compile_model(model: object, contract: Contract) -> Compiled:
    """The graph of a fitted ``model`` under ``contract``. Raises NotCompilable."""
    return compile_table(model, goal_of(contract))
