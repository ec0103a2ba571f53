"""An open loop over several workers that come and go."""

import signal
from contextlib import ExitStack
from pathlib import Path

from brownout_fleet.free_port import free_port
from tests.loadtest.runs import Locust, locust, log_of, target
from tests.servers import Server, until

RATE = 100


def asked_between(server: Server, start: float, end: float) -> int:
    """Requests whose arrival at the target lies in a span of the load, in seconds since the first one."""
    asked = log_of(server)["asked"]
    return sum(1 for moment in asked if start <= moment - asked[0] < end)


def seconds(server: Server) -> float:
    """Seconds from the first request to the last one so far."""
    asked = log_of(server)["asked"]
    return asked[-1] - asked[0] if asked else 0.0


def test_the_rate_stays_right_when_workers_join_leave_and_die(tmp_path: Path) -> None:
    """Two workers; a third joins; one leaves with notice, and one is killed. The third sends it all."""
    port = free_port()
    with target() as server, ExitStack() as stack:

        def start(name: str, *options: str) -> Locust:
            folder = tmp_path / name
            folder.mkdir()
            return stack.enter_context(locust(folder, *options))

        def worker(name: str) -> Locust:
            return start(name, "--worker", f"--master-port={port}")

        load = ["--headless", "--host", server.url, f"--arrival-rate={RATE}", "--expect-workers=2"]
        master = start("master", "--master", f"--master-bind-port={port}", "-t60", *load)
        leaving, dying = worker("leaving"), worker("dying")

        # With two, then three workers no arrival is missed nor sent twice, the hand-over included.
        until(lambda: seconds(server) > 0.3, "load from two workers", 20.0)
        worker("joining")
        master.says("3 workers connected")
        joined = seconds(server)
        until(lambda: seconds(server) > joined + 2.0, "load from three workers")
        span = joined + 1.9
        assert abs(asked_between(server, 0, span) - RATE * span) <= 6

        # One leaves with notice, one dies: Locust misses it after 3 to 4 s.
        leaving.process.send_signal(signal.SIGTERM)
        dying.process.kill()
        master.says("failed to send heartbeat, setting state to missing")
        missed = seconds(server)
        until(lambda: seconds(server) > missed + 2.6, "load from the last one")
        assert abs(asked_between(server, missed + 1.5, missed + 2.5) - RATE) <= 6

        master.process.send_signal(signal.SIGINT)
        assert master.finish() == 0
        shares = [len(event["workers"]) for event in master.run().events if event.get("action") == "shared"]
        assert shares == [2, 3, 2, 1]
