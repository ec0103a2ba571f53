"""The client as a process: its settings, and its end."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client.behaviours import ok_when_released
from tests.client.conftest import APP
from tests.client.replica import Replica
from tests.client.upstream import Upstream
from tests.servers import gunicorn, until


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("POLICY", "fast", 'POLICY: "fast" is no policy; allowed: "none", "retry", "breaker", "full", "lab"'),
        ("BACKEND_URL", "backend:5000", 'BACKEND_URL: "backend:5000" is not a URL such as http://'),
    ],
)
def test_a_wrong_setting_ends_it_with_a_sentence(setting: str, value: str, message: str) -> None:
    """And with an exit code that is not 0."""
    with pytest.raises(RuntimeError, match=r"exit code [1-9]") as ended, gunicorn(APP, env={setting: value}):
        pass
    assert message in str(ended.value).replace('\\"', '"')
    assert "Traceback" not in str(ended.value)


def test_a_stop_finishes_fetches_and_ends_waiting_readers() -> None:
    """SIGTERM: the fetch in flight gets its data, the breaker's reader its report; the exit code is 0."""
    with (
        Upstream(ok_when_released) as upstream,
        gunicorn(APP, env={"BACKEND_URL": upstream.url}) as server,
        Replica(server, upstream) as replica,
        ThreadPoolExecutor(2) as pool,
    ):
        reader = pool.submit(replica.get, "/breaker?wait_s=30")
        [fetch] = replica.fetch_at_once(pool, 1)
        until(lambda: upstream.heads, "the fetch at the backend")
        server.process.terminate()
        assert reader.result()["transitions"] == []
        upstream.released.set()
        assert fetch.result()[0] == 200
        assert server.process.wait(5) == 0
