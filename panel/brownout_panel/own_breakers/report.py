"""What one answer says, whatever form it has."""

from __future__ import annotations

import msgspec

from brownout_panel.breaker_log import BreakerLogEntry
from brownout_terms.breakers import BreakerState


class StateCounts(msgspec.Struct, frozen=True):
    """How often a breaker entered each state, where only that is counted."""

    opened: int = 0
    half_opened: int = 0
    closed: int = 0


class ReportedBreaker(msgspec.Struct, frozen=True):
    """One breaker. Its state is None where `steps` have to tell it."""

    name: str
    state: BreakerState | None
    transitions: list[BreakerLogEntry] | None = None
    """None: the answer has none, so that they follow from one answer to the next."""
    cause: str = ""
    """Why it is in this state, if the answer says so."""
    steps: StateCounts | None = None
    fail_counter: int | None = None
    fail_max: int | None = None
    seconds_until_half_open: float | None = None


class Report(msgspec.Struct, frozen=True):
    """One answer of one process."""

    boot_id: str = ""
    """Tells its process from others; "" where the answer doesn't."""
    breakers: list[ReportedBreaker] = []
    requests: int | None = None
    """Calls that may be retried, and the attempts that they took, since the process began; both or none."""
    attempts: int | None = None
