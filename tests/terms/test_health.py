"""What a process tells of its health becomes figures per second."""

import os
import subprocess
import sys

import pytest

from brownout_terms.health import COUNTERS, FIGURES, HealthSeconds, children_cpu_ms, readings
from tests.servers import until


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(100.01, 5.0), (101.02, 9.0)], [(100, {"cpu_ms": 4.0})]),
        ([(100.0, 5.0), (103.1, 11.0)], [(second, {"cpu_ms": 2.0}) for second in (100, 101, 102)]),
        ([(100.0, 5.0), (100.2, 6.0), (101.0, 9.0)], [(100, {"cpu_ms": 4.0})]),  # two reports of one second
        ([(100.0, 5.0), (101.0, 2.0), (102.0, 3.0)], [(100, {}), (101, {"cpu_ms": 1.0})]),  # begun anew
        ([(100.0, 5.0)], []),
    ],
)
def test_a_counters_growth_is_shared_among_the_seconds_since_the_last_reading(
    told: list[tuple[float, float]], expected: list[tuple[int, dict[str, float]]]
) -> None:
    seconds = HealthSeconds()

    assert [row for at, ms in told for row in seconds.add(at, {"cpu_ms": ms})] == expected


def test_what_is_no_counter_is_told_as_it_is() -> None:
    seconds = HealthSeconds()
    rows = [*seconds.add(100, {"descriptors_free": 90}), *seconds.add(101, {"descriptors_free": 80})]

    assert rows == [(100, {"descriptors_free": 80})]


def test_this_process_and_machine_tell_what_the_system_has() -> None:
    told, of_machine = readings(), readings(of_machine=True)

    assert {one.key for one in FIGURES} >= {*told, *of_machine} >= {"cpu_ms"}
    assert all(readings()[key] >= told[key] for key in told if key in COUNTERS)
    if sys.platform == "linux":
        assert {"waited_ms", "descriptors_free"} <= {*told}
        before = told["descriptors_free"]
        one = os.open(os.devnull, os.O_RDONLY)
        assert readings()["descriptors_free"] <= before - 1
        os.close(one)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which processes are whose children")
def test_processor_time_of_children_counts_theirs_and_that_of_ended_ones() -> None:
    before = children_cpu_ms()
    busy = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        child.stdout.readline()
        until(lambda: children_cpu_ms() - before > 250, "the child's processor time", 5)
        child.communicate("\n", timeout=20)

    assert children_cpu_ms() - before > 250
