"""Whether a port can be listened on, and who has it."""

import socket
from contextlib import suppress
from errno import EADDRINUSE
from ipaddress import ip_address
from pathlib import Path
from typing import Any

LISTENING = "0A"
"""The state of a listening socket in ``/proc/net/tcp``."""

TRIED = 20
"""Ports looked at for a free one."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refusal_reason(host: str, port: int) -> str | None:
    """Why ``port`` of ``host`` cannot be listened on; None when it can."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        return f"{host} is no address: {error.strerror}"
    addresses = {(family, address) for family, _, _, _, address in found}
    return next(filter(None, (_refusal(family, address) for family, address in addresses)), None)


def _refusal(family: int, address: tuple[Any, ...]) -> str | None:
    host, port = address[:2]
    try:
        probe = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None  # a family that this machine lacks; the server passes over it too
    with probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == EADDRINUSE:
                return f"port {port} of {host} is taken{_by_whom(port)}"
            return f"port {port} of {host} cannot be listened on: {error.strerror}"
    return None


def free_port(host: str, port: int) -> int | None:
    """The first free port after ``port``, if one is near."""
    return next((p for p in range(port + 1, min(port + TRIED, 65_535)) if refusal_reason(host, p) is None), None)


def _by_whom(port: int) -> str:
    """The process that listens, where the system lets us see it (Linux, a process of the same user)."""
    inodes = _inodes(port)
    if not inodes:
        return ""
    links = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(descriptor.readlink()) in links for descriptor in process.joinpath("fd").iterdir()):
                return f" by process {process.name} ({process.joinpath('comm').read_text().strip()})"
    return ""


def _inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
            found |= {row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port}
    return found
