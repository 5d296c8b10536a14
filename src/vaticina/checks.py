"""Contract suites: what every implementation of a port must do, ours and others' alike.

A suite is a tuple of functions; each takes a way to open the implementation under test, fresh and empty, and raises
AssertionError when it breaks its word. With pytest::

    @pytest.mark.parametrize("check", REGISTRY, ids=lambda check: check.__name__)
    def test_my_registry(check, tmp_path):
        check(lambda node: MyRegistry(tmp_path / "store", cache=tmp_path / node))
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from uuid_utils import uuid7

from vaticina.contract import Contract, Manifest, Record
from vaticina.errors import AliasConflict, BundleCorrupt, HistoryUnavailable, VaticinaError, VersionNotFound
from vaticina.history import History, Stored
from vaticina.registry import Registry


def expect(holds: bool, what: str) -> None:
    """Raises AssertionError unless ``what`` holds."""
    if not holds:
        raise AssertionError(f"It should hold that {what}.")


@contextmanager
def refused(kind: type[VaticinaError], *words: str) -> Iterator[None]:
    """Raises AssertionError unless the block raises exactly ``kind``, in one line, with ``words`` in the message."""
    try:
        yield
    except VaticinaError as error:
        expect(type(error) is kind, f"{error!r} is a {kind.__name__}")
        expect("\n" not in error.message, f"{error.message!r} is one line")
        for word in words:
            expect(word in error.message, f"{word!r} stands in {error.message!r}")
        return
    raise AssertionError(f"Nothing was refused; a {kind.__name__} should have been raised.")


# Registry -------------------------------------------------------------------------------------------------------------

OpenRegistry = Callable[[str], Registry]
"""Gives the registry as the machine of that name sees it: one store for all, a cache for each."""

CONTRACT = Contract.model_validate({"name": "medico", "inputs": {"edad": {"type": "number", "min": 0, "max": 150}}})
FILES = {"model.bin": b"\x00model\xff", "parts/weights.bin": bytes(range(256)) * 40, "empty": b""}


def _published(registry: Registry, project: str = "medico", content: bytes = b"model") -> Manifest:
    return registry.publish(project, CONTRACT, "native", {"model.bin": content})


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
    published = [_published(registry, content=bytes([at % 3])).version for at in range(12)]
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
    first, second = (_published(registry).version for _ in range(2))
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
    first, second = (_published(registry).version for _ in range(2))
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
    versions = [_published(registry).version for _ in range(4)]
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
    first, second = (_published(registry).version for _ in range(2))
    registry.promote("medico", first, by="ana", expected=0)
    with refused(AliasConflict, "production", first, "ana"):
        registry.promote("medico", second, by="luis", expected=0)
    registry.promote("medico", second, by="luis", expected=1)
    expect(registry.resolve("medico", "production") == second, "the right expectation moves it")


def check_registry_lets_one_promoter_win(open_registry: OpenRegistry) -> None:
    """Machines that promote at once: each number of the log has one writer, all others get a conflict."""
    nodes = [open_registry(f"node{at}") for at in range(4)]
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
    first, second = (_published(registry).version for _ in range(2))
    for version in (first, second):
        registry.fetch("medico", version)
        registry.remember("medico", "production", version)
    bundle = open_registry("a").last_good("medico", "production")
    expect(bundle is not None and bundle.version == second, "the last one is remembered across a restart")
    expect(open_registry("b").last_good("medico", "production") is None, "another machine knows nothing of it")


REGISTRY = (
    check_registry_starts_empty,
    check_registry_gives_back_what_was_published,
    check_registry_ids_sort_by_time,
    check_registry_keeps_projects_apart,
    check_registry_resolves_names,
    check_registry_moves_aliases,
    check_registry_rolls_back,
    check_registry_compares_before_it_moves,
    check_registry_lets_one_promoter_win,
    check_registry_refuses_paths,
    check_registry_remembers_what_answered,
)
"""What every registry must do."""


# History --------------------------------------------------------------------------------------------------------------
START = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
LABELS = ("NO ENFERMO", "ENFERMEDAD CRÓNICA", None, "50 % 'x' \"y\" \\")


def _record(index: int = 0, **changes: Any) -> Record:
    """A new record, ``index`` seconds after START, labels in turn."""
    request = (f"request-{index}", 0, None, "medico", "20260102T030405-ab12c", "production")
    texts = ('{"edad":45.0,"texto":"ñ \\u0000 \U0001f600"}', '{"probabilidad":0.8213}', LABELS[index % len(LABELS)])
    record = Record(uuid7().hex, *request, START + timedelta(seconds=index), *texts, 0.1 + 0.2, False, None, 812)
    return record._replace(**changes)


def _records(page: Sequence[Stored]) -> list[Record]:
    return [stored.record for stored in page]


def check_history_starts_empty(history: History) -> None:
    """A fresh history is ready, and answers questions about unknown projects with nothing."""
    history.ping()
    history.append([])
    expect(history.is_current(), "a fresh history is current")
    expect(history.page("medico") == [], "an unknown project has an empty page")
    expect(history.find("medico", "nothing") is None, "what is not there is not found")
    expect(history.stats("medico") == (0, {}, [], None), "an unknown project's statistics are empty")


def check_history_keeps_every_field(history: History) -> None:
    """What goes in comes out, to the microsecond and the last bit, numbered in its order."""
    records = [
        _record(idempotency_key="key", row_index=7, outside_range=True, principal="ana", latency_us=2**40),
        _record(label=None, score=None, time=datetime(2026, 1, 1, 12, tzinfo=UTC)),
        _record(time=datetime.fromisoformat("2026-06-01T00:00:00.000001+05:30")),
    ]
    history.append(records)
    page = history.page("medico")
    expect(_records(page) == records[::-1], "a page gives back what was recorded, newest first")
    expect(page[0].seq > page[1].seq > page[2].seq >= 1, "numbers rise from 1, within a batch too")
    expect(page[2].record.outside_range is True, "a flag stays a flag")
    expect(all(record.time.utcoffset() == timedelta(0) for record in _records(page)), "times are in UTC")
    expect(history.find("medico", records[1].uid) == page[1], "a uid finds its prediction")


def check_history_keeps_all_or_none(history: History) -> None:
    """A batch with one record that cannot be kept is refused as a whole; the same batch again is no other one."""
    records = [_record(index) for index in range(4)]
    history.append(records[:1])
    for batch in (records, [*records[1:], records[1]]):
        with refused(HistoryUnavailable, "recorded already"):
            history.append(batch)
        expect(history.total("medico") == 1, "a refused batch is not counted")
        expect(_records(history.page("medico")) == records[:1], "a refused batch leaves nothing")
    history.append(records[1:])
    history.append(records[1:])
    expect(history.total("medico") == len(history.page("medico")) == 4, "the same batch again changes nothing")


def check_history_keeps_idempotency_keys_apart(history: History) -> None:
    """A key is unique for a caller of a project, whose one request may have several rows; no key claims nothing."""
    history.append([_record(idempotency_key="k", row_index=row) for row in range(2)] + [_record(), _record()])
    history.append([_record(idempotency_key="k", principal="ana")])
    history.append([_record(idempotency_key="k", project="other")])
    for principal in (None, "ana"):
        with refused(HistoryUnavailable, "recorded already"):
            history.append([_record(idempotency_key="k", principal=principal)])
    expect(history.total("medico") == 5, "a refused key is not counted")


def check_history_tells_statistics(history: History) -> None:
    """Totals are exact; records without a label count in the total alone; projects do not see each other."""
    mine = [_record(index) for index in range(11)]
    theirs = [_record(index, project="other", label="b") for index in range(11)]
    for start in range(0, 11, 3):
        history.append(mine[start : start + 3] + theirs[start : start + 3])
    stats = history.stats("medico")
    labels = [record.label for record in mine]
    expect(stats.total == history.total("medico") == 11, "the total is every prediction of the project")
    expect(stats.by_label == {label: labels.count(label) for label in labels if label}, "labels are counted")
    expect(_records(stats.last) == mine[:-6:-1], "the last five are the newest first")
    expect(stats.last_time == mine[-1].time, "the last time is the newest prediction's")
    expect(history.find("medico", theirs[0].uid) is None, "another project's prediction is not found")
    expect(history.page("medico", label="b") == [], "another project's label is not found")


def check_history_pages_by_key(history: History) -> None:
    """Walking by key meets every record once, newest first, whatever is appended meanwhile."""
    records = [_record(index) for index in range(3_000)]
    for start in range(0, 3_000, 700):
        history.append(records[start : start + 700])
    walked: list[Stored] = []
    while page := history.page("medico", before=walked[-1].seq if walked else None, limit=333):
        walked += page
        history.append([_record(), _record()])
    expect(_records(walked) == records[::-1], "a walk misses, repeats and disorders nothing")
    expect(all(history.page("medico", before=number) == [] for number in (-(10**30), 0, 1)), "nothing is before 1")
    expect(len(history.page("medico", before=10**30, limit=7)) == 7, "everything is before a very large number")


def check_history_filters_pages(history: History) -> None:
    """Project, time and label choose exactly, also where records come out of order."""
    records = [
        _record(
            index,
            time=START + timedelta(seconds=index * 37 % 2_000 if index % 50 == 0 else index),
            label="rare" if index % 701 == 0 else LABELS[index % 4],
            project="other" if index % 3 == 0 else "medico",
        )
        for index in range(2_500)
    ]
    for first in range(0, 2_500, 64):
        history.append(records[first : first + 64])
    numbered = history.page("medico", limit=5_000)
    expect(_records(numbered) == [record for record in records[::-1] if record.project == "medico"], "all are there")
    moments = (None, START, START + timedelta(seconds=1_100), START + timedelta(seconds=1_101), START.replace(2030))
    labels = (None, "rare", "NO ENFERMO", "never")
    for since, until, label, before in product(moments, moments, labels, (None, numbered[700].seq)):
        page = history.page("medico", since=since, until=until, label=label, before=before)
        wanted = [
            stored
            for stored in numbered
            if (before is None or stored.seq < before)
            and (since is None or stored.record.time >= since)
            and (until is None or stored.record.time < until)
            and label in (None, stored.record.label)
        ]
        expect(page == wanted[:100], f"{since}, {until}, {label}, {before} choose {len(wanted)} records")


def check_history_counts_for_several_threads(history: History) -> None:
    """Engines that append at once: nothing is lost, refused or counted twice."""

    def append(label: str) -> None:
        for _ in range(20):
            history.append([_record(label=label) for _ in range(5)])

    threads = [threading.Thread(target=append, args=(f"thread {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(history.stats("medico").by_label == {f"thread {n}": 100 for n in range(4)}, "counts are exact")
    expect(len(history.page("medico", limit=1_000)) == 400, "every record is there")


HISTORY = (
    check_history_starts_empty,
    check_history_keeps_every_field,
    check_history_keeps_all_or_none,
    check_history_keeps_idempotency_keys_apart,
    check_history_tells_statistics,
    check_history_pages_by_key,
    check_history_filters_pages,
    check_history_counts_for_several_threads,
)
"""What every history must do; each check takes one that is fresh and empty."""
