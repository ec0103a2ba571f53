"""Each second of a run as users saw it, for the panel. Pure.

What a worker reports late is in the run folder, but no longer here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from brownout_panel.measures import Calls, RecordedSecond
from brownout_panel.model import Second
from brownout_results.record import Histogram, LoadRow, Sample
from brownout_results.record.table_rows import FORWARDER

from .tally import SecondTally

PERCENTS = (50.0, 95.0, 99.0)

CLIENT = "client"
BACKEND = "backend"


def seconds_of(
    parts: Sequence[SecondTally], rows: Iterable[LoadRow], rates: Rates
) -> Iterator[RecordedSecond]:
    """The seconds that are over: of each its row, the parts that belong to it, and the replicas' rates."""
    for row in rows:
        if row.users is not None:
            mine = [part for part in parts if part.second == row.second]
            latency = Histogram.sum(part.latency for part in mine)
            yield RecordedSecond(_second(row, mine, latency, rates.amplification), latency, rates.calls, row)


def _second(
    row: LoadRow, parts: list[SecondTally], latency: Histogram, amplification: float | None
) -> Second:
    counts: Counter[str] = Counter()
    for part in parts:
        counts[part.key[0]] += part.requests
    values = latency.percentiles_us(list(PERCENTS)) if latency.count else (None, None, None)
    p50, p95, p99 = (None if value is None else round(value / 1000, 3) for value in values)
    return Second(
        t=row.second,
        users=row.users or 0,
        offered=row.offered,
        throughput=counts.total(),
        goodput=counts["ok"],
        ok=counts["ok"],
        fallback=counts["fallback"],
        error=counts["error"],
        tunnel=counts["tunnel"],
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        amplification=amplification,
        dropped=row.dropped,
    )


class Rates:
    """What replicas did between the last two samples of each: their counters count from their start."""

    def __init__(self) -> None:
        self.requests: dict[str, float] = {}
        """Per second, by replica."""
        self.amplification: float | None = None
        """Calls of the backend for each request to a client; None if there was none."""
        self.calls = Calls()
        """Counts of all seconds so far; what a replica did after its last sample in a life is in none."""
        self._clients_tell = False
        self._last: dict[tuple[str, str], Sample] = {}

    def add(self, samples: Iterable[Sample]) -> None:
        """Take in the samples of a second."""
        known = {(one.service, one.replica): one for one in samples if one.requests is not None}
        pairs = [(self._last[key], one) for key, one in known.items() if key in self._last]
        alive = [(old, new) for old, new in pairs if old.boot_id == new.boot_id and new.second > old.second]
        self.requests = {
            new.replica: _grown(old, new) / (new.second - old.second)
            for old, new in alive
            if new.service != FORWARDER
        }
        clients = [one for one in known.values() if one.service == CLIENT and one.attempts is not None]
        self._clients_tell |= bool(clients)
        calls = _calls(alive) if self._clients_tell else _calls_of_proxies(alive)
        self.calls = Calls(self.calls.requests + calls.requests, self.calls.attempts + calls.attempts)
        self.amplification = calls.attempts / calls.requests if calls.requests else None
        self._last |= known  # one that did not answer this time has grown by as much more next time


def _calls(alive: list[tuple[Sample, Sample]]) -> Calls:
    """Return the growth of what the clients themselves count."""
    clients = [(old, new) for old, new in alive if new.service == CLIENT and new.attempts is not None]
    attempts = sum((new.attempts or 0) - (old.attempts or 0) for old, new in clients)
    return Calls(sum(_grown(old, new) for old, new in clients), attempts)


def _calls_of_proxies(alive: list[tuple[Sample, Sample]]) -> Calls:
    """Return the growth at the forwarder and at the proxies; see brownout_results.measure.amplification."""
    asked = [_grown(old, new) for old, new in alive if (new.service, new.replica) == (FORWARDER, CLIENT)]
    tried = [_grown(old, new) for old, new in alive if new.service == BACKEND]
    return Calls(sum(asked), sum(tried)) if asked and tried else Calls()


def _grown(old: Sample, new: Sample) -> int:
    return (new.requests or 0) - (old.requests or 0)
