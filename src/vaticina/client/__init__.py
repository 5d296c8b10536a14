"""A client of prediction servers: it sends rows over HTTP, and uses none of the server's own modules.

The modules that need an HTTP library are imported when a replay begins.
"""

from pathlib import Path

from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.replay_summary import ReplaySummary
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.progress import Report, no_report


def replay_file(
    data: Path, url: str, plan: ReplayPlan, report: Report = no_report, notation: TableNotation = PLAIN
) -> ReplaySummary:
    """Sends rows of the file ``data`` to the server at ``url``, and counts the answers: see ``client.replay``."""
    from vaticina.client.replay import replay as replay_rows

    return replay_rows(data, url, plan, report, notation)
