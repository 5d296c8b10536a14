"""Stores that are away, refuse, fall silent or break their word: one line each, soon, without secrets."""

import time
from pathlib import Path

import pytest

from tests.registry.bucket import bucket
from tests.registry.samples import published
from vaticina.errors import RegistryError, UnsafeStore
from vaticina.registry import Registry, open_registry
from vaticina.registry.store import Store

SECRETS = ("very-secret-key", "AKIATESTING", "hunter2", "sig=", "token")


def refusal(registry: Registry) -> str:
    with pytest.raises(RegistryError) as refused:
        registry.resolve("medico", "production")
    message = refused.value.message
    assert type(refused.value) is RegistryError
    assert refused.value.__cause__ is None
    assert "\n" not in message
    assert not [secret for secret in SECRETS if secret in message]
    return message


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "status 500"),
        (503, "status 503"),
        (403, "refuses these credentials"),
        (401, "refuses these credentials"),
        (301, "another region; set AWS_REGION"),
    ],
)
def test_answers_that_are_none_are_one_line(status: int, words: str, tmp_path: Path) -> None:
    with bucket() as server:
        server.status = status
        message = refusal(open_registry("s3://models/here", tmp_path, server.options))
        assert words in message
        assert "s3://models/here" in message


def test_a_store_that_is_away_is_told_within_seconds(tmp_path: Path) -> None:
    with bucket() as server:
        options = server.options
    started = time.monotonic()
    assert "no connection" in refusal(open_registry("s3://models", tmp_path, options))
    assert time.monotonic() - started < 5


@pytest.mark.slow
def test_a_store_that_falls_silent_is_told_within_seconds(tmp_path: Path) -> None:
    with bucket() as server:
        server.silent.set()
        started = time.monotonic()
        assert "in time" in refusal(open_registry("s3://models", tmp_path, server.options))
        assert time.monotonic() - started < 20


def test_opening_reads_nothing(tmp_path: Path) -> None:
    """A node is built with its store away, its folder missing, its URL wrong: that is told at the first use."""
    for url in ("s3://models", f"{tmp_path}/not/yet", "gopher://x"):
        open_registry(url, tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gopher://ana:hunter2@host/models?sig=hunter2", "knows no such kind of store"),
        ("az://models?sig=hunter2", "account is not named"),
    ],
)
def test_urls_that_cannot_be_used_are_told_without_their_secrets(url: str, words: str, tmp_path: Path) -> None:
    assert words in refusal(open_registry(url, tmp_path))


def test_options_that_are_unknown_are_told_without_their_values(tmp_path: Path) -> None:
    assert "option is not known" in refusal(open_registry("s3://models", tmp_path, {"pass_word": "hunter2"}))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "Not a directory; check the folder" in refusal(open_registry(f"{tmp_path}/file/store", tmp_path))


def test_a_bucket_may_be_set_up_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.options["endpoint"])
        for name in ("access_key_id", "secret_access_key", "region"):
            monkeypatch.setenv(f"AWS_{name.upper()}", server.options[name])
        manifest = published(open_registry("s3://models", tmp_path))
        assert f"/models/medico/versions/{manifest.version}/manifest.json" in server.objects


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    published(open_registry(f"file://{tmp_path.as_posix()}/with%20space", tmp_path / "cache"))
    assert (tmp_path / "with space" / "medico" / "versions").is_dir()


def test_a_relative_folder_is_where_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    registry = open_registry("the store", tmp_path / "cache")
    assert registry.store.name == f"{tmp_path}/the store"


def test_the_memory_of_one_registry_is_its_own(tmp_path: Path) -> None:
    published(open_registry("memory://", tmp_path))
    assert open_registry("memory://", tmp_path).versions("medico") == []


def test_a_store_that_ignores_put_if_absent_is_found_out(tmp_path: Path) -> None:
    with bucket() as server:
        server.conditional = False
        registry = open_registry("s3://models", tmp_path, server.options)
        version = published(registry).version
        with pytest.raises(UnsafeStore, match=r"s3://models ignores put-if-absent"):
            registry.promote("medico", version)
        assert registry.aliases("medico") == {}


def test_a_safe_store_is_probed_once(tmp_path: Path) -> None:
    with bucket() as server:
        registry = open_registry("s3://models", tmp_path, server.options)
        version = published(registry).version
        for _ in range(3):
            registry.promote("medico", version)
        open_registry("s3://models", tmp_path, server.options).promote("medico", version)
        assert len([request for request in server.requests if "_probe" in request]) == 3


def test_a_promotion_whose_answer_was_lost_is_still_ones_own(tmp_path: Path) -> None:
    """The client puts again and is told that the key is there: it is its own entry, so nobody else won."""
    with bucket() as server:
        registry = open_registry("s3://models", tmp_path, server.options)
        version = published(registry).version
        registry.promote("medico", version)
        server.requests.clear()
        head = registry._aliases.head("medico", "production")
        server.lose = 1
        entry = registry._aliases.append("medico", "production", head, version=version)
        assert entry.number == 2
        assert len([request for request in server.requests if request.startswith("PUT")]) == 2


def test_names_that_a_store_cannot_hold_are_told() -> None:
    with pytest.raises(RegistryError, match="characters that a store does not take"):
        Store("memory://").put("a\nb", b"")


def test_a_follower_asks_for_little(tmp_path: Path) -> None:
    """A server looks every second: two reads of one key each, never a list."""
    with bucket() as server:
        registry = open_registry("s3://models", tmp_path, server.options)
        registry.promote("medico", published(registry).version)
        registry.resolve("medico", "production")
        server.requests.clear()
        registry.resolve("medico", "production")
        assert [request.partition("?")[2] for request in server.requests] == ["", ""]


def test_a_store_that_was_emptied_starts_anew(tmp_path: Path) -> None:
    """A registry that knew more entries than there are now looks again."""
    with bucket() as server:
        registry = open_registry("s3://models", tmp_path, server.options)
        registry.promote("medico", published(registry).version)
        registry.promote("medico", published(registry).version)
        server.objects.clear()
        other = open_registry("s3://models", tmp_path, server.options)
        version = published(other).version
        other.promote("medico", version)
        assert registry.resolve("medico", "production") == version
