"""The history: every prediction, recorded before it is answered.

Light on purpose: a server imports this, and SQLAlchemy (``history.sql``) only when somebody reads.
"""

from vaticina.history.history import History
from vaticina.history.stored_prediction import Stats, StoredPrediction

__all__ = ["History", "Stats", "StoredPrediction"]
