"""Ports: free, taken and by whom."""

import os
import socket
import sys
from collections.abc import Iterator

import pytest

from vaticina.serving.listen_port import free_port, is_loopback, refusal_reason


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_taken_port_is_told_with_its_owner(taken: int) -> None:
    reason = str(refusal_reason("127.0.0.1", taken))
    assert reason.startswith(f"port {taken} of 127.0.0.1 is taken")
    if sys.platform == "linux":
        assert f"by process {os.getpid()} (" in reason


def test_the_next_free_port_is_found(taken: int) -> None:
    other = free_port("127.0.0.1", taken)
    assert other is not None
    assert other > taken
    assert refusal_reason("127.0.0.1", other) is None


def test_an_address_of_another_machine_is_refused() -> None:
    assert "cannot be listened on" in str(refusal_reason("192.0.2.1", 18_999))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)
