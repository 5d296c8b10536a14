"""``python -m vaticina.api.launch``, which ``vaticina serve`` becomes: checks what a server needs, then serves.

What is checked here is imported once, for the checks and for the server alike.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import orjson

from vaticina.api.server import check_names, run
from vaticina.bootstrap import Workspace
from vaticina.contract import Contract, find_project
from vaticina.errors import ModelUnavailable, RegistryError, SettingsError, VaticinaError, VersionNotFound
from vaticina.serving.bucket_versions import pull_first
from vaticina.serving.listen_port import free_port, is_loopback, refusal_reason
from vaticina.serving.registry_versions import ALIAS
from vaticina.settings import hand_over
from vaticina.usecases.follow import followed_versions, pull_command
from vaticina.usecases.upgrade_history import upgrade_history


def main() -> None:
    """Serves the folders that the command line names, by default the nearest project."""
    options = _options()
    try:
        folders = options.folders or [find_project(Path.cwd())]
    except VaticinaError as error:
        _give_up(error)
    serve(folders, options.host, options.port, options.workers)


def serve(folders: Sequence[Path], host: str = "127.0.0.1", port: int | None = None, workers: int = 1) -> None:
    """Serves ``folders`` until a signal ends it; every error leaves as one line on standard error and exit code 1."""
    try:
        workspaces = [Workspace(folder) for folder in folders]
        port = port or workspaces[0].settings.port or workspaces[0].project.project.port
        check_names(workspaces)
        check_address(workspaces, host)
        check_port(host, port)
        contracts = [ready(workspace) for workspace in workspaces]
    except VaticinaError as error:
        _give_up(error)
    announce(workspaces, contracts, f"http://{_reachable(host)}:{port}")
    hand_over([workspace.project.folder for workspace in workspaces])
    settings = workspaces[0].settings
    run(host, port, workers, settings.log_level, as_json=settings.in_production)


def _give_up(error: VaticinaError) -> NoReturn:
    sys.stderr.write(f"error: {' '.join(error.message.split())}\n")
    sys.exit(1)


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="vaticina.api.launch")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


def check_address(workspaces: Sequence[Workspace], host: str) -> None:
    """Raises SettingsError for a public address of a project that does not declare itself open."""
    if is_loopback(host):
        return
    closed = [workspace.project for workspace in workspaces if workspace.project.security.auth != "none"]
    if closed:
        raise SettingsError(
            f"{closed[0].name} does not declare itself open, so it is not served on {host}: listen on 127.0.0.1 "
            f'(leave --host out), or write [security] auth = "none" into {closed[0].folder / "project.toml"} '
            "to answer everybody who can reach this machine."
        )
    warn(f'{host} may be reached from other machines, and [security] auth = "none" answers everybody without a key.')


def check_port(host: str, port: int) -> None:
    """Raises SettingsError unless ``port`` can be listened on."""
    reason = refusal_reason(host, port)
    if reason:
        other = free_port(host, port)
        raise SettingsError(f"{reason[0].upper()}{reason[1:]}; choose another with --port {other or 'N'}.")


def ready(workspace: Workspace) -> Contract:
    """The contract of the version that will answer, once the history's tables are up to date.

    Raises:
        ModelUnavailable: nothing was promoted yet, and the project does not train over HTTP.
        SettingsError: a variable of its collections cannot be used.
        RegistryError: the store does not answer, and no version that answered before is on this machine.
        HistoryUnavailable: the history's database does not answer.
    """
    contract = _contract(workspace)
    if workspace.project.kind.takes_series:
        workspace.collections()  # says what is wrong with its variables; nothing is connected
    upgrade_history(workspace)
    return contract


def _contract(workspace: Workspace) -> Contract:
    registry, name = workspace.registry(), workspace.project.name
    try:
        return registry.manifest(name, registry.resolve(name, ALIAS)).contract
    except VersionNotFound:
        if workspace.project.kind.takes_series:
            return workspace.project.draft()  # it is trained over HTTP
        folder = shlex.quote(str(workspace.project.folder))
        if workspace.project.imports.bucket:
            return _pulled(workspace)
        if not workspace.project.kind.is_trained:
            return _imported(workspace, folder)
        raise ModelUnavailable(f"{name} has no version in production yet; run: vaticina train {folder}") from None
    except RegistryError as error:
        bundle = registry.last_good(name, ALIAS)
        if bundle is None:
            raise
        warn(f"{error.message} Serving version {bundle.version}, the last one that answered here.")
        return bundle.manifest.contract


def _pulled(workspace: Workspace) -> Contract:
    """The contract of the models in the project's bucket, imported by a process of its own. Raises RegistryError."""
    warn(f"nothing is in production yet: taking the models of {workspace.project.imports.bucket}")
    pull_first(pull_command(workspace))
    registry, name = workspace.registry(), workspace.project.name
    return registry.manifest(name, registry.resolve(name, ALIAS)).contract


def _imported(workspace: Workspace, folder: str) -> Contract:
    """The contract of the files in the project's folder of models, imported by a process of its own."""
    name = workspace.project.name
    version = followed_versions(workspace).target()
    if version is None:
        raise ModelUnavailable(
            f"{name} has no version in production yet, and its folder of models holds none that can be imported; "
            f"run: vaticina import MODEL --into {folder}"
        )
    return workspace.registry().manifest(name, version).contract


def announce(workspaces: Sequence[Workspace], contracts: Sequence[Contract], url: str) -> None:
    """Writes where the server answers, and a line that shows it."""
    lines = [f"URL   {url}", f"Docs  {url}/docs"]
    for workspace, contract in zip(workspaces, contracts, strict=True):
        prefix = "" if len(workspaces) == 1 else f"/models/{workspace.project.name}"
        body = shlex.quote(orjson.dumps(contract.example()).decode())
        lines.append(f"Try   curl {url}{prefix}/predict -H 'Content-Type: application/json' -d {body}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def warn(message: str) -> None:
    """Writes a warning, one line."""
    sys.stderr.write(f"warning: {message}\n")


def _reachable(host: str) -> str:
    """``host`` as it stands in a URL of this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    main()
