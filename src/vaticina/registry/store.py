"""A store of bytes under keys: a local folder, memory, S3, Google Cloud Storage or Azure, all through obstore."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, MemoryStore, from_url

from vaticina.errors import RegistryError
from vaticina.registry.aws_config import profile_options
from vaticina.registry.aws_profile import profile_credentials
from vaticina.registry.store_errors import FAILURES, reason

CLIENT: dict[str, Any] = {"connect_timeout": "2s", "read_timeout": "5s", "timeout": "120s", "allow_http": True}
"""Two seconds to connect and five of silence; two minutes only for a body that keeps flowing.

Without TLS only where an endpoint says ``http://``: these options hide AWS_ALLOW_HTTP from obstore.
"""

RETRY: dict[str, Any] = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=8),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
}

AT_ONCE = 2
"""Parts of a large file in flight: more would starve each other beyond the read time-out on a slow line."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a store tells of an object without reading it: ``etag`` changes whenever its bytes do."""

    etag: str
    size: int


class Store:
    """Bytes under keys like ``a/b/c``. Opened at first use, so that a node starts with the store out of reach.

    All methods raise RegistryError, in one line without secrets, when the store does not answer.
    """

    def __init__(self, url: str, options: Mapping[str, str] | None = None) -> None:
        self.name = _public(url)
        self._url = url
        self._options = dict(options or {})
        self._opened: Any = MemoryStore() if url.startswith("memory:") else None

    def get(self, key: str) -> bytes | None:
        """The bytes under ``key``, or None."""
        with self._answering(f"read {key}") as store:
            try:
                return bytes(obstore.get(store, key).bytes())
            except FileNotFoundError:
                return None

    def put(self, key: str, data: bytes) -> None:
        """Writes ``data`` under ``key``, whole or not at all."""
        with self._answering(f"write {key}") as store:
            obstore.put(store, key, data, max_concurrency=AT_ONCE)

    def create(self, key: str, data: bytes) -> bool:
        """Writes ``data`` under ``key`` if there is nothing yet; whether it was written."""
        with self._answering(f"write {key}") as store:
            try:
                obstore.put(store, key, data, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def keys(self, prefix: str) -> list[str]:
        """All keys under the folder ``prefix``, sorted."""
        with self._answering(f"list {prefix}") as store:
            return sorted(meta["path"] for page in obstore.list(store, prefix) for meta in page)

    def items(self) -> dict[str, StoredObject]:
        """The objects right here, below no further folder, by name."""
        with self._answering("list its files") as store:
            found = obstore.list_with_delimiter(store)["objects"]
            return {meta["path"]: StoredObject(meta["e_tag"] or "", meta["size"]) for meta in found}

    @contextmanager
    def _answering(self, task: str) -> Iterator[Any]:
        """The open store; what it raises becomes a RegistryError."""
        try:
            yield self._open()
        except FAILURES as error:
            raise RegistryError(f"The store {self.name} did not {task}: {reason(error)}.") from None

    def _open(self) -> Any:
        if self._opened is None:
            self._opened = _open(self._url, self._options)
        return self._opened


def _open(url: str, options: dict[str, str]) -> Any:
    if _is_folder(url):
        return LocalStore(_folder(url), mkdir=True)
    credentials = None
    if url.startswith("s3") and "access_key_id" not in options:
        options = {**profile_options(), **options}
        credentials = profile_credentials()
    return from_url(  # type: ignore[call-overload]
        url, config=options or None, client_options=CLIENT, retry_config=RETRY, credential_provider=credentials
    )


def _is_folder(url: str) -> bool:
    return "://" not in url or url.startswith("file:")


def _folder(url: str) -> Path:
    path = Path(url2pathname(urlsplit(url).path)) if url.startswith("file:") else Path(url)
    return path.expanduser().absolute()


def _public(url: str) -> str:
    """``url`` without what may be secret in it."""
    if _is_folder(url):
        return str(_folder(url))
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
