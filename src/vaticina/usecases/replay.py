"""Replaying: rows of a file sent to a server as many callers would, and counted."""

from pathlib import Path

from vaticina import client
from vaticina.bootstrap import missing_libraries_named
from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.replay_summary import ReplaySummary
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.progress import Report, no_report


def replay(
    data: Path, url: str, plan: ReplayPlan, report: Report = no_report, notation: TableNotation = PLAIN
) -> ReplaySummary:
    """What came back from the server at ``url`` for rows of the file ``data``, which is written in ``notation``.

    Raises:
        DataError, MissingExtra: as ``client.replay``.
    """
    with missing_libraries_named():
        return client.replay_file(data, url, plan, report, notation)
