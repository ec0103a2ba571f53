"""Several loads in one Locust, as under its page."""

from pathlib import Path

import pytest
import requests

from brownout_fleet.free_port import free_port
from tests.loadtest.runs import locust, log_of, target

TOKEN = "a-token"


@pytest.mark.slow
def test_a_second_open_loop_load_is_sent_as_the_first_one(tmp_path: Path) -> None:
    """Two loads that both run to their end send the same."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/panel/api"
    options = ("--web-host", "127.0.0.1", "--web-port", str(port))
    with (
        target() as server,
        locust(tmp_path, *options, "--host", server.url, environ={"BROWNOUT_PANEL_TOKEN": TOKEN}) as run,
        requests.Session() as session,
    ):
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        run.says("Control panel")

        def is_over() -> bool:
            state = session.get(f"{url}/state", timeout=10).json()
            return state["run"]["ended_at"] is not None and state["load"]["state"] in ("ready", "stopped")

        asked = []
        for _ in range(2):
            load = {"arrival_rate": 20, "run_time": 1, "users": 20}
            assert session.put(f"{url}/load", json=load, timeout=10).ok
            run.awaits(is_over, "the end of the load")
            asked.append(len(log_of(server)["asked"]))
    assert asked == [20, 40]
