"""Files that come to rest in a folder are imported by another process; what it refuses changes nothing."""

import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from vaticina.serving.folder_versions import FolderVersions
from vaticina.serving.slot import LoadedVersion


class Alias:
    """A source whose version stands in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def target(self) -> str | None:
        return self.file.read_text() if self.file.exists() else None

    def load(self, version: str) -> LoadedVersion:
        raise NotImplementedError

    def last_good(self) -> LoadedVersion | None:
        return None

    def remember(self, version: str) -> None:
        pass


PROMOTE = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
REFUSE = "import sys; sys.exit('error: it wants os.system')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path


def watched(folder: Path, code: str = PROMOTE, known_names: Sequence[str] = ()) -> FolderVersions:
    return FolderVersions(
        Alias(folder / "alias"),
        lambda: sorted((folder / "models").iterdir()),
        lambda files: [file.name for file in files] == list(known_names),
        [sys.executable, "-c", code, str(folder / "alias"), "new"],
    )


def looked(source: FolderVersions, times: int = 2) -> str | None:
    version = None
    for _ in range(times):
        version = source.target()
    return version


def until(source: FolderVersions, version: str) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if source.target() == version:
            if source._process is not None:
                source._process.communicate()
            return True
        time.sleep(0.02)
    return False


def test_the_first_version_is_waited_for(folder: Path) -> None:
    (folder / "models" / "model.pkl").write_bytes(b"1")
    assert watched(folder).target() == "new"


def test_without_files_there_is_none(folder: Path) -> None:
    assert watched(folder).target() is None


def test_a_first_version_that_is_refused_is_told_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "models" / "model.pkl").write_bytes(b"1")
    source = watched(folder, REFUSE)
    with caplog.at_level(logging.ERROR, "vaticina"):
        assert looked(source, 3) is None
    assert [record.getMessage() for record in caplog.records] == ["model.pkl: no new version: it wants os.system"]


def test_new_files_become_a_version_while_the_old_one_answers(folder: Path) -> None:
    (folder / "alias").write_text("old")
    source = watched(folder)
    assert source.target() == "old"
    (folder / "models" / "model.pkl").write_bytes(b"1")
    assert looked(source) == "old"
    assert until(source, "new")


def test_files_that_are_still_copied_are_left_alone(folder: Path) -> None:
    (folder / "alias").write_text("old")
    source = watched(folder)
    for size in range(1, 6):
        (folder / "models" / "model.pkl").write_bytes(b"1" * size)
        assert source.target() == "old"
    assert source._process is None
    assert until(source, "new")


def test_files_that_a_version_was_made_of_are_not_taken_again(folder: Path) -> None:
    (folder / "alias").write_text("old")
    (folder / "models" / "model.pkl").write_bytes(b"1")
    source = watched(folder, known_names=["model.pkl"])
    assert looked(source, 5) == "old"
    assert source._process is None


def test_what_is_refused_changes_nothing_and_is_not_tried_again(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "alias").write_text("old")
    (folder / "models" / "model.pkl").write_bytes(b"1")
    source = watched(folder, REFUSE)
    with caplog.at_level(logging.ERROR, "vaticina"):
        looked(source)
        process = source._process
        assert process is not None
        process.wait()
        assert looked(source, 5) == "old"
    assert len(caplog.records) == 1
    assert source._process is None
