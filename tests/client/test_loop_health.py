"""A replica tells how its own loop is."""

import time

import psutil

from tests.client.replica import Replica

STOPPED_S = 0.6


def test_a_replica_that_stood_still_tells_it_by_itself(replica: Replica) -> None:
    [worker] = psutil.Process(replica.server.process.pid).children()
    before = replica.get("/status")["health"]
    stopped = time.time()
    worker.suspend()
    time.sleep(STOPPED_S)  # the disturbance itself
    worker.resume()

    health = replica.get("/status")["health"]
    assert health["stalled_ms"] - before["stalled_ms"] > 900 * STOPPED_S
    stall = health["stalls"][-1]
    assert stall["number"] == len(before["stalls"]) + 1
    assert stall["seconds"] > 0.9 * STOPPED_S
    assert abs(stall["at"] - stopped) < STOPPED_S
    assert health["cpu_ms"] >= before["cpu_ms"] > 0
    assert health.get("descriptors_free", 1) > 0
