"""What stands behind a project: the port, the history, the store, the version in production and its libraries."""

import asyncio
from collections.abc import Iterator

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import nearby
from vaticina.cli.checks.finding import Finding
from vaticina.contract import Manifest
from vaticina.errors import VaticinaError, VersionNotFound
from vaticina.history.sql import open_history
from vaticina.registry.libraries import library_versions
from vaticina.registry.store_probe import check_put_if_absent
from vaticina.serving.listen_port import free_port, refusal_reason
from vaticina.serving.registry_versions import ALIAS

HOST = "127.0.0.1"


def check_port(workspace: Workspace) -> Finding:
    """The port is free. A server of this project that runs already is the usual reason why it is not."""
    port = workspace.settings.port or workspace.project.project.port
    reason = refusal_reason(HOST, port)
    if reason is None:
        return Finding("ok", "port", f"port {port} of {HOST} is free")
    return Finding(
        "warn", "port", f"{reason}: unless that is this project's server, serve with --port {free_port(HOST, port)}."
    )


def check_history(workspace: Workspace) -> Finding:
    """The history answers, its tables are those of this Vaticina, and it can be written. Nothing is created."""
    history = open_history(workspace.places.history, durability=workspace.project.history.durability)
    try:
        found = history.schema_version()
        if found is None:
            return Finding("ok", "history", "no tables yet: the first 'vaticina serve' makes them")
        if not history.is_current():
            return Finding(
                "warn", "history", f"its tables have version {found}: 'vaticina history upgrade' or serve updates them."
            )
        history.ping()
        return Finding("ok", "history", f"{history.total(workspace.project.name)} predictions, tables up to date")
    except VaticinaError as error:
        return Finding("fail", "history", error.message)
    finally:
        history.close()


def check_collections(workspace: Workspace) -> Finding:
    """The database of the collections answers."""

    async def ask() -> Finding:
        collections = workspace.collections()
        try:
            server, names = await collections.ping(), await collections.names()
        finally:
            await collections.close()
        return Finding("ok", "collections", f"{collections.name} answers ({server.version}); {len(names)} collections")

    if workspace.settings.mongodb_url is None and not workspace.places.collections.exists():
        return Finding("ok", "collections", "no collection yet: 'vaticina data load COLLECTION FILE' makes one")
    try:
        return asyncio.run(ask())
    except VaticinaError as error:
        return Finding("fail", "collections", error.message)


def check_registry(workspace: Workspace) -> list[Finding]:
    """The store answers and honours put-if-absent, and the version in production is whole and answers."""
    registry, name = workspace.registry(), workspace.project.name
    try:
        count = len(registry.versions(name))
        check_put_if_absent(registry.store)
    except VaticinaError as error:
        return [Finding("fail", "store", error.message)]
    found = Finding("ok", "store", f"{registry.store.name} answers and is safe; {count} versions")
    try:
        version = registry.resolve(name, ALIAS)
    except VersionNotFound:
        remedy = f"no version is in production yet; run: vaticina train {nearby(workspace.project.folder)}"
        return [found, Finding("warn", "production", remedy)]
    return [found, *_check_version(workspace, version)]


def _check_version(workspace: Workspace, version: str) -> Iterator[Finding]:
    try:
        loaded = workspace.versions().load(version)
        loaded.runtime.close()
    except VaticinaError as error:
        yield Finding("fail", "production", error.message)
        return
    manifest = loaded.bundle.manifest
    yield Finding("ok", "production", f"{version} is whole, and its {len(manifest.examples)} examples answer as before")
    yield check_libraries(manifest)


def check_libraries(manifest: Manifest) -> Finding:
    """The libraries here are those the version was made with, as far as it needs them to answer."""
    here = library_versions()
    made = {name: version for name, version in manifest.libraries.items() if here.get(name) != version}
    differ = [f"{name} {version} (here {here.get(name, 'none')})" for name, version in made.items()]
    if not differ:
        return Finding("ok", "libraries", "the same as those the version was made with")
    remedy = "its examples answer as before, so this is no hurry; train it anew to be sure"
    return Finding("warn", "libraries", f"made with {', '.join(differ)}: {remedy}.")
