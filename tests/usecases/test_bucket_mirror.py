"""The folder of this machine that holds a bucket's files: the same over every kind of store."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import orjson
import pytest

from tests.s3 import S3, moto, rclone
from vaticina.errors import ImportRefused, RegistryError, SettingsError
from vaticina.registry.store import Store, StoredObject
from vaticina.usecases.bucket_mirror import NOTES, BucketMirror

FILES = {"scaler.joblib": b"scaler", "kmeans_model.joblib": b"kmeans", "modelo_cluster_0_prod.joblib": b"zero"}


class Asked:
    """A bucket that counts what is read."""

    def __init__(self, store: Store) -> None:
        self.name = store.name
        self.top = store.top
        self.items = store.items
        self.read: list[str] = []
        self._store = store

    def get(self, key: str) -> bytes | None:
        self.read.append(key)
        return self._store.get(key)


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with moto() as started:
        yield started


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with rclone(tmp_path_factory.mktemp("rclone")) as started:
        yield started


@pytest.fixture(params=["memory", "folder", "moto", "rclone"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A bucket with three files of a set, one of something else, and one in a folder below."""
    made = Store(_url(request, tmp_path, monkeypatch))
    for name, data in {**FILES, "notes.txt": b"no model", "old/scaler.joblib": b"old"}.items():
        made.put(name, data)
    return made


def _url(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "memory":
        return "memory:///"
    if request.param == "folder":
        return (folder / "bucket").as_posix()
    s3: S3 = request.getfixturevalue("server" if request.param == "moto" else "strict")
    for name, value in s3.variables.items():
        monkeypatch.setenv(name, value)
    bucket = f"models-{abs(hash(folder)) % 10**9}"
    s3.make(bucket)
    return f"s3://{bucket}/models/"


def mirror(store: Store, tmp_path: Path) -> tuple[BucketMirror, Asked]:
    asked = Asked(store)
    return BucketMirror(asked, tmp_path / "modelos", settle=0), asked


def files(mirror: BucketMirror) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in mirror.folder.iterdir() if path.name != NOTES}


def test_the_set_is_fetched_and_nothing_else(store: Store, tmp_path: Path) -> None:
    here, _ = mirror(store, tmp_path)
    assert sorted(here.refresh()) == sorted(FILES)
    assert files(here) == FILES
    assert {path.name for path in (tmp_path / "modelos").iterdir()} == {*FILES, NOTES}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "modelos").iterdir())


def test_what_is_here_is_not_fetched_again(store: Store, tmp_path: Path) -> None:
    mirror(store, tmp_path)[0].refresh()
    again, asked = mirror(store, tmp_path)
    assert again.refresh() == asked.read == []
    (tmp_path / "modelos" / "scaler.joblib").unlink()
    assert again.refresh() == asked.read == ["scaler.joblib"]


PREDICTOR = {
    "learner.pkl": b"learner",
    "models/KNeighbors/model.pkl": b"neighbours",
    "models/trainer.pkl": b"trainer",
    "predictor.pkl": b"predictor",
    "version.txt": b"1.0",
}


@pytest.fixture
def predictor(store: Store) -> Store:
    """The bucket with a folder that AutoGluon saved, beside what is there already."""
    for name, data in {**PREDICTOR, ".hidden": b"", "models/.DS_Store": b""}.items():
        store.put(name, data)
    return store


def test_a_predictor_s_folder_is_fetched_with_all_below_it(predictor: Store, tmp_path: Path) -> None:
    here, asked = mirror(predictor, tmp_path)
    expected = {**PREDICTOR, **FILES, "notes.txt": b"no model", "old/scaler.joblib": b"old"}
    assert sorted(here.refresh()) == sorted(expected)
    source = here.source()
    assert source.read() == expected
    assert source.files[-1].name == "version.txt", "the file by which it is known comes last"
    assert ".hidden" not in asked.read
    if predictor.name.startswith("/"):  # a folder's etag is made of a time in whole seconds on some disks
        os.utime(tmp_path / "bucket" / "models" / "trainer.pkl", (1, 1))
    predictor.put("models/trainer.pkl", b"TRAINER")
    assert here.refresh() == ["models/trainer.pkl"]
    assert (here.folder / "models" / "trainer.pkl").read_bytes() == b"TRAINER"
    assert all(path.stat().st_mode & 0o077 == 0 for path in here.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.parametrize("name", ["/tmp/evil.pkl", "models/link/evil.pkl"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str, predictor: Store, tmp_path: Path) -> None:
    """A store lists no such names; another kind of store might."""
    here, asked = mirror(predictor, tmp_path)
    here.refresh()
    (tmp_path / "elsewhere").mkdir()
    (here.folder / "models" / "link").symlink_to(tmp_path / "elsewhere")
    items = predictor.items
    asked.items = lambda folder: {**items(folder), name: StoredObject("etag", 4)}
    with pytest.raises(ImportRefused, match=r"^memory:\S* holds '.*evil\.pkl', which leads out of a folder; rename"):
        here.refresh()
    assert list(tmp_path.rglob("evil.pkl")) == []


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_name_that_goes_up_is_not_fetched(predictor: Store, tmp_path: Path) -> None:
    here, asked = mirror(predictor, tmp_path)
    items = predictor.items
    asked.items = lambda folder: {**items(folder), "models/../../evil.pkl": StoredObject("etag", 4)}
    here.refresh()
    assert not [name for name in asked.read if "evil" in name]


@pytest.mark.parametrize("key", ["models/models/../../../evil.pkl", "models/models//evil.pkl", "models/models/./evil"])
def test_a_key_that_is_no_path_is_told_in_one_line(
    key: str, server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    bucket = f"keys-{abs(hash(tmp_path)) % 10**9}"
    server.fill(bucket, {key: b"evil", **{f"models/{name}": data for name, data in PREDICTOR.items()}})
    here, _ = mirror(Store(f"s3://{bucket}/models/"), tmp_path)
    with pytest.raises(
        RegistryError, match=r"did not list models/: a key in it has an empty part, or .*\.$"
    ) as refused:
        here.refresh()
    assert "\n" not in refused.value.message
    assert not list(tmp_path.rglob("evil*"))


def test_what_a_console_puts_for_an_empty_folder_is_no_file(
    server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    bucket = f"folders-{abs(hash(tmp_path)) % 10**9}"
    server.fill(bucket, {"models/models/": b"", "models/models/KNeighbors/": b""})
    for name, data in PREDICTOR.items():
        server.put(bucket, f"models/{name}", data)
    here, _ = mirror(Store(f"s3://{bucket}/models/"), tmp_path)
    assert sorted(here.refresh()) == sorted(PREDICTOR)


def test_a_changed_object_is_noticed(store: Store, tmp_path: Path) -> None:
    """By its etag: these bytes are as many as before."""
    here, _ = mirror(store, tmp_path)
    here.refresh()
    if store.name.startswith("/"):  # a folder's etag is made of a time in whole seconds on some disks
        os.utime(tmp_path / "bucket" / "scaler.joblib", (1, 1))
    store.put("scaler.joblib", b"SCALER")
    assert here.refresh() == ["scaler.joblib"]
    assert files(here)["scaler.joblib"] == b"SCALER"
    assert here.refresh() == []


def test_files_put_here_by_hand_are_taken_as_they_are(store: Store, tmp_path: Path) -> None:
    """As documented: only what is absent is fetched; of another size, it is another file."""
    folder = tmp_path / "modelos"
    folder.mkdir(mode=0o700)
    (folder / "scaler.joblib").write_bytes(b"SCALER")
    (folder / "kmeans_model.joblib").write_bytes(b"another size")
    here, _ = mirror(store, tmp_path)
    assert sorted(here.refresh()) == ["kmeans_model.joblib", "modelo_cluster_0_prod.joblib"]
    assert files(here) == {**FILES, "scaler.joblib": b"SCALER"}


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_files_replaced_one_by_one_are_taken_together(store: Store, tmp_path: Path) -> None:
    """Whoever replaces a set takes a while; what is fetched in between is not yet the new set."""
    here, asked = mirror(store, tmp_path)
    here.refresh()
    store.put("scaler.joblib", b"SCALER")
    get = asked.get

    def slow(key: str) -> bytes | None:
        if key == "scaler.joblib":
            store.put("kmeans_model.joblib", b"KMEANS")  # while the first one is being fetched
        return get(key)

    asked.get = slow  # type: ignore[method-assign]
    assert here.refresh() == ["kmeans_model.joblib", "scaler.joblib"]
    assert files(here) == {**FILES, "scaler.joblib": b"SCALER", "kmeans_model.joblib": b"KMEANS"}


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_folder_that_others_may_enter_is_refused(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "modelos"
    folder.mkdir(mode=0o755)
    here, asked = mirror(store, tmp_path)
    for attempt in (here.check_private, here.refresh):
        with pytest.raises(SettingsError, match=r"may be entered by others \(mode 0755.*chmod 700"):
            attempt()
    assert asked.read == []
    folder.chmod(0o700)
    assert here.refresh()


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_link_in_its_place_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "modelos").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="is no folder"):
        mirror(store, tmp_path)[0].refresh()


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_somebody_else_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "modelos").mkdir(mode=0o700)
    os.chown(tmp_path / "modelos", 12345, 12345)
    with pytest.raises(SettingsError, match="owner 12345"):
        mirror(store, tmp_path)[0].refresh()


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_folder_with_the_files_of_another_bucket_is_refused(store: Store, tmp_path: Path) -> None:
    mirror(store, tmp_path)[0].refresh()
    other = Store((tmp_path / "other").as_posix())
    with pytest.raises(SettingsError, match=r"holds the files of memory:.*name another folder with \[import\] local"):
        mirror(other, tmp_path)[0].refresh()


def test_a_bucket_without_a_model_is_refused(tmp_path: Path) -> None:
    store = Store("memory:///")
    store.put("notes.md", b"no model")
    with pytest.raises(ImportRefused, match="holds no file of a model"):
        mirror(store, tmp_path)[0].refresh()


@pytest.mark.parametrize("store", ["moto", "rclone"], indirect=True)
def test_a_bucket_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"^The store s3://no-such-bucket/models/ .*no such bucket.*\.$"):
        mirror(Store("s3://no-such-bucket/models/"), tmp_path)[0].refresh()


@pytest.mark.parametrize("store", ["rclone"], indirect=True)
def test_wrong_keys_are_told_in_one_line_without_them(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-wrong-one")
    with pytest.raises(RegistryError, match="it refuses these credentials") as refused:
        mirror(Store(f"{store.name}"), tmp_path)[0].refresh()
    assert "wrong-one" not in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("store", ["rclone"], indirect=True)
def test_credentials_of_a_profile(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As 'aws configure' writes them; the server checks the signature made with them."""
    home = tmp_path / "home" / ".aws"
    home.mkdir(parents=True)
    keys = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    lines = "".join(f"{name.lower()} = {value}\n" for name, value in keys.items())
    (home / "credentials").write_text(f"[default]\n{lines}")
    (home / "config").write_text("[default]\nregion = us-east-1\n")
    monkeypatch.setenv("HOME", str(home.parent))
    for name in (*keys, "AWS_REGION"):
        monkeypatch.delenv(name)
    assert sorted(mirror(Store(store.name), tmp_path)[0].refresh()) == sorted(FILES)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(RegistryError, match=r"profile \(nobody\) could not be found; run 'aws configure'"):
        mirror(Store(store.name), tmp_path / "again")[0].refresh()


def test_no_credentials_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with pytest.raises(
        RegistryError, match="no credentials were found; set them in the environment, run 'aws configure'"
    ):
        mirror(Store("s3://contugas-models-dev/models/"), tmp_path)[0].refresh()


class Metadata(BaseHTTPRequestHandler):
    """What a machine of Amazon tells itself of its role, by version 2 of the service: a token is asked for first."""

    keys: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[str]] = []

    def do_PUT(self) -> None:
        self._answer(b"a-token" if self.path == "/latest/api/token" else None)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        role = "/latest/meta-data/iam/security-credentials/"
        told = {role: b"vaticina", f"{role}vaticina": orjson.dumps(self.keys)}
        self._answer(told.get(self.path) if self.headers.get("X-aws-ec2-metadata-token") == "a-token" else None)

    def _answer(self, body: bytes | None) -> None:
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def metadata() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("store", ["rclone"], indirect=True)
def test_credentials_of_the_machine_s_role(
    store: Store, tmp_path: Path, metadata: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rclone checks signatures, so that only the role's own keys get in."""
    Metadata.keys = {
        "Code": "Success",
        "Type": "AWS-HMAC",
        "AccessKeyId": os.environ["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": os.environ["AWS_SECRET_ACCESS_KEY"],
        "Token": "",
        "LastUpdated": "2026-01-01T00:00:00Z",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", metadata)
    assert Store(store.name).get("scaler.joblib") == b"scaler"
    assert "/latest/meta-data/iam/security-credentials/vaticina" in Metadata.asked
