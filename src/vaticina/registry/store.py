"""An object store: a local folder, memory, S3, Google Cloud Storage or Azure, all through obstore."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
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
"""At most two seconds to connect, five without a byte, and two minutes for a whole body.

Plain HTTP is allowed for endpoints that begin with ``http://``: with these options obstore ignores AWS_ALLOW_HTTP.
"""

RETRY: dict[str, Any] = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=8),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
}

MAX_UPLOADS = 2
"""Parts of a large file that are uploaded at once: on a slow line, more of them would each exceed the read time-out."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing shows it: its size in bytes, and an ``etag`` that changes whenever its bytes do."""

    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class StoreListing:
    """What stands at the top of a store: objects by their names, and the names of folders, which end with ``/``."""

    objects: Mapping[str, StoredObject]
    folders: Sequence[str]


class Store:
    """Bytes under keys such as ``a/b/c``. Opened at first use, so that a server starts while the store is away.

    All methods raise RegistryError, in one line without secrets, when the store does not answer.
    """

    def __init__(self, url: str, options: Mapping[str, str] | None = None) -> None:
        self.name = _without_secrets(url)
        self._url = url
        self._options = dict(options or {})
        self._opened: Any = MemoryStore() if url.startswith("memory:") else None

    def get(self, key: str) -> bytes | None:
        """The bytes under ``key``; None when there is no such key."""
        with self._connected(f"read {key}") as store:
            try:
                return bytes(obstore.get(store, key).bytes())
            except FileNotFoundError:
                return None

    def put(self, key: str, data: bytes) -> None:
        """Writes ``data`` under ``key``: all of it, or nothing."""
        with self._connected(f"write {key}") as store:
            obstore.put(store, key, data, max_concurrency=MAX_UPLOADS)

    def create(self, key: str, data: bytes) -> bool:
        """Writes ``data`` under ``key`` if the key is absent. False when it is there already."""
        with self._connected(f"write {key}") as store:
            try:
                obstore.put(store, key, data, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def keys(self, prefix: str) -> list[str]:
        """All keys under the folder ``prefix``, sorted."""
        with self._connected(f"list {prefix}") as store:
            keys: list[str] = []
            for page in obstore.list(store, prefix):
                keys.extend(listed["path"] for listed in page)
            return sorted(keys)

    def top(self) -> StoreListing:
        """The objects and folders at the top of the store; not what is in the folders."""
        with self._connected("list its files") as store:
            listing = obstore.list_with_delimiter(store)
        folders = [f"{path}/" for path in listing["common_prefixes"]]
        return StoreListing(_objects(listing["objects"]), folders)

    def items(self, folder: str) -> dict[str, StoredObject]:
        """Name -> object, for all objects in ``folder`` (``a/``) and in those below it; the names begin with it."""
        objects: dict[str, StoredObject] = {}
        with self._connected(f"list {folder}") as store:
            for page in obstore.list(store, folder.removesuffix("/")):
                objects.update(_objects(page))
        return _without_placeholders(objects, folder)

    @contextmanager
    def _connected(self, task: str) -> Iterator[Any]:
        """The opened store. Its exceptions become a RegistryError, which says that ``task`` failed and why."""
        try:
            if self._opened is None:
                self._opened = _open(self._url, self._options)
            yield self._opened
        except FAILURES as error:
            raise RegistryError(f"The store {self.name} did not {task}: {reason(error)}.") from None


def _objects(page: Iterable[Mapping[str, Any]]) -> dict[str, StoredObject]:
    return {meta["path"]: StoredObject(meta["e_tag"] or "", meta["size"]) for meta in page}


def _without_placeholders(objects: Mapping[str, StoredObject], folder: str) -> dict[str, StoredObject]:
    """``objects`` without those that consoles make for empty folders: an object ``a/b/`` is listed as ``a/b``."""
    folders = {folder.removesuffix("/")}
    for name in objects:
        folders.update(str(parent) for parent in PurePosixPath(name).parents)
    return {name: stored for name, stored in objects.items() if name not in folders}


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


def _without_secrets(url: str) -> str:
    """``url`` without user, password and query, which may be secret."""
    if _is_folder(url):
        return str(_folder(url))
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
