"""The history: every prediction, recorded before it is answered.

This package imports little: a server loads SQLAlchemy (``history.sql``) only when somebody reads the history.
"""

from vaticina.history.history import History
from vaticina.history.stored_prediction import Stats, StoredPrediction

__all__ = ["History", "Stats", "StoredPrediction"]
