"""Region and endpoint come from the AWS profile in use, as botocore reads it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from tests.registry.bucket import Bucket, bucket
from tests.s3 import KEYS, S3, moto, rclone
from vaticina.errors import RegistryError
from vaticina.registry.aws_config import profile_options
from vaticina.registry.store import Store

SERVICES = """
[services local]
dynamodb =
  endpoint_url = http://127.0.0.1:2
s3 =
  max_concurrent_requests = 4
  endpoint_url = http://127.0.0.1:3
"""

MINIO = "[default]\nregion = a\n[profile minio]\nregion = b\nendpoint_url = http://m:1\n[profile m]\nregion = c\n"

CASES: dict[str, tuple[str, dict[str, str]]] = {
    "nothing": ("", {}),
    "region": ("[default]\nregion = eu-west-1\noutput = json\n", {}),
    "endpoint": ("[default]\nregion=us-east-2\nendpoint_url = http://127.0.0.1:1\n", {}),
    "services": ("[default]\nservices = local\nendpoint_url = http://127.0.0.1:1\n" + SERVICES, {}),
    "services of no profile": ("[default]\nendpoint_url = http://127.0.0.1:1\n" + SERVICES, {}),
    "settings of s3 in the profile": (
        "[default]\nendpoint_url = http://h:1\ns3 =\n  addressing_style = path\n  endpoint_url = http://h:2\n",
        {},
    ),
    "the default one of several profiles": (MINIO, {}),
    "a profile": (MINIO, {"AWS_PROFILE": "minio"}),
    "a profile of two variables": (MINIO, {"AWS_DEFAULT_PROFILE": "m", "AWS_PROFILE": "minio"}),
    "a profile in quotes": ('[profile "my minio"]\nregion = b\n', {"AWS_PROFILE": "my minio"}),
    "default as a profile": ("[profile default]\nregion = b\n", {}),
    "ignored endpoints": ("[default]\nendpoint_url = http://h:1\nignore_configured_endpoint_urls = True\n", {}),
    "endpoints ignored by a variable": (
        "[default]\nendpoint_url = http://h:1\n",
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
    ),
}


@pytest.fixture(autouse=True)
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder ``~/.aws`` of a user without variables."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".aws"
    folder.mkdir()
    return folder


def botocore_options() -> dict[str, str]:
    """What botocore finds in the same files."""
    session = boto3.Session()
    options = {"region": session.region_name} if session.region_name else {}
    endpoint = session.client("s3").meta.endpoint_url
    return options if endpoint.endswith(".amazonaws.com") else {**options, "endpoint": endpoint}


@pytest.mark.parametrize(("config", "variables"), CASES.values(), ids=CASES)
def test_region_and_endpoint_are_those_that_botocore_finds(
    aws: Path, config: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (aws / "config").write_text(config)
    assert profile_options() == botocore_options()


def test_the_file_of_credentials_may_name_them_too(aws: Path) -> None:
    (aws / "config").write_text("[default]\nregion = eu-west-1\n")
    (aws / "credentials").write_text("[default]\nregion = us-west-2\nendpoint_url = http://127.0.0.1:1\n")
    assert profile_options() == botocore_options() == {"region": "us-west-2", "endpoint": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("variable", "missing"),
    [
        ("AWS_REGION", "region"),
        ("AWS_DEFAULT_REGION", "region"),
        ("AWS_ENDPOINT_URL", "endpoint"),
        ("AWS_ENDPOINT_URL_S3", "endpoint"),
        ("AWS_ENDPOINT", "endpoint"),
    ],
)
def test_variables_come_before_the_files(
    aws: Path, variable: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (aws / "config").write_text("[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n")
    assert profile_options().keys() == {"region", "endpoint"}
    monkeypatch.setenv(variable, "http://127.0.0.1:2")
    assert missing not in profile_options()


@pytest.mark.parametrize("name", ["config", "credentials"])
@pytest.mark.parametrize("text", ["aws_secret_access_key = s3cr3t\n", "[default]\ns3cr3t\n", "[default]\nx=\xff\n"])
def test_a_file_that_cannot_be_read_is_named_without_what_is_in_it(aws: Path, name: str, text: str) -> None:
    (aws / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(RegistryError, match=rf"{name} cannot be read; correct it") as refused:
        Store("s3://models").get("a")
    assert "s3cr3t" not in refused.value.message
    assert "\n" not in refused.value.message


def keys_in_variables(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def keys_in_a_file(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{name.lower()} = {value}" for name, value in KEYS.items()]
    (aws / "credentials").write_text("\n".join(["[default]", *lines]))


@pytest.fixture(scope="module", params=["moto", "rclone"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with moto() if request.param == "moto" else rclone(tmp_path_factory.mktemp("rclone")) as started:
        started.fill("models", {"a": b"bytes"})
        yield started


@pytest.mark.parametrize("put_keys", [keys_in_variables, keys_in_a_file])
@pytest.mark.parametrize(
    "lines", ["endpoint_url = {}\n", "services = minio\n[services minio]\ns3 =\n  endpoint_url = {}\n"]
)
def test_a_server_of_one_s_own_needs_no_variable(
    aws: Path,
    server: S3,
    put_keys: Callable[[Path, pytest.MonkeyPatch], None],
    lines: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_keys(aws, monkeypatch)
    (aws / "config").write_text("[default]\nregion = us-east-1\n" + lines.format(server.endpoint))
    assert Store("s3://models").get("a") == b"bytes"


@pytest.fixture
def signed() -> Iterator[Bucket]:
    """A bucket that keeps the region for which each request was signed."""
    with bucket() as started:
        yield started


@pytest.mark.parametrize("put_keys", [keys_in_variables, keys_in_a_file])
def test_requests_are_signed_for_the_region_of_the_profile_or_of_the_variable(
    aws: Path, signed: Bucket, put_keys: Callable[[Path, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_keys(aws, monkeypatch)
    (aws / "config").write_text(f"[default]\nregion = eu-west-1\nendpoint_url = {signed.options['endpoint']}\n")
    Store("s3://models").get("a")
    monkeypatch.setenv("AWS_REGION", "sa-east-1")
    Store("s3://models").get("a")
    assert signed.regions == ["eu-west-1", "sa-east-1"]
