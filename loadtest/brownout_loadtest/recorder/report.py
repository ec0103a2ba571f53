"""What a worker tells the master of its requests. It travels inside Locust's own report, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brownout_loadtest.meter import LoadSecond
from brownout_results.record import Histogram
from brownout_terms.health import Readings

from .tally import SecondTally

KEY = "brownout"
"""Where it is in Locust's report."""


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Everything that a worker has recorded since its last report."""

    clock: float
    """The worker's time, in seconds since the epoch, when it made the report."""

    idle: bool
    """No test runs on the worker: after one, this was its last report."""

    unrecorded: int
    """Requests that it failed to record."""

    failures: Mapping[str, int]
    """What failed in its recorder, and how often."""

    parts: Sequence[SecondTally]
    load: Mapping[int, LoadSecond]
    stalls: Sequence[tuple[float, float]] = ()
    """Stalls of its loop: the start of each, in seconds since the epoch, and its length."""

    health: Sequence[tuple[float, Readings]] = ()
    """What it told of its health, and when."""

    sent: int = 0
    """Requests in this report and all before it of the same run: the master knows by it what was lost."""

    @property
    def requests(self) -> int:
        return self.unrecorded + sum(part.requests for part in self.parts)

    def packed(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "clock": self.clock,
            "idle": self.idle,
            "unrecorded": self.unrecorded,
            "failures": dict(self.failures),
            "parts": [
                [
                    part.second,
                    list(part.key),
                    dict(part.causes),
                    part.untimed,
                    part.service.pack(),
                    _waited(part),
                ]
                for part in self.parts
            ],
            "load": {second: dict(counts) for second, counts in self.load.items()},
            "stalls": [list(stall) for stall in self.stalls],
            "sent": self.sent,
            "health": [[at, dict(told)] for at, told in self.health],
        }

    @classmethod
    def unpacked(cls, data: Mapping[str, Any]) -> WorkerReport:
        """Make a report from plain data."""
        parts = [_part(*packed) for packed in data["parts"]]
        stalls = [(since, seconds) for since, seconds in data["stalls"]]
        health = [(at, told) for at, told in data.get("health", ())]
        failed = data["unrecorded"], data["failures"]
        return cls(
            data["clock"], data["idle"], *failed, parts, data["load"], stalls, health, data.get("sent", 0)
        )


def _waited(part: SecondTally) -> tuple[bytes, bytes] | None:
    """The latencies, if they are not the service times."""
    return None if part.latency is part.service else part.latency.pack()


def _part(
    second: int,
    key: list[str],
    causes: dict[str, int],
    untimed: int,
    packed: tuple[bytes, bytes],
    waited: tuple[bytes, bytes] | None,
) -> SecondTally:
    outcome, method, name = key
    service = Histogram.unpack(*packed)
    latency = service if waited is None else Histogram.unpack(*waited)
    return SecondTally(second, (outcome, method, name), latency, service, causes, untimed)
