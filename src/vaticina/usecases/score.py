"""Scoring: every row of a file answered by one version of a project, into another file. Nothing is recorded."""

from dataclasses import replace

from vaticina import scoring
from vaticina.bootstrap import Workspace
from vaticina.progress import Report, no_report
from vaticina.scoring import ScoringFiles, ScoringSummary
from vaticina.serving.registry_versions import ALIAS


def score(
    workspace: Workspace, files: ScoringFiles, version: str = ALIAS, report: Report = no_report
) -> ScoringSummary:
    """The rows of ``files.source`` with the answers of ``version``, which may be an alias, in ``files.target``.

    Raises:
        VersionNotFound, RegistryError: there is no such version, or the store does not answer.
        ContractViolation, DataError, MissingExtra: as ``scoring.score``.
    """
    loaded = workspace.versions().load(workspace.registry().resolve(workspace.project.name, version))
    try:
        return scoring.score(loaded, replace(files, notation=workspace.project.data), report)
    finally:
        loaded.runtime.close()
