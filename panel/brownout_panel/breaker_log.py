"""The breakers' numbered logs: what is new in an answer to `GET /breaker`, and what was missed. Pure."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from brownout_panel.model import Circuit, Transition
from brownout_results.record.timestamps import iso


class BreakerLogEntry(msgspec.Struct, frozen=True):
    """One transition as the client logs it; `seq` counts from 1 in each life."""

    seq: int
    at: float
    from_: str = msgspec.field(name="from")
    to: str
    cause: str = ""


class BreakerLog(msgspec.Struct, frozen=True):
    """A client's answer to `GET /breaker?since=…`: its breaker now, and the transitions after that number."""

    boot_id: str
    state: Literal["closed", "open", "half-open"]
    fail_counter: int
    transitions: list[BreakerLogEntry]
    fail_max: int | None = None
    seconds_until_half_open: float | None = None


class LogPosition(msgspec.Struct, frozen=True):
    """How far a replica's log was read: the number of the last transition since the boot `boot_id`."""

    boot_id: str = ""
    seq: int = 0


def merge(
    position: LogPosition, since: int, log: BreakerLog, replica: str
) -> tuple[list[Transition], LogPosition]:
    """Return the transitions of an answer that are new, and the position after them.

    `since` is what was asked for. The log of another life answers a `since` of this one with a part of what
    it has: nothing is taken from that, and the position it gives asks from the start.
    """
    if log.boot_id != position.boot_id:
        position = LogPosition(log.boot_id)
        if since > 0:
            return [], position
    new = []
    for entry in log.transitions:
        if entry.seq > position.seq:
            new.append(transition(entry, log.boot_id, replica, missed=entry.seq - position.seq - 1))
            position = LogPosition(log.boot_id, entry.seq)
    return new, position


def circuit(log: BreakerLog, as_of: float) -> Circuit:
    """Return the breaker as this answer describes it."""
    return Circuit(
        state=log.state,
        as_of=as_of,
        boot_id=log.boot_id,
        fail_counter=log.fail_counter,
        fail_max=log.fail_max,
        seconds_until_half_open=log.seconds_until_half_open,
    )


def transition(entry: BreakerLogEntry, boot_id: str, replica: str, missed: int) -> Transition:
    """Return an entry of this replica's log as a transition."""
    return Transition(
        replica=replica,
        boot_id=boot_id,
        seq=entry.seq,
        at=entry.at,
        from_=entry.from_,
        to=entry.to,
        cause=entry.cause,
        missed=missed,
    )


def event(transition: Transition) -> dict[str, Any]:
    """Return a transition as an event of the timeline."""
    fields: dict[str, Any] = {
        "replica": transition.replica,
        "boot_id": transition.boot_id,
        "seq": transition.seq,
        "at": iso(transition.at),
        "from": transition.from_,
        "to": transition.to,
        "cause": transition.cause,
    }
    more = {
        "missed": transition.missed or None,
        "breaker": transition.breaker or None,
        "uncertain_s": transition.uncertain_s,
    }
    return fields | {key: value for key, value in more.items() if value is not None}
