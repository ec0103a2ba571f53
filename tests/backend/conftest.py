"""One backend replica for all tests of its interface, without faults at the start of each."""

from collections.abc import Iterator

import psutil
import pytest

from tests.backend.http import Backend
from tests.servers import gunicorn


@pytest.fixture(scope="session")
def replica() -> Iterator[Backend]:
    with gunicorn("services.backend.app:create_app()") as server, Backend(server) as backend:
        yield backend


@pytest.fixture
def backend(replica: Backend) -> Backend:
    replica.clear()
    return replica


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a process behind; servers that a whole module shares don't count."""
    me = psutil.Process()
    shared = me.children(recursive=True)
    yield
    left = [child for child in me.children(recursive=True) if child not in shared]
    assert not left, f"left behind: {[child.cmdline() for child in left]}"
