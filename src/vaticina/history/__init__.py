"""The history: every prediction, recorded before it is answered."""

from vaticina.history.history import History
from vaticina.history.memory import MemoryHistory
from vaticina.history.sql import SqlHistory, open_history
from vaticina.history.stored import Stats, Stored

__all__ = ["History", "MemoryHistory", "SqlHistory", "Stats", "Stored", "open_history"]
