"""Conformal intervals: their width is learnt from the errors on held-out rows."""

import math

import numpy as np

from vaticina.contract import Matrix


def interval_half_widths(errors: Matrix, coverage: float) -> Matrix:
    """How far each step's interval must reach to hold the truth in a share ``coverage`` of the cases: (steps,).

    ``errors`` (n, steps) are absolute errors on rows that the model never saw, each in the scale of its row. This is
    split conformal prediction: the error of rank ⌈(n + 1) · coverage⌉ (Vovk, Gammerman, Shafer 2005; Lei et al. 2018),
    the largest where there are too few rows for that rank.
    """
    count = len(errors)
    rank = min(math.ceil((count + 1) * coverage), count)
    half_widths: Matrix = np.sort(errors, axis=0)[rank - 1]
    return half_widths
