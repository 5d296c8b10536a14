"""medico with a history of any length, and servers of many projects."""

from pathlib import Path
from shutil import copy, copytree

from benchmarks.contenders import VATICINA, Contender, prepare, serve, trained_medico
from benchmarks.growth.filling import fill
from vaticina.contract import Manifest
from vaticina.registry import Registry, open_registry

DATABASE = "predicciones.db"
_FACTS = ("python", "libraries", "metrics", "baseline", "data", "training", "verification", "git_commit", "examples")


def template(folder: Path) -> Path:
    """A trained medico with an empty history, to copy."""
    trained_medico(folder)
    prepare(VATICINA, "history", "upgrade", "medico", folder=folder)
    return folder / "medico"


def long(source: Path, folder: Path, rows: int) -> Contender:
    """medico with `rows` predictions in its history."""
    copytree(source, folder / "medico")
    fill(folder / "medico" / DATABASE, rows)
    return Contender(f"medico, {rows:,} rows in its history", folder, serve("medico"))


def many(source: Path, folder: Path, count: int) -> Contender:
    """One server of `count` projects, all of them medico by other names; the first one is asked."""
    names = [f"clinic-{number}" for number in range(count)]
    registry = _registry(source)
    manifest = registry.manifest("medico", registry.resolve("medico", "production"))
    bundle = registry.fetch("medico", manifest.version)
    files = {name: bundle.read(name) for name in manifest.files}
    for name in names:
        _copy(source, folder / name, manifest, files)
    path = f"/models/{names[0]}/predict" if count > 1 else "/predict"
    return Contender(f"{count} project{'s' * (count > 1)}", folder, serve(*names), path=path)


def _copy(source: Path, folder: Path, manifest: Manifest, files: dict[str, bytes]) -> None:
    """A project of its own, named after its folder, with the same bytes as its version in production."""
    folder.mkdir()
    text = (source / "project.toml").read_text().replace('name = "medico"', f'name = "{folder.name}"', 1)
    (folder / "project.toml").write_text(text.replace('view = "prediccion"\n', ""))
    copy(source / DATABASE, folder / DATABASE)  # migrated already: what is measured is a server's second start
    copy(source / "params.yaml", folder / "params.yaml")
    facts = {name: getattr(manifest, name) for name in _FACTS}
    registry = _registry(folder)
    published = registry.publish(folder.name, manifest.contract, manifest.runtime, files, **facts)
    registry.promote(folder.name, published.version, by="benchmark")


def _registry(project: Path) -> Registry:
    state = project / ".vaticina"
    return open_registry((state / "registry").as_posix(), state / "cache")
