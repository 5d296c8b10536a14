import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.serving.rig import manifest
from tests.serving.runtimes import Constant, FailsOn
from vaticina.contract import Bundle, Runtime
from vaticina.contract.project import Serving
from vaticina.errors import BundleCorrupt, MissingExtra, PickleRefused, RegistryError, VersionNotFound
from vaticina.serving.follower import SHORT_INTERVAL, Follower, short_switch_interval
from vaticina.serving.registry_versions import RegistryVersions
from vaticina.serving.slot import Slot


class Shelf:
    """A registry with one project, in memory; ``away`` makes it unreachable, ``broken`` holds what a fetch raises."""

    def __init__(self) -> None:
        self.production: str | None = None
        self.away = False
        self.broken: dict[str, Exception] = {}
        self.remembered: str | None = None
        self.fetched: list[str] = []
        self.forgetful = False
        self.on_remember: Callable[[], None] = lambda: None
        self.withdrawn = False

    def resolve(self, project: str, name: str) -> str:
        self._answer()
        if self.production is None:
            raise VersionNotFound
        return self.production

    def is_withdrawn(self, project: str, alias: str) -> bool:
        return self.withdrawn

    def fetch(self, project: str, version: str) -> Bundle:
        self._answer()
        self.fetched.append(version)
        if version in self.broken:
            raise self.broken[version]
        return Bundle(Path(), manifest(version))

    def remember(self, project: str, alias: str, version: str) -> None:
        if self.forgetful:
            raise OSError("no space left on device")
        self.on_remember()
        self.remembered = version

    def last_good(self, project: str, alias: str) -> Bundle | None:
        return Bundle(Path(), manifest(self.remembered)) if self.remembered else None

    def _answer(self) -> None:
        if self.away:
            raise RegistryError("The store does not answer.")


def opened(bundle: Bundle) -> Runtime:
    """Version v3 cannot be opened, v4 fails on its example, the others answer."""
    if bundle.version == "v3":
        raise PickleRefused("os.system is not allowed")
    return FailsOn(1.0, ValueError()) if bundle.version == "v4" else Constant(1.0)


class Followed:
    def __init__(self) -> None:
        self.shelf = Shelf()
        self.slot = Slot()
        self.follower = Follower(
            self.slot, RegistryVersions(self.shelf, "toy", opened, Serving(max_rows=100)), interval=0.01
        )

    async def look(self, version: str | None) -> None:
        self.shelf.production = version
        await self.follower.check()

    @property
    def problem(self) -> str | None:
        return self.follower.problem.code if self.follower.problem else None


def run(scenario: Callable[[Followed], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario(Followed())

    asyncio.run(main())


def test_what_production_names_is_loaded_at_start_and_remembered() -> None:
    async def scenario(on: Followed) -> None:
        on.shelf.production = "v1"
        await on.follower.start()
        assert (on.slot.version, on.shelf.remembered, on.problem) == ("v1", "v1", None)

    run(scenario)


def test_nothing_promoted_is_no_problem_and_a_promotion_is_picked_up() -> None:
    async def scenario(on: Followed) -> None:
        await on.follower.start()
        assert (on.slot.version, on.problem) == (None, None)
        await on.look("v1")
        await on.look("v2")
        assert (on.slot.version, on.shelf.remembered) == ("v2", "v2")

    run(scenario)


def test_what_is_withdrawn_answers_no_more_and_is_not_the_last_good_one() -> None:
    async def scenario(on: Followed) -> None:
        await on.look("v1")
        on.shelf.withdrawn = True
        await on.look(None)
        assert (on.slot.version, on.problem) == (None, None)
        again = Followed()
        again.shelf.remembered, again.shelf.withdrawn = "v1", True
        await again.follower.start()
        assert again.slot.version is None
        await on.look("v2")
        assert on.slot.version == "v2"

    run(scenario)


def test_a_version_is_loaded_once_not_at_every_look() -> None:
    async def scenario(on: Followed) -> None:
        for _ in range(5):
            await on.look("v1")
        assert on.shelf.fetched == ["v1"]

    run(scenario)


@pytest.mark.parametrize(
    ("version", "error", "code"),
    [
        ("v2", BundleCorrupt("model.pkl of version v2 was changed"), "bundle_corrupt"),
        ("v2", MissingExtra(), "missing_extra"),
        ("v2", OSError("the disk is full"), "internal_error"),
        ("v3", None, "pickle_refused"),
        ("v4", None, "internal_error"),
    ],
)
def test_a_bad_version_never_replaces_the_good_one(
    version: str, error: Exception | None, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(on: Followed) -> None:
        await on.look("v1")
        if error:
            on.shelf.broken[version] = error
        for _ in range(4):
            await on.look(version)
        assert (on.slot.version, on.problem, on.shelf.remembered) == ("v1", code, "v1")
        assert on.shelf.fetched.count(version) == 1  # it is tried again only when the alias moves
        await on.look("v5")
        assert (on.slot.version, on.problem) == ("v5", None)

    run(scenario)
    assert caplog.text.count("is not served") == 1


def test_rolling_back_to_the_version_that_answers_ends_the_problem() -> None:
    async def scenario(on: Followed) -> None:
        await on.look("v1")
        await on.look("v3")
        await on.look("v1")
        assert (on.slot.version, on.problem) == ("v1", None)
        await on.look("v3")
        assert on.problem == "pickle_refused"

    run(scenario)


def test_while_the_store_is_away_the_last_version_answers_and_then_it_continues() -> None:
    async def scenario(on: Followed) -> None:
        await on.look("v1")
        on.shelf.away = True
        await on.look("v2")
        assert (on.slot.version, on.problem) == ("v1", "store_unavailable")
        on.shelf.away = False
        await on.look("v1")
        assert (on.slot.version, on.problem) == ("v1", None)
        await on.look("v2")
        assert (on.slot.version, on.problem) == ("v2", None)

    run(scenario)


def test_a_store_that_goes_away_during_the_fetch_is_tried_again() -> None:
    async def scenario(on: Followed) -> None:
        await on.look("v1")
        on.shelf.broken["v2"] = RegistryError("The store does not answer.")
        await on.look("v2")
        assert (on.slot.version, on.problem) == ("v1", "store_unavailable")
        del on.shelf.broken["v2"]
        await on.look("v2")
        assert (on.slot.version, on.problem) == ("v2", None)

    run(scenario)


def test_a_start_without_the_store_serves_the_last_good_version() -> None:
    async def scenario(on: Followed) -> None:
        on.shelf.remembered, on.shelf.away = "v1", True
        await on.follower.start()
        assert (on.slot.version, on.problem) == ("v1", "store_unavailable")
        on.shelf.away = False
        await on.look("v2")
        assert (on.slot.version, on.problem) == ("v2", None)

    run(scenario)


def test_a_start_with_a_bad_version_serves_the_last_good_one() -> None:
    async def scenario(on: Followed) -> None:
        on.shelf.remembered, on.shelf.production = "v1", "v3"
        await on.follower.start()
        assert (on.slot.version, on.problem) == ("v1", "pickle_refused")

    run(scenario)


def test_a_start_without_anything_that_loads_goes_on_looking() -> None:
    async def scenario(on: Followed) -> None:
        on.shelf.remembered, on.shelf.production = "v4", "v3"
        await on.follower.start()
        assert (on.slot.version, on.problem) == (None, "pickle_refused")
        await on.look("v1")
        assert (on.slot.version, on.problem) == ("v1", None)

    run(scenario)


def test_a_version_that_cannot_be_remembered_answers_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(on: Followed) -> None:
        on.shelf.forgetful = True
        await on.look("v1")
        assert (on.slot.version, on.problem) == ("v1", None)
        await on.look("v2")
        assert on.slot.version == "v2"

    run(scenario)
    assert "could not be noted" in caplog.text


def test_running_it_looks_again_and_again_whatever_happens() -> None:
    async def scenario(on: Followed) -> None:
        task = asyncio.create_task(on.follower.run())
        for version, away in [("v1", False), ("v1", True), ("v3", False), ("v2", False)]:
            on.shelf.production, on.shelf.away = version, away
            await asyncio.sleep(0.1)
        for _ in range(100):
            if on.slot.version == "v2":
                break
            await asyncio.sleep(0.05)
        assert on.slot.version == "v2"
        assert not task.done()
        task.cancel()

    run(scenario)


def test_a_failure_is_logged_once_not_at_every_look(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(on: Followed) -> None:
        on.shelf.away = True
        for _ in range(5):
            await on.look("v1")

    with caplog.at_level(logging.ERROR):
        run(scenario)
    assert caplog.text.count("does not answer") == 1


def test_the_event_loop_waits_less_for_the_interpreter_while_a_version_is_loaded() -> None:
    usual = sys.getswitchinterval()
    with short_switch_interval():
        assert sys.getswitchinterval() == pytest.approx(SHORT_INTERVAL)
    assert sys.getswitchinterval() == usual


def test_a_problem_ends_with_the_version_that_answers() -> None:
    """Noting the version takes a moment, in which it answers already."""
    seen: list[str | None] = []

    async def scenario(on: Followed) -> None:
        await on.look("v1")
        await on.look("v3")
        assert on.problem is not None
        on.shelf.on_remember = lambda: seen.append(on.problem)
        await on.look("v2")

    run(scenario)
    assert seen == [None]
