"""One client replica for all tests of its interface, reset at the start of each."""

from collections.abc import Iterator

import psutil
import pytest

from tests.client.behaviours import ok
from tests.client.replica import Replica
from tests.client.upstream import Upstream
from tests.servers import gunicorn

APP = "brownout_client.app:create_app()"


@pytest.fixture(scope="package")
def shared_replica() -> Iterator[Replica]:
    with (
        Upstream(ok) as upstream,
        gunicorn(APP, env={"BACKEND_URL": upstream.url, "POLICY": "none"}) as server,
        Replica(server, upstream) as replica,
    ):
        yield replica


@pytest.fixture
def replica(shared_replica: Replica) -> Iterator[Replica]:
    """A replica with the policy "none" and a healthy backend: whatever a test switches on is new."""
    shared_replica.upstream.reset(ok)
    shared_replica.put_policy("none")
    yield shared_replica
    shared_replica.upstream.released.set()


@pytest.fixture
def upstream(replica: Replica) -> Upstream:
    """The backend of `replica`."""
    return replica.upstream


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a process behind; the replica that all tests share doesn't count."""
    me = psutil.Process()
    shared = me.children(recursive=True)
    yield
    left = [child for child in me.children(recursive=True) if child not in shared]
    assert not left, f"left behind: {[child.cmdline() for child in left]}"
