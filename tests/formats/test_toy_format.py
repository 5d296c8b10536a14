"""A format that another package adds is recognised, audited, compiled, served and refused like those of the house."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.cli.shell import done, vaticina
from tests.compat.old_versions import answers
from tests.usecases.adopting import adopt_here
from vaticina.bootstrap import Workspace
from vaticina.errors import BundleCorrupt, ImportRefused, PickleRefused
from vaticina.exact.graph import CONVERTERS
from vaticina.formats import FORMATS, find_source, recognise, register, register_installed
from vaticina.registry.store import Store
from vaticina.usecases.bucket_mirror import BucketMirror
from vaticina.usecases.follow import newest_files
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.pull import pull

WEIGHTS = {"age": 0.5, "weight": -0.25}
ROWS = [{"age": 3.0, "weight": 1.0}, {"age": -2.0, "weight": 4.0}]

ENTRY_POINTS = "[vaticina.formats]\ntoy = toy_format:FORMAT\n"


def install(folder: Path, entry_points: str = ENTRY_POINTS) -> Path:
    """A folder with the package of the toy format, as it lies in a site-packages."""
    information = folder / "toy_format-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-format\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(entry_points)
    module = Path(__file__).with_name("toy_format.py")
    (folder / "toy_format.py").write_text(module.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.fixture
def tables() -> Iterator[None]:
    """Leaves the tables of formats and converters as they were."""
    formats, converters = dict(FORMATS), dict(CONVERTERS)
    register_installed.cache_clear()
    yield
    register_installed.cache_clear()
    for table, before in ((FORMATS, formats), (CONVERTERS, converters)):
        table.clear()
        table.update(before)  # type: ignore[arg-type]
    sys.modules.pop("toy_format", None)


@pytest.fixture
def toy(tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the toy format, which an entry point names."""
    return installed_toy(ENTRY_POINTS, tmp_path, monkeypatch)


@pytest.fixture
def registered_toy(tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the toy format, which is registered in this process alone."""
    module = installed_toy("", tmp_path, monkeypatch)
    register(module.FORMAT)
    return module


def installed_toy(entry_points: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(install(folder / "site-packages", entry_points))
    import toy_format  # type: ignore[import-not-found]

    module: ModuleType = toy_format
    return module


def model_file(toy: ModuleType, folder: Path, **options: Any) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "model.toy"
    file.write_bytes(toy.written(WEIGHTS, **options))
    return file


def imported(file: Path, folder: Path) -> Workspace:
    """The project that the command line makes of a file."""
    done("import", file, "--name", "risk", "--folder", folder, "--id", "")
    return Workspace(folder / "risk")


def expected(wave: bool) -> list[tuple[str, Any]]:
    margins = np.array([[row["age"], row["weight"]] for row in ROWS]) @ list(WEIGHTS.values())
    if wave:
        margins = np.sin(margins)
    shares = 1 / (1 + np.exp(-margins))
    return [("yes" if share >= 0.5 else "no", pytest.approx(share)) for share in shares.tolist()]


def test_it_is_recognised_alone_and_in_a_folder(toy: ModuleType, tmp_path: Path) -> None:
    file = model_file(toy, tmp_path / "models")
    assert recognise(find_source(file)).name == "toy"
    assert find_source(file.parent).files == (file,)
    assert newest_files(file.parent) == (file,)


@pytest.mark.parametrize("wave", [False, True])
def test_one_that_is_registered_is_adopted_and_served_in_this_process(
    registered_toy: ModuleType, wave: bool, tmp_path: Path
) -> None:
    file = model_file(registered_toy, tmp_path / "models", wave=wave)
    assert recognise(find_source(file.parent)).name == "toy"
    adopt_here(ImportRequest(place=file, target=tmp_path / "risk", isolation=isolation_of(None)))
    _, served = answers(tmp_path / "risk", ROWS)
    assert [(answer["prediction"], answer["probability"]) for answer in served] == expected(wave)


def test_one_that_is_registered_in_this_process_alone_is_refused_by_the_command_line(
    registered_toy: ModuleType, tmp_path: Path
) -> None:
    """The process that opens files knows the formats of installed packages."""
    ran = vaticina("import", model_file(registered_toy, tmp_path / "files"), "--name", "risk", "--folder", tmp_path)
    assert ran.code == 1
    assert "the format toy is registered in this process alone" in " ".join(ran.err.split())
    assert not (tmp_path / "risk").exists()


@pytest.mark.parametrize(("wave", "runtime"), [(False, "onnx"), (True, "toy")])
def test_it_is_published_and_answers_compiled_or_as_it_is(
    toy: ModuleType, wave: bool, runtime: str, tmp_path: Path
) -> None:
    workspace = imported(model_file(toy, tmp_path / "files", wave=wave), tmp_path)
    [manifest] = workspace.registry().versions("risk")
    assert manifest.runtime == runtime
    assert manifest.verification["verified"] == (not wave)
    loaded = workspace.versions().load(manifest.version)
    assert isinstance(loaded.runtime, toy.ToyModel) == wave
    loaded.runtime.close()
    version, served = answers(workspace.project.folder, ROWS)
    assert version == manifest.version
    assert [(answer["prediction"], answer["probability"]) for answer in served] == expected(wave)


def test_it_says_itself_how_it_is_served(toy: ModuleType, tmp_path: Path) -> None:
    ran = done("import", model_file(toy, tmp_path / "files", wave=True), "--name", "risk", "--folder", tmp_path)
    assert "a toy with a wave has no compiled form; it is served by the toy library" in " ".join(ran.err.split())


@pytest.mark.parametrize("data", [b"TOY1\n{", b"TOY1\n{}", b"", b"\x80\x04N."])
def test_a_damaged_file_is_refused_in_one_line_and_leaves_nothing(toy: ModuleType, data: bytes, tmp_path: Path) -> None:
    file = model_file(toy, tmp_path / "files")
    file.write_bytes(data)
    ran = vaticina("import", file, "--name", "risk", "--folder", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert " ".join(ran.err.split()) == "error: model.toy is no model that the toy library wrote."
    assert not (tmp_path / "risk").exists()


def test_a_name_that_is_not_listed_is_refused_unless_it_is_allowed(toy: ModuleType, tmp_path: Path) -> None:
    file = model_file(toy, tmp_path / "files", wave=True, imports=["toylib.Wave"])
    ran = vaticina("import", file, "--name", "risk", "--folder", tmp_path)
    assert (ran.code, "it wants toylib.Wave, not on the list" in ran.err) == (1, True)
    done("import", file, "--name", "risk", "--folder", tmp_path, "--allow", "toylib.Wave")
    workspace = Workspace(tmp_path / "risk")
    [manifest] = workspace.registry().versions("risk")
    workspace.versions().load(manifest.version)
    settings = workspace.project.folder / "project.toml"
    settings.write_text(settings.read_text().replace('"toylib.Wave"', ""))
    with pytest.raises(PickleRefused, match=r"wants toylib\.Wave"):
        Workspace(tmp_path / "risk").versions().load(manifest.version)


def test_new_files_in_a_bucket_become_a_version(toy: ModuleType, tmp_path: Path) -> None:
    workspace = imported(model_file(toy, tmp_path / "files"), tmp_path)
    bucket = Store((tmp_path / "bucket").as_posix())
    bucket.put("model.toy", toy.written({"age": 2.0, "weight": 0.0}))
    pulled = pull(workspace, mirror=BucketMirror(bucket, tmp_path / "mirror", settle=0))
    assert pulled.is_new
    assert workspace.registry().manifest("risk", pulled.version).runtime == "onnx"


def test_without_its_package_a_version_is_refused_and_others_are_served(toy: ModuleType, tmp_path: Path) -> None:
    workspace = imported(model_file(toy, tmp_path / "files", wave=True), tmp_path)
    [native] = workspace.registry().versions("risk")
    del FORMATS["toy"]
    with pytest.raises(BundleCorrupt, match="needs the runtime 'toy', which is not installed here"):
        workspace.versions().load(native.version)


def test_a_format_that_cannot_be_loaded_is_left_out_with_a_line_in_the_log(
    tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = "[vaticina.formats]\ngone = no_such_module:FORMAT\nnone = toy_format:FIRST_LINE\n"
    monkeypatch.syspath_prepend(install(tmp_path / "site-packages", broken))
    (tmp_path / "model.toy").write_bytes(b"TOY1\n{}")
    with caplog.at_level(logging.WARNING, "vaticina"):
        register_installed()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "the format gone is left out",
        "the format none is left out",
    ]
    with pytest.raises(ImportRefused, match="holds no file of a model"):
        find_source(tmp_path)


@pytest.mark.slow
def test_an_installed_format_is_served_by_a_process_that_knows_nothing_else_of_it(tmp_path: Path) -> None:
    """As a user has it: the package lies on the path, and the commands are called."""
    site = install(tmp_path / "site-packages")
    (tmp_path / "model.toy").write_bytes(b'TOY1\n{"weights": {"age": 1.0}, "wave": true, "imports": []}')
    (tmp_path / "rows.csv").write_text("age\n1.0\n-1.0\n")

    def command(*arguments: str, path: str = str(site)) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "vaticina", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    ran = command("import", "model.toy", "--name", "risk", "--id", "")
    assert ran.returncode == 0, ran.stderr
    ran = command("score", "risk", "rows.csv", "scored.csv")
    assert ran.returncode == 0, ran.stderr
    scored = (tmp_path / "scored.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in scored] == ["prediction", "yes", "no"]
    refused = command("score", "risk", "rows.csv", "again.csv", path="")
    assert refused.returncode == 1
    assert "needs the runtime 'toy', which is not installed here" in " ".join(refused.stderr.split())
    assert not (tmp_path / "again.csv").exists()
