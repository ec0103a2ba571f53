"""The open loop in one process."""

import subprocess
import sys

from tests.servers import ROOT

PAUSED_TWICE = """
import locust  # first: it patches the standard library
import gevent
from brownout_loadtest.arrivals import Schedule
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.open_loop import OpenLoop
from brownout_loadtest.sharing import ArrivalShare

for callers in (2, 4, 8):
    loop = OpenLoop(LoadMeter())
    loop.begin(is_open=True)
    schedule = Schedule(10.0, ((0.0, 1.0), (60.0, 1.0)), "constant", 1, 60.0)
    loop.follow(schedule, loop.wall(), ArrivalShare(0.0, 0, 1), for_good=True)
    gevent.sleep(0.1)
    pausing = []
    for _ in range(callers):
        pausing.append(gevent.spawn(loop.pause))
        gevent.idle()
    gevent.joinall(pausing, timeout=10, raise_error=True)
"""


def test_a_signal_and_the_master_s_word_may_end_it_at_the_same_time() -> None:
    """As in a worker whose pod gets SIGTERM while the master says quit."""
    command = [sys.executable, "-c", PAUSED_TWICE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


HELD_UP = """
import locust  # first: it patches the standard library
import time
import gevent
from brownout_loadtest.arrivals import Schedule
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.open_loop import OpenLoop
from brownout_loadtest.sharing import ArrivalShare

meter = LoadMeter()
loop = OpenLoop(meter)
print(meter.oldest_wait_s())
loop.begin(is_open=True)
schedule = Schedule(10.0, ((0.0, 1.0), (60.0, 1.0)), "constant", 1, 60.0)
loop.follow(schedule, loop.wall(), ArrivalShare(0.0, 0, 1), for_good=True)
gevent.sleep(0.1)
began = time.perf_counter()
while time.perf_counter() - began < 0.5:
    pass
print(meter.oldest_wait_s())
gevent.sleep(0.05)
print(meter.oldest_wait_s())
loop.close()
print(meter.oldest_wait_s())
"""


def test_the_age_of_the_oldest_arrival_that_is_due_can_be_asked_for() -> None:
    """A process that is held up has arrivals that wait; afterwards they have started, or are dropped."""
    done = subprocess.run(
        [sys.executable, "-c", HELD_UP], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    before, held_up, later, closed = map(float, done.stdout.split())
    assert (before, closed) == (0.0, 0.0)
    assert 0.3 < held_up < 1.5
    assert later < 0.2
