"""Real S3 servers for tests: moto's, which knows all of the protocol, and rclone's, which checks every signature."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import boto3
import httpx
from botocore.config import Config

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAVATICINA", "AWS_SECRET_ACCESS_KEY": "s3cr3t-of-the-tests"}


class S3:
    """A server; ``variables`` are what a user's environment holds to reach it, keys included."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.variables = {**KEYS, "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1"}
        self._client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def make(self, bucket: str) -> None:
        """An empty bucket."""
        self._client.create_bucket(Bucket=bucket)

    def put(self, bucket: str, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=bucket, Key=key, Body=data)

    def delete(self, bucket: str, key: str) -> None:
        self._client.delete_object(Bucket=bucket, Key=key)

    def fill(self, bucket: str, files: Mapping[str, bytes]) -> None:
        """A bucket with these files."""
        self.make(bucket)
        for key, data in files.items():
            self.put(bucket, key, data)


@contextmanager
def moto() -> Iterator[S3]:
    """moto's server, in memory: it takes any key."""
    with _free_port() as port:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port) as server:
        yield server


@contextmanager
def rclone(folder: Path) -> Iterator[S3]:
    """rclone's server over ``folder``, one folder a bucket: it refuses any key but ours."""
    with _free_port() as port:
        auth = ",".join(KEYS.values())
        command = [
            shutil.which("rclone", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath])) or "rclone",
            *("serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", auth, "--vfs-cache-mode", "off"),
            *("--config", os.devnull, str(folder)),
        ]
    with _running(command, port) as server:
        yield server


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@contextmanager
def _running(command: list[str], port: int) -> Iterator[S3]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield S3(port)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at once"
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")
