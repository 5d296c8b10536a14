"""Scoring: a file's rows answered in bulk, batch by batch, in memory that does not grow with the file."""

from vaticina.scoring.answer_cells import Version
from vaticina.scoring.score import Files, Scored, score

__all__ = ["Files", "Scored", "Version", "score"]
