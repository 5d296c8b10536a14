"""The version that is made of a model made elsewhere."""

from dataclasses import dataclass
from typing import Any

from vaticina.bootstrap import SERVED_FORM, Published, Report, Workspace, git_commit, resolve
from vaticina.contract.bundle import Example
from vaticina.errors import ImportRefused
from vaticina.formats.openable import check_openable
from vaticina.serving.slot import examples

NATIVE = "native"
"""The runtime of a model that is not compiled."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that was made elsewhere in the form in which it is served, and what it answers to examples."""

    imported: Any
    served: Any
    examples: tuple[Example, ...]


def prepare(imported: Any, allow: frozenset[str], report: Report) -> Prepared:
    """Compiles and verifies ``imported``; nothing is written yet.

    Raises:
        ImportRefused: the model is of other versions, and what was rebuilt of it here does not answer the same; or it
            does not answer what its contract allows.
        PickleRefused: it is not compiled, and is no pickle that a server opens by the list.
    """
    report("compiling and verifying", 0.5)
    served = resolve(SERVED_FORM)(imported.model, imported.contract, imported.rows, imported.original)
    _check(imported, served, allow)
    return Prepared(imported, served, _examples(imported, served))


def publish_import(workspace: Workspace, prepared: Prepared, report: Report) -> Published:
    """Publishes it as a version of the project, and promotes it. Raises RegistryError."""
    imported, served, project = prepared.imported, prepared.served, workspace.project
    registry = workspace.registry()
    report("publishing", 0.9)
    manifest = registry.publish(
        project.name,
        imported.contract,
        served.runtime,
        served.files,
        verification=served.verification,
        training={
            "estimator": imported.facts.get("estimator", "imported"),
            "imported": imported.facts["files"],
            "opened_with": dict(imported.facts["libraries"]),
            "notes": list(imported.notes),
        },
        data={"files": imported.facts["sha256"]},
        git_commit=git_commit(project.folder),
        examples=prepared.examples,
    )
    registry.promote(project.name, manifest.version, note="imported")
    report("done", 1.0)
    return Published(manifest, None)


def _examples(imported: Any, served: Any) -> tuple[Example, ...]:
    """What the version answers to its contract's example. Raises ImportRefused when it answers nothing."""
    try:
        return examples(imported.contract, served.opened, ())
    except Exception as error:  # a model of others raises what it pleases
        row = imported.contract.example()
        raise ImportRefused(f"The model does not answer {row}, which its contract allows: {error}.") from None


def _check(imported: Any, served: Any, allow: frozenset[str]) -> None:
    """Raises ImportRefused and PickleRefused unless a server may serve what is not compiled."""
    if served.runtime == NATIVE and imported.original is not None:
        reason = served.verification.get("reason", "it is not")
        raise ImportRefused(f"The model is of other versions, so it is served compiled or not at all: {reason}.")
    check_openable(served.runtime, served.files, allow)
