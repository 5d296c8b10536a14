"""Releasing: a candidate becomes a version, which is promoted if it passes the project's gate."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from vaticina.bootstrap import Workspace, open_runtime
from vaticina.contract import Manifest
from vaticina.contract.project import Gate
from vaticina.errors import RegistryError
from vaticina.evaluation.gate import judge
from vaticina.progress import Report
from vaticina.registry import Registry
from vaticina.serving.registry_versions import ALIAS
from vaticina.tasks.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Published:
    """A version that was published. ``refusal`` is why it was not promoted; None when it was."""

    manifest: Manifest
    refusal: str | None


def release(
    workspace: Workspace, candidate: Candidate, report: Report, *, note: str, promote: bool = True
) -> Published:
    """Publishes ``candidate`` as a version of the project, and promotes it if it passes the gate.

    A candidate without metrics, such as an imported model, was measured on nothing, so no gate judges it. ``note`` is
    kept with the promotion.

    Raises:
        ProjectError: the gate names a metric that this model does not have.
        RegistryError: the store does not answer.
    """
    project = workspace.project
    registry = workspace.registry()
    report("publishing", 0.95)
    manifest = registry.publish(
        project.name,
        candidate.contract,
        candidate.served.family,
        {**candidate.served.files, **candidate.artefacts},
        metrics=dict(candidate.metrics),
        verification=candidate.served.verification,
        training=dict(candidate.training),
        data=dict(candidate.data),
        git_commit=git_commit(project.folder),
        baseline=dict(candidate.baseline),
        examples=candidate.examples,
    )
    refusal = None
    if project.gate is not None and candidate.metrics:
        refusal = _refusal(workspace, registry, project.gate, candidate)
    if refusal is None and not promote:
        refusal = "it was not asked for"
    if refusal is None:
        registry.promote(project.name, manifest.version, note=note)
    report("done", 1.0)
    return Published(manifest, refusal)


def _refusal(workspace: Workspace, registry: Registry, gate: Gate, candidate: Candidate) -> str | None:
    """Why the gate keeps the candidate from production; None when it may go there."""
    refusal = judge(gate, candidate.metrics, None)
    if refusal is not None or not gate.not_worse_than:
        return refusal
    name = workspace.project.name
    try:
        bundle = registry.fetch(name, registry.resolve(name, ALIAS))
        runtime = open_runtime(bundle, frozenset(workspace.project.imports.allow))
    except RegistryError:
        return None
    try:
        comparison = candidate.compare(bundle, runtime)
    finally:
        runtime.close()
    if comparison is None:
        return None
    metrics, production = comparison
    return judge(gate.model_copy(update={"at_least": None, "at_most": None}), metrics, production)


def git_commit(folder: Path) -> str | None:
    """The commit of the project's checkout, if it is one."""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 -- git on PATH
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout.strip() or None
