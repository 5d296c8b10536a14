"""Talking to a server over HTTP, whoever runs it; nothing of a server's insides is known here.

This file is light; what speaks HTTP is imported when it is asked for.
"""

from pathlib import Path

from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.replay_summary import ReplaySummary
from vaticina.progress import Report, no_report


def replay(data: Path, url: str, plan: ReplayPlan, report: Report = no_report) -> ReplaySummary:
    """What came back from the server at ``url`` for rows of the file ``data``, as ``client.replay`` says."""
    from vaticina.client.replay import replay as replay_rows

    return replay_rows(data, url, plan, report)
