"""Conformal intervals: how far the truth lay from what was told, on rows held out."""

import math

import numpy as np

from vaticina.contract import Matrix


def reach_of(apart: Matrix, coverage: float) -> Matrix:
    """How far each step's interval must reach to hold in a share ``coverage`` of the cases.

    ``apart`` (n, steps) holds distances on rows that the model never saw, each in the scale of its row. The reach
    (steps,) is split conformal's: the distance of rank ⌈(n + 1) · coverage⌉ (Vovk, Gammerman, Shafer 2005; Lei et al.
    2018), the largest where there are too few rows for that rank.
    """
    count = len(apart)
    rank = min(math.ceil((count + 1) * coverage), count)
    reach: Matrix = np.sort(apart, axis=0)[rank - 1]
    return reach
