"""The parameters of clusters: what ``[model] params`` may hold for kind ``clusters``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from vaticina.errors import ProjectError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClustersParams:
    """What a project may choose.

    ``order`` is a column of the matrix: clusters are numbered from 0 by ascending centre on it. ``samples`` rows are
    drawn for each of ``trees`` trees. ``fence`` is how many interquartile ranges beyond the quartile a score must
    lie to be an anomaly when no row is labelled; 3 is Tukey's "far out" (1977, "Exploratory Data Analysis").
    """

    clusters: int = 5
    order: int = 0
    trees: int = 200
    samples: int = 512
    fence: float = 3.0
    random_state: int = 0


def read_clusters_params(clusters: int, params: Mapping[str, Any], columns: Sequence[str]) -> ClustersParams:
    """The parameters of a contract: ``params`` as the project writes them, where ``order`` is a column's name.

    Raises:
        ProjectError: there is no parameter of that name, or no column is called as ``order`` says.
    """
    names = [field.name for field in fields(ClustersParams) if field.name != "clusters"]
    unknown = sorted(set(params) - set(names))
    if unknown:
        raise ProjectError(f"[model] params: there is no {', '.join(unknown)}; choose among {', '.join(names)}.")
    order = params.get("order", columns[0])
    if order not in columns:
        raise ProjectError(f"[model] params: order is {order!r}, but the inputs are {', '.join(columns)}.")
    return ClustersParams(**{**params, "clusters": clusters, "order": list(columns).index(order)})
