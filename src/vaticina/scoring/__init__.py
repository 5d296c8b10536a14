"""Scoring: the rows of a file answered in batches, in memory that does not grow with the file."""

from vaticina.scoring.answer_cells import Version
from vaticina.scoring.score import ScoringFiles, ScoringSummary, score

__all__ = ["ScoringFiles", "ScoringSummary", "Version", "score"]
