"""What an experiment needs of the run around it: Chaos Toolkit's `extensions`, the one named "brownout".

    "extensions": [{"name": "brownout", "load": {"arrival_rate": 30},
                    "backend": {"concurrency": 2, "service_time_ms": 100, "queue_limit": 50}}]

`brownout run` takes from here what its options don't say. The engine itself ignores it, so the steady
state must check it: the probe `utilisation` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from brownout_chaos.files import InvalidExperimentError

NAME = "brownout"


class NeededLoad(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The load that the experiment needs."""

    arrival_rate: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    """Open loop: requests per second."""
    users: Annotated[int, Meta(ge=1)] | None = None
    """Closed loop; with an arrival rate: the most requests at once."""

    def __str__(self) -> str:
        rate = [] if self.arrival_rate is None else [f"{self.arrival_rate:g} requests/s"]
        return ", ".join(rate + ([] if self.users is None else [f"{self.users} users"]))


class NeededBackend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The capacity that each backend needs; see services/faults/brownout_faults/capacity.py."""

    concurrency: Annotated[int, Meta(ge=1, le=10_000)]
    service_time_ms: Annotated[int, Meta(ge=0, le=600_000)]
    queue_limit: Annotated[int, Meta(ge=0, le=100_000)] = 100

    def __str__(self) -> str:
        return f"{self.concurrency} at once of {self.service_time_ms} ms each, {self.queue_limit} may wait"


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that an experiment can ask for."""

    name: str = NAME
    load: NeededLoad = NeededLoad()
    backend: NeededBackend | None = None
    unproven_actions: bool = False
    """Its author says that actions which nothing can prove, such as those of a process, change the system."""


def needs_of(experiment: Mapping[str, Any]) -> Needs:
    """Return what the experiment needs; nothing without such an extension. Raises InvalidExperimentError."""
    extensions = experiment.get("extensions") or []
    for index, one in enumerate(extensions if isinstance(extensions, list) else []):
        if isinstance(one, dict) and one.get("name") == NAME:
            try:
                return msgspec.convert(one, Needs)
            except msgspec.ValidationError as error:
                raise InvalidExperimentError(f'extensions[{index}] "{NAME}": {_words(error)}') from None
    return Needs()


def _words(error: msgspec.ValidationError) -> str:
    reason, _, path = str(error).partition(" - at `$.")
    allowed = "load {arrival_rate, users}, backend {concurrency, service_time_ms, queue_limit}"
    return f"{path.removesuffix('`') or 'it'}: {reason}. There are: {allowed}"
