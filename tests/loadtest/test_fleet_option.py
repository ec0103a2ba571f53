"""Plain Locust with `--fleet local`: the services start beside the load, and end with it."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from tests.loadtest.runs import Locust, locust
from tests.servers import until

PORTS = (5001, 5002)
"""The stable ports, which plain Locust has no option for."""


def taken() -> bool:
    """Whether somebody listens on a stable port."""
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
    return False


def family(process: Locust) -> list[psutil.Process]:
    """Everything that this Locust has started."""
    return psutil.Process(process.process.pid).children(recursive=True)


@pytest.mark.skipif(taken(), reason=f"port {PORTS[0]} or {PORTS[1]} is in use on this machine")
def test_the_fleet_is_loaded_and_recorded_and_ends_with_locust(tmp_path: Path) -> None:
    with locust(tmp_path, "--fleet", "local", "--headless", "-u4", "-t3", "--only-summary") as process:
        until(lambda: len(family(process)) >= 4, "the replicas", 20.0)
        started = family(process)
        assert process.finish() == 0, process.output()
        _, alive = psutil.wait_procs(started, timeout=10.0)
        assert not alive
        run = process.run()
        assert run.manifest["target"] == f"http://127.0.0.1:{PORTS[0]}"
        assert run.counts()["ok"].sum() > 20
        assert {sample.service for sample in run.samples} == {"client", "backend"}
        asked = max(one.requests or 0 for one in run.samples if one.service == "client")
        assert asked > 5
