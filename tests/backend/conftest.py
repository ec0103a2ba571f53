"""One backend replica for all tests of its interface, without faults at the start of each."""

from collections.abc import Iterator

import psutil
import pytest

from tests.backend.http import Backend
from tests.servers import gunicorn


@pytest.fixture(scope="package", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail if these tests leave a process behind. Once for all of them, since they share servers."""
    me = psutil.Process()
    before = me.children(recursive=True)
    yield
    left = [child for child in me.children(recursive=True) if child not in before]
    assert not left, f"left behind: {[child.cmdline() for child in left]}"


@pytest.fixture(scope="package")
def replica() -> Iterator[Backend]:
    with gunicorn("brownout_backend.app:create_app()") as server, Backend(server) as backend:
        yield backend


@pytest.fixture
def backend(replica: Backend) -> Backend:
    replica.clear()
    return replica
