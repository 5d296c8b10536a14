"""Replaying: rows of a file sent to a server as many callers would, and counted."""

from pathlib import Path

from vaticina import client
from vaticina.bootstrap import extra
from vaticina.client.replay_plan import Plan
from vaticina.client.replay_summary import Tally
from vaticina.progress import Report, no_report


def replay(data: Path, url: str, plan: Plan, report: Report = no_report) -> Tally:
    """What came back from the server at ``url`` for rows of the file ``data``. Raises DataError and MissingExtra."""
    with extra("replay"):
        return client.replay(data, url, plan, report)
