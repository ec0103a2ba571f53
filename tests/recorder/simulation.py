"""Runs made without Locust: a recording, fed by hand, on a clock that the test turns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from brownout_loadtest.meter import LoadSecond
from brownout_loadtest.recorder.clock import RunClock
from brownout_loadtest.recorder.load_rows import LoadSize
from brownout_loadtest.recorder.progress import ProgressPipe
from brownout_loadtest.recorder.recording import Recording
from brownout_loadtest.recorder.report import WorkerReport
from brownout_loadtest.recorder.tally import Key, SecondTally
from brownout_results.record import Histogram, Sample

START = 1_700_000_000.25
FETCH: Key = ("ok", "GET", "/fetch")
FALLBACK: Key = ("fallback", "GET", "/fetch")


class Hands:
    """A wall clock and a monotonic one."""

    def __init__(self) -> None:
        self.wall = START
        self.monotonic = self.boot = 1000.0

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.monotonic += seconds
        self.boot += seconds

    def suspend(self, seconds: float) -> None:
        """Let the machine sleep."""
        self.wall += seconds
        self.boot += seconds

    def clock(self) -> RunClock:
        """An axis that begins now."""
        return RunClock(lambda: self.wall, lambda: self.monotonic, lambda: self.boot)


def part(
    second: int, key: Key = FETCH, milliseconds: Sequence[float] = (1.0,), wait_ms: float = 0.0
) -> SecondTally:
    """Requests that took so long, after having waited `wait_ms` each; `second` counts from the start."""
    service = Histogram.of([1000 * one for one in milliseconds])
    latency = Histogram.of([1000 * (one + wait_ms) for one in milliseconds])
    return SecondTally(int(START) + second, key, latency, service)


def load(started: int, dropped: int = 0, lateness_us: Sequence[Sequence[int]] = ()) -> LoadSecond:
    """One second of load."""
    lateness = [list(pair) for pair in lateness_us]
    return {"offered": started + dropped, "started": started, "dropped": dropped, "lateness_us": lateness}


def report(
    parts: Sequence[SecondTally], *, clock: float = START, idle: bool = False, unrecorded: int = 0
) -> WorkerReport:
    """What a worker sends."""
    loads = {one.second: load(one.requests) for one in parts}
    return WorkerReport(clock, idle, unrecorded, {}, parts, loads)


@contextmanager
def recording(
    folder: Path, hands: Hands, pipe: ProgressPipe | None = None, label: str = "simulated"
) -> Iterator[Recording]:
    """A recording in a new folder; it is completed where the block ends."""
    folder.mkdir()
    clock = hands.clock()
    made = Recording(folder, clock.now(), clock, {"label": label}, lambda: LoadSize(3, 1, 3), None, pipe)
    yield made
    made.finish("completed")


def run_for(folder: Path, seconds: int) -> Path:
    """A completed run in which each second has 10 ok requests and one fallback, with samples and load."""
    hands = Hands()
    with recording(folder, hands) as made:
        for second in range(seconds):
            hands.turn(1.0)
            made.add([part(second, FETCH, range(10, 20)), part(second, FALLBACK, [5.0])], {})
            made.add([], {int(START) + second: load(11, dropped=1, lateness_us=[[40, 10], [900, 1]])})
            made.samples([client_sample(second), backend_sample(second)])
            made.tick({})
    return folder


def client_sample(second: int) -> Sample:
    """What a client told, `second` after the start."""
    return Sample(
        second=int(START) + second,
        service="client",
        replica="client-0",
        problem="",
        took_ms=1.5,
        boot_id="boot-c",
        policy="full",
        circuit_state="closed",
        requests=11 * second,
        attempts=12 * second,
        retries=second,
        short_circuits=0,
        fallbacks=second,
        budget_denied=0,
        in_flight=None,
        outcomes={"ok": 10 * second, "fallback": second},
        causes={"http-503": second},
        injected={},
    )


def backend_sample(second: int) -> Sample:
    """A backend that did not answer, `second` after the start."""
    silent: dict[str, Any] = dict.fromkeys(Sample._fields)
    silent |= dict.fromkeys(("boot_id", "policy", "circuit_state"), "")
    silent |= {"outcomes": {}, "causes": {}, "injected": {}, "problem": "timeout"}
    return Sample(**silent | {"second": int(START) + second, "service": "backend", "replica": "backend-0"})
