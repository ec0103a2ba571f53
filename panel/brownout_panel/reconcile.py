"""Decides what to do next with one replica, and its state. Pure: `now` is on a monotonic clock."""

from __future__ import annotations

import math

import msgspec

from brownout_fleet.model import ReplicaPhase
from brownout_panel.desired import Answer, DesiredDocument, ReplicaFaults
from brownout_panel.model import ApplyState

READ_S = 2.0
"""How often a replica is read when nothing else happens: a lost document is found within this time. One that
has no such control URL is asked as often: it may get one."""

RENEWALS = 3
"""Times that a document is put within its lease: two may get lost."""

CONNECTIONS = 4
"""New connections over which a document is read back, all at once: of several processes at one address, which
a kept connection does not tell, more than one answers then. The smallest servers let five wait."""

LATER_CONNECTIONS = 2
"""The same of a later read while there are faults: what was idle at first may be busy by now."""

BACKOFF_S = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Pauses after the first failure, the second, …; the last one from then on."""

SERVING = (ReplicaPhase.READY, ReplicaPhase.UNREADY)
"""A replica that is not ready may still have faults: it is reconciled as well."""


SEVERAL = (
    "several processes answer at its address, and each has faults of its own. Run it with one "
    "(gunicorn -w 1 --threads 16), or each on a port of its own, and name every one: --injector URL"
)


class ObservedReplica(msgspec.Struct, frozen=True):
    """What is known about one life of a replica. All times are on the clock of `now`."""

    phase: ReplicaPhase
    answer: Answer | None = None
    """The last one, to a read or to a PUT."""
    answered_at: float = -math.inf
    agreed: Answer | None = None
    """The answer to the last PUT: what the replica makes of the document with that revision."""
    agreed_at: float = -math.inf
    was_read: bool = False
    """`answer` is one to a read."""
    refused: int | None = None
    """The revision that it refused last, and why."""
    refusal: str | None = None
    foreign: str | None = None
    """What it answers, if it isn't what a service of ours does."""
    boots: tuple[str, ...] = ()
    """The lives that have answered, each with its `boot_id`, the latest last."""
    several: bool = False
    """A life that another one had followed has answered again: no restart does that."""
    failures: int = 0
    """Requests in a row that got no answer."""
    failed_at: float = -math.inf
    reason: str | None = None
    """Why it did not answer, or does not serve."""


class Put(msgspec.Struct, frozen=True):
    """Put this document."""

    wanted: DesiredDocument


class Read(msgspec.Struct, frozen=True):
    """Ask what it has."""

    connections: int = 0
    """New ones, each to be asked over, all at once; 0: the one that is kept."""


class Wait(msgspec.Struct, frozen=True):
    """Do nothing until this moment, unless something changes."""

    until: float


Action = Put | Read | Wait


def decide(wanted: DesiredDocument | None, observed: ObservedReplica, now: float) -> Action:
    """Return the next action for a replica. If nothing was ever wanted, it is only read."""
    if observed.phase not in SERVING:
        return Wait(math.inf)
    retry_at = observed.failed_at + (READ_S if observed.foreign else backoff_s(observed.failures))
    if now < retry_at:
        return Wait(retry_at)
    read_at = observed.answered_at + READ_S
    if observed.several:
        return Read() if now >= read_at else Wait(read_at)
    renew_at = math.inf
    if wanted and observed.refused != wanted.revision:
        if not has(wanted, observed):
            return Put(wanted)
        if wanted.read_back and not observed.was_read:
            return Read(CONNECTIONS)
        if wanted.lease_s is not None:
            renew_at = observed.agreed_at + wanted.lease_s / RENEWALS
        if now >= renew_at:
            return Put(wanted)
    if now >= read_at:
        return Read(LATER_CONNECTIONS if wanted and wanted.lease_s is not None else 0)
    return Wait(min(read_at, renew_at))


def add_boot(observed: ObservedReplica, boot_id: str) -> tuple[tuple[str, ...], bool]:
    """Return the lives, including the one that has just answered, and whether several run at once."""
    if boot_id in observed.boots[-1:]:
        return observed.boots, observed.several
    return (*observed.boots, boot_id), observed.several or boot_id in observed.boots


def has(wanted: DesiredDocument, observed: ObservedReplica) -> bool:
    """Return whether the replica last answered that it has the wanted document, unchanged since the PUT."""
    answer, agreed = observed.answer, observed.agreed
    if answer is None or agreed is None:
        return False
    return answer.revision == agreed.revision == wanted.revision and answer.content == agreed.content


def apply_state(wanted: DesiredDocument, observed: ObservedReplica) -> tuple[ApplyState, str | None]:
    """Return a replica's state, and the reason if the wanted document is not applied."""
    if observed.phase not in SERVING:
        return ApplyState.PENDING, observed.reason or str(observed.phase)
    if observed.foreign:
        return ApplyState.FOREIGN, observed.foreign
    if observed.failures:
        return ApplyState.UNREACHABLE, observed.reason
    if observed.several:
        return ApplyState.REFUSED, SEVERAL
    if observed.refused == wanted.revision:
        return ApplyState.REFUSED, observed.refusal
    if not has(wanted, observed) or (wanted.read_back and not observed.was_read):
        return ApplyState.PENDING, None
    return ApplyState.APPLIED, None


def loss(wanted: DesiredDocument, before: ObservedReplica, after: ObservedReplica) -> str | None:
    """Return how a replica lost the wanted document; None if it did not, or was not known to have it."""
    if after.several and not before.several:
        return SEVERAL
    if wanted.read_back and not before.was_read:
        return None
    if not has(wanted, before) or has(wanted, after) or not before.answer or not after.answer:
        return None
    if after.answer.boot_id != before.answer.boot_id:
        return "it restarted"
    answer = after.answer
    if isinstance(answer, ReplicaFaults) and not answer.faults and answer.revision == wanted.revision + 1:
        return "its lease ran out"
    return f"somebody else put revision {answer.revision}"


def backoff_s(failures: int) -> float:
    """The pause after so many failures in a row."""
    return BACKOFF_S[min(failures, len(BACKOFF_S)) - 1] if failures else 0.0
