"""Whether a server can listen on a port, and which process has it."""

import socket
from contextlib import suppress
from errno import EADDRINUSE
from ipaddress import ip_address
from pathlib import Path
from typing import Any

LISTENING = "0A"
"""The state of a listening socket in ``/proc/net/tcp``."""

MAX_ATTEMPTS = 20
"""How many ports are tried in the search for a free one."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refusal_reason(host: str, port: int) -> str | None:
    """Why a server cannot listen on ``port`` of ``host``; None when it can."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        return f"{host} is not an address of this machine: {error.strerror}"
    for family, _, _, _, address in addresses:
        reason = _bind_error(family, address)
        if reason:
            return reason
    return None


def _bind_error(family: int, address: tuple[Any, ...]) -> str | None:
    host, port = address[:2]
    try:
        probe = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None  # this machine does not have the family; the server ignores it too
    with probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the server sets it too
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == EADDRINUSE:
                return f"port {port} of {host} is taken{_listener(port)}"
            return f"port {port} of {host} cannot be listened on: {error.strerror}"
    return None


def free_port(host: str, port: int) -> int | None:
    """The first free port after ``port``; None when the next ``MAX_ATTEMPTS`` are all taken."""
    for candidate in range(port + 1, min(port + MAX_ATTEMPTS, 65_535)):
        if refusal_reason(host, candidate) is None:
            return candidate
    return None


def _listener(port: int) -> str:
    """`` by process ID (NAME)`` of the process that listens on ``port``; empty where the system does not show it.

    Linux shows processes of the same user.
    """
    sockets = _listening_sockets(port)
    if not sockets:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in process.joinpath("fd").iterdir():
                if str(descriptor.readlink()) in sockets:
                    return f" by process {process.name} ({process.joinpath('comm').read_text().strip()})"
    return ""


def _listening_sockets(port: int) -> set[str]:
    """The sockets that listen on ``port``, as ``/proc/PROCESS/fd`` links to them."""
    sockets: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                row = line.split()
                if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{row[9]}]")
    return sockets
