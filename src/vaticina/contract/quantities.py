"""What an answer may ask of each kind of model."""

from vaticina.contract import Contract
from vaticina.errors import ProjectError

STAMPS = frozenset({"time", "version", "input", "id", "identifier"})
"""What every answer can hold."""


def check_outputs(contract: Contract) -> None:
    """Raises ProjectError for an output that a model of this kind does not give."""
    if contract.model.kind == "clusters":
        given = {"cluster", "score", "anomaly"}
    elif contract.model.kind == "window":
        given = {"value", "interval", "forecast", "confidence", "metrics"}
    elif contract.classes:
        given = {"label", "probability", "probabilities", "positive_probability"}
    else:
        given = {"value"}
    for name, output in contract.outputs.items():
        if output.quantity not in given | STAMPS:
            raise ProjectError(
                f"[outputs] {name} asks for {output.quantity!r}, which this model does not give; "
                f"choose among {', '.join(sorted(given | STAMPS))}."
            )
