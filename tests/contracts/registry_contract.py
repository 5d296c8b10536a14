"""Contract suite of ``vaticina.registry.Registry``: what it must do over every kind of store."""

import threading
from collections.abc import Callable

from tests.contracts.expect import expect, refused
from vaticina.contract import Contract, Manifest
from vaticina.errors import AliasConflict, BundleCorrupt, VersionNotFound
from vaticina.registry import Registry

OpenRegistry = Callable[[str], Registry]
"""Opens the registry as on the machine with that name: all share one store, and each has a cache of its own."""

CONTRACT = Contract.model_validate({"name": "medico", "inputs": {"edad": {"type": "number", "min": 0, "max": 150}}})
FILES = {"model.bin": b"\x00model\xff", "parts/weights.bin": bytes(range(256)) * 40, "empty": b""}


def _published(registry: Registry, project: str = "medico", content: bytes = b"model") -> Manifest:
    return registry.publish(project, CONTRACT, "native", {"model.bin": content})


def _publish_several(registry: Registry, count: int) -> list[str]:
    """The ids of ``count`` new versions."""
    return [_published(registry).version for _ in range(count)]


def check_registry_starts_empty(open_registry: OpenRegistry) -> None:
    """Nothing is there before it was written, and looking writes nothing."""
    registry = open_registry("a")
    expect(registry.versions("medico") == [], "there is no version")
    expect(registry.aliases("medico") == {}, "there is no alias")
    expect(registry.log("medico", "production") == [], "no alias was ever moved")
    expect(registry.last_good("medico", "production") is None, "nothing answered here")
    with refused(VersionNotFound, "medico", "production"):
        registry.resolve("medico", "production")
    with refused(VersionNotFound, "medico"):
        registry.fetch("medico", "20260101T000000000Z-00000000")


def check_registry_gives_back_what_was_published(open_registry: OpenRegistry) -> None:
    """Another machine reads the same manifest and the same bytes."""
    manifest = open_registry("a").publish(
        "medico", CONTRACT, "native", FILES, metrics={"auc": 0.93}, git_commit="c0ffee", data={"rows": 7}
    )
    expect(manifest.contract == CONTRACT and manifest.contract_hash == CONTRACT.hash, "the contract travels whole")
    expect(manifest.metrics == {"auc": 0.93} and manifest.git_commit == "c0ffee", "facts are kept")
    expect(manifest.python != "" and "numpy" in manifest.libraries, "Python and the libraries are named")
    expect({name: file.size for name, file in manifest.files.items()} == {n: len(d) for n, d in FILES.items()}, "sizes")
    other = open_registry("b")
    expect(other.versions("medico") == [manifest], "another machine lists it")
    expect(other.manifest("medico", manifest.version) == manifest, "and reads its manifest")
    bundle = other.fetch("medico", manifest.version)
    expect({name: bundle.read(name) for name in manifest.files} == FILES, "and its bytes")
    expect(other.verify("medico", manifest.version) == [], "and finds it whole")


def check_registry_ids_sort_by_time(open_registry: OpenRegistry) -> None:
    """Versions published in the same millisecond keep their order, whatever is in them."""
    registry = open_registry("a")
    published = [_published(registry, content=bytes([number % 3])).version for number in range(12)]
    expect(published == sorted(set(published)), "ids rise")
    expect([manifest.version for manifest in registry.versions("medico")] == published, "the newest is last")


def check_registry_keeps_projects_apart(open_registry: OpenRegistry) -> None:
    """A project sees its own versions and aliases, also beside one whose name begins the same."""
    registry = open_registry("a")
    mine, other = _published(registry, "medico"), _published(registry, "medico-2")
    registry.promote("medico-2", other.version)
    expect(registry.versions("medico") == [mine], "versions are apart")
    expect(registry.aliases("medico") == {}, "aliases are apart")
    with refused(VersionNotFound, other.version):
        registry.promote("medico", other.version)


def check_registry_resolves_names(open_registry: OpenRegistry) -> None:
    """An alias, a whole id, the beginning of one; what is unknown or names several is refused."""
    registry = open_registry("a")
    first, second = _publish_several(registry, 2)
    registry.promote("medico", first)
    expect(registry.resolve("medico", "production") == first, "an alias resolves")
    expect(registry.resolve("medico", second) == second, "an id resolves")
    expect(registry.resolve("medico", second[:-3]) == second, "the beginning of an id resolves")
    with refused(VersionNotFound, first, second):
        registry.resolve("medico", first[:4])
    for unknown in ("1999", "20260101T000000000Z-00000000", ""):
        with refused(VersionNotFound, "medico"):
            registry.resolve("medico", unknown)


def check_registry_moves_aliases(open_registry: OpenRegistry) -> None:
    """Every move is an entry with who and why; another machine sees it at once."""
    registry, other = open_registry("a"), open_registry("b")
    first, second = _publish_several(registry, 2)
    registry.promote("medico", first, "staging", by="ana", note="looks fine")
    expect(other.resolve("medico", "staging") == first, "another machine follows")
    other.promote("medico", second, "staging", by="luis")
    expect(registry.resolve("medico", "staging") == second, "and the first one too")
    registry.promote("medico", "staging", by="eva")
    expect(registry.resolve("medico", "production") == second, "an alias can be promoted")
    log = registry.log("medico", "staging")
    expect(
        [(entry.number, entry.version, entry.by) for entry in log] == [(1, first, "ana"), (2, second, "luis")], "log"
    )
    expect(log[0].note == "looks fine" and log[0].time <= log[1].time, "notes and times are kept")
    heads = {alias: entry.version for alias, entry in other.aliases("medico").items()}
    expect(heads == {"staging": second, "production": second}, "all aliases are listed")


def check_registry_rolls_back(open_registry: OpenRegistry) -> None:
    """To the version before; once more, further back; a new promotion starts from there."""
    registry = open_registry("a")
    with refused(VersionNotFound, "production"):
        registry.rollback("medico")
    versions = _publish_several(registry, 4)
    for version in (versions[0], versions[1], versions[1], versions[2]):
        registry.promote("medico", version)
    expect(registry.rollback("medico", by="ana").version == versions[1], "the version before")
    expect(registry.rollback("medico").version == versions[0], "and the one before that")
    with refused(VersionNotFound, versions[0]):
        registry.rollback("medico")
    registry.promote("medico", versions[3])
    expect(registry.rollback("medico").version == versions[0], "what production named before the last promotion")
    expect(len(registry.log("medico")) == 8, "each rollback is an entry")


def check_registry_compares_before_it_moves(open_registry: OpenRegistry) -> None:
    """``expected`` is the entry that the caller saw: who comes late learns who was first."""
    registry = open_registry("a")
    first, second = _publish_several(registry, 2)
    registry.promote("medico", first, by="ana", expected=0)
    with refused(AliasConflict, "production", first, "ana"):
        registry.promote("medico", second, by="luis", expected=0)
    registry.promote("medico", second, by="luis", expected=1)
    expect(registry.resolve("medico", "production") == second, "the right expectation moves it")


def check_registry_lets_one_promoter_win(open_registry: OpenRegistry) -> None:
    """Machines that promote at once: each number of the log has one writer, all others get a conflict."""
    nodes = [open_registry(f"node{number}") for number in range(4)]
    version = _published(nodes[0]).version
    start = threading.Barrier(len(nodes))
    won: list[int] = []
    lost: list[AliasConflict] = []

    def promote(node: Registry) -> None:
        start.wait()
        for _ in range(15):
            try:
                won.append(node.promote("medico", version).number)
            except AliasConflict as error:
                lost.append(error)

    threads = [threading.Thread(target=promote, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(sorted(won) == list(range(1, len(won) + 1)), f"every number was won once: {sorted(won)}")
    expect(len(won) + len(lost) == 60, "who did not win was told so")
    expect([entry.number for entry in nodes[0].log("medico")] == sorted(won), "the log holds what was won")


def check_registry_refuses_paths(open_registry: OpenRegistry) -> None:
    """No name leads to another place of the store or of this machine."""
    registry = open_registry("a")
    version = _published(registry).version
    for name in ("", ".", "..", "../medico", "a/b", "A", "á", "x" * 64, "a\n", "_probe", "a\0"):
        with refused(VersionNotFound):
            _published(registry, name)
        with refused(VersionNotFound):
            registry.promote("medico", version, name)
        with refused(VersionNotFound):
            registry.fetch("medico", name)
        with refused(VersionNotFound):
            registry.remember("medico", name, version)
    for name in ("../evil", "/evil", "a/../../evil", "a//b", "", "manifest.json", "a\0", "C:evil", "a\\b"):
        with refused(BundleCorrupt, name if name.isprintable() and "\\" not in name else ""):
            registry.publish("medico", CONTRACT, "native", {name: b""})
    expect([manifest.version for manifest in registry.versions("medico")] == [version], "nothing of it was published")


def check_registry_remembers_what_answered(open_registry: OpenRegistry) -> None:
    """The last good version is this machine's own knowledge."""
    registry = open_registry("a")
    first, second = _publish_several(registry, 2)
    for version in (first, second):
        registry.fetch("medico", version)
        registry.remember("medico", "production", version)
    bundle = open_registry("a").last_good("medico", "production")
    expect(bundle is not None and bundle.version == second, "the last one is remembered across a restart")
    expect(open_registry("b").last_good("medico", "production") is None, "another machine knows nothing of it")


def check_registry_withdraws(open_registry: OpenRegistry) -> None:
    """An alias that is withdrawn names nothing; a rollback or a promotion gives it a version again."""
    registry, other = open_registry("a"), open_registry("b")
    expect(registry.withdraw("medico") is None and not registry.is_withdrawn("medico"), "nothing is withdrawn at first")
    first, second = _publish_several(registry, 2)
    for version in (first, second):
        registry.promote("medico", version)
    entry = registry.withdraw("medico", by="ana", note="reset")
    expect(entry is not None and (entry.number, entry.by) == (3, "ana"), "it is an entry like any other")
    expect(other.is_withdrawn("medico") and other.aliases("medico") == {}, "another machine knows")
    with refused(VersionNotFound, "production", "withdrawn"):
        other.resolve("medico", "production")
    expect(registry.withdraw("medico") is None, "twice changes nothing")
    expect(len(registry.versions("medico")) == 2, "the versions stay")
    expect(other.rollback("medico").version == second, "a rollback goes to the version before")
    expect(other.rollback("medico").version == first, "and then further back")
    registry.withdraw("medico")
    registry.promote("medico", second)
    expect(not other.is_withdrawn("medico") and other.resolve("medico", "production") == second, "so does a promotion")


REGISTRY_CHECKS = (
    check_registry_starts_empty,
    check_registry_gives_back_what_was_published,
    check_registry_ids_sort_by_time,
    check_registry_keeps_projects_apart,
    check_registry_resolves_names,
    check_registry_moves_aliases,
    check_registry_rolls_back,
    check_registry_withdraws,
    check_registry_compares_before_it_moves,
    check_registry_lets_one_promoter_win,
    check_registry_refuses_paths,
    check_registry_remembers_what_answered,
)
"""What every registry must do."""
