"""What a run folder says of a part of brownout that stalled."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from brownout_results.record import Sample
from brownout_results.record.table_rows import harness_sample
from brownout_results.record.timestamps import iso

EVENT = "stall"
BUSY = "busy"
"""Kind of the event that tells of the machine, which has no loop of its own to stall."""

SUSPEND = "suspend"
"""Kind of the event that tells that the machine slept: no clock of a run went on meanwhile."""

LOAD_GENERATOR = "load generator"
"""What events and samples call Locust's process, or the master; the panel runs in it too."""

MACHINE = "machine"
RECORDER = "recorder"
"""What samples call the queue between what was recorded and the run folder's files."""

REPLICAS = "replicas"
"""What samples call all that the fleet process has started."""


def fields_of(process: str, since: float, seconds: float) -> dict[str, Any]:
    """Return the fields of a stall that is over; `since` in seconds since the epoch."""
    return {"process": process, "since": iso(since), "seconds": round(seconds, 3)}


def target_fields(replica: str, service: str, since: float, seconds: float) -> dict[str, Any]:
    """Return those of a stall of a replica, which is the target's; it is over."""
    return {**fields_of(replica, since, seconds), "service": service}


def pending_fields(process: str, since: float, *, is_gone: bool = False) -> dict[str, Any]:
    """Return those of one that goes on, since the process is gone or does not answer.

    The next event of the process says how it ended.
    """
    return {"process": process, "since": iso(since), "seconds": None, "gone": is_gone}


def busy_fields(since: float, seconds: float) -> dict[str, Any]:
    """Return those of a stretch of time in which processes waited for a core."""
    return {"since": iso(since), "seconds": round(seconds, 3)}


def suspend_fields(since: float, seconds: float) -> dict[str, Any]:
    """Return those of a suspend that took place between `since`, on the run's time axis, and the event."""
    return {"since": iso(since), "seconds": round(seconds, 3)}


def samples_of(process: str, since: float, seconds: float) -> Iterator[Sample]:
    """A row for each second that the stall had a part of."""
    end = since + seconds
    for second in range(math.floor(since), math.ceil(end)):
        yield harness_sample(second, process, 1000 * (min(end, second + 1) - max(since, second)))
