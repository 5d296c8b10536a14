from collections.abc import Iterator

import pytest

from tests.api.clinic import open_app, project, served, service


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """A server of the clinic, open to all, shared by tests that change nothing but its history."""
    with served(open_app()) as number:
        yield number


@pytest.fixture(scope="session")
def private_port() -> Iterator[int]:
    """The same, for callers of this machine only."""
    with served(open_app(service(project(auth="local")))) as number:
        yield number
