"""Applies the wanted document to every replica of a service, and keeps it applied, with a greenlet for each.

reconcile.py decides what to do next. A replica that hangs blocks its own greenlet and no other.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent
import msgspec
from gevent.event import Event

from brownout_fleet.model import Replica
from brownout_panel import reconcile
from brownout_panel.desired import Answer, DesiredDocument, ReplicaFaults, Subject
from brownout_panel.injections import Injections
from brownout_panel.links import AnyLink, link_to
from brownout_panel.model import ApplyState, ApplyStatus
from brownout_panel.reconcile import ObservedReplica, Put, Read, Wait
from brownout_panel.replica_http import ForeignError, RefusalError, UnansweredError

ANSWER_S = 1.0
"""A control URL that is silent for longer counts as unreachable: it answers within milliseconds."""

Note = Callable[..., None]
"""Writes an event to the run's timeline: `note(kind, **fields)`."""


class ReplicaReconciler:
    """Keeps the wanted document applied to one life of a replica."""

    def __init__(self, replica: Replica, ready_at: float | None, owner: Reconciler) -> None:
        self.replica = replica
        self.ready_at = ready_at
        """When it became ready in this life, in seconds since the epoch; None before, or if nobody saw it."""
        self.observed = ObservedReplica(replica.phase)
        self.status: ApplyStatus | None = None
        self.gap_ms: float | None = None
        self.wake = Event()
        self._owner = owner
        self._greenlet = gevent.spawn(self._run)

    def stop(self, wait: bool = True) -> None:
        """End the greenlet, which closes its connection."""
        self._greenlet.kill(block=wait)

    def update(self, replica: Replica) -> None:
        """Take what the fleet now reports about this life."""
        if replica == self.replica:
            return
        self.replica = replica
        self._observe(phase=replica.phase, reason=replica.reason or self.observed.reason)
        self.wake.set()

    def _run(self) -> None:
        owner = self._owner
        with link_to(self.replica.url) as link:
            while True:
                match reconcile.decide(owner.wanted, self.observed, owner.monotonic()):
                    case Put(wanted):
                        self._put(link, wanted)
                    case Read(connections):
                        self._read(link, connections)
                    case Wait(until):
                        left_s = until - owner.monotonic()
                        self.wake.wait(None if math.isinf(left_s) else max(0.0, left_s))
                        self.wake.clear()

    def _put(self, link: AnyLink, wanted: DesiredDocument) -> None:
        subject = self._owner.subject
        try:
            answer: Answer = link.put(subject.path, wanted.document, subject.answer, ANSWER_S)
        except RefusalError as refusal:
            self._owner.problems[wanted.revision] = (self.replica.name, refusal.problem)
            self._observe(
                refused=wanted.revision, refusal=str(refusal), foreign=None, failures=0, reason=None
            )
        except ForeignError as error:
            self._failed("", foreign=str(error))
        except UnansweredError as error:
            self._failed(str(error))
        else:
            if answer.revision != wanted.revision:
                self._failed(f"answers with revision {answer.revision} to revision {wanted.revision}")
            else:
                # A document whose lease is renewed was read back before.
                known = self.observed.was_read and reconcile.has(wanted, self.observed)
                self._answered(answer, was_read=known, agreed=answer, agreed_at=self._owner.monotonic())

    def _read(self, link: AnyLink, connections: int) -> None:
        """Read over so many new connections, all at once; the kept one stays with the process it leads to.

        A server may be too busy to take a new one: it is asked over the kept one then.
        """
        reading = [gevent.spawn(self._read_anew, link) for _ in range(connections)]
        try:
            gevent.joinall(reading)
        finally:
            gevent.killall(reading)
        answers = [answer for one in reading if (answer := one.get()) is not None]
        if not answers:
            self._read_kept(link)
        agreed = self.observed.agreed
        # Of several processes, the one that took the document comes last: that it is still there tells them.
        for answer in sorted(answers, key=lambda one: agreed is not None and one.boot_id == agreed.boot_id):
            self._answered(answer, was_read=True)

    def _read_anew(self, link: AnyLink) -> Answer | None:
        subject = self._owner.subject
        try:
            answer: Answer = link.get_anew(subject.path, subject.answer, ANSWER_S)
        except (ForeignError, RefusalError, UnansweredError):
            return None
        return answer

    def _read_kept(self, link: AnyLink) -> None:
        subject = self._owner.subject
        try:
            answer: Answer = link.get(subject.path, subject.answer, ANSWER_S)
        except ForeignError as error:
            self._failed("", foreign=str(error))
        except (RefusalError, UnansweredError) as error:
            self._failed(str(error))
        else:
            self._answered(answer, was_read=True)

    def _answered(self, answer: Answer, **more: Any) -> None:
        now = self._owner.monotonic()
        if isinstance(answer, ReplicaFaults):
            self._owner.injections.take(answer)
        boots, several = reconcile.add_boot(self.observed, answer.boot_id)
        self._observe(
            answer=answer,
            answered_at=now,
            boots=boots,
            several=several,
            foreign=None,
            failures=0,
            reason=None,
            **more,
        )

    def _failed(self, reason: str, foreign: str | None = None) -> None:
        failures = self.observed.failures + 1
        now = self._owner.monotonic()
        self._observe(failures=failures, failed_at=now, reason=reason or None, foreign=foreign)

    def _observe(self, **changes: Any) -> None:
        before = self.observed
        self.observed = msgspec.structs.replace(before, **changes)
        self._owner.observed(self, before)


class Reconciler:
    """Reconciles all replicas of one service with the wanted document."""

    def __init__(
        self,
        subject: Subject,
        note: Note,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`changed` is called when a replica's status has changed; `clock` is the wall clock."""
        self.subject = subject
        self.wanted: DesiredDocument | None = None
        self.reconcilers: dict[str, ReplicaReconciler] = {}
        """Replicas by name."""
        self.problems: dict[int, tuple[str, dict[str, Any]]] = {}
        """Refusals by revision: a replica that refused it, and the problem document that it answered."""
        self.last_lease_s: float | None = None
        """Lease of the last document before this one that had one: what it set lasts no longer."""
        self.injections = Injections()
        self.monotonic = monotonic
        self._note = note
        self._changed = changed
        self._clock = clock
        self._wanted_since: float | None = None
        self._latest = 0
        self._waiting: list[Event] = []

    def sync(self, replicas: list[Replica], ready_at: Mapping[str, float]) -> None:
        """Follow the service's current replicas; `ready_at` is when each became ready, by uid."""
        now = {replica.name: replica for replica in replicas}
        for name, reconciler in list(self.reconcilers.items()):
            if name not in now or now[name].uid != reconciler.replica.uid:
                self.reconcilers.pop(name).stop(wait=False)
        for replica in replicas:
            if present := self.reconcilers.get(replica.name):
                present.ready_at = ready_at.get(replica.uid)
                present.update(replica)
            else:
                fresh = ReplicaReconciler(replica, ready_at.get(replica.uid), self)
                self.reconcilers[replica.name] = fresh
                self.observed(fresh, fresh.observed)

    def want(self, wanted: DesiredDocument | None) -> None:
        """Keep this document applied to every replica from now on."""
        if self.wanted and self.wanted.lease_s:
            self.last_lease_s = self.wanted.lease_s
        self.wanted = wanted
        self._latest = max(self._latest, wanted.revision if wanted else 0)
        self._wanted_since = (self._wanted_since or self._clock()) if wanted else None
        self.problems.clear()
        for reconciler in self.reconcilers.values():
            self.observed(reconciler, reconciler.observed)
            reconciler.wake.set()

    def next_revision(self) -> int:
        """Return a revision above every one that was ever wanted (refused ones too) or that a replica has."""
        seen = [
            reconciler.observed.answer.revision
            for reconciler in self.reconcilers.values()
            if reconciler.observed.answer
        ]
        return 1 + max([*seen, self._latest])

    def wait(self, until: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until a condition is true; return False if it is not in time."""
        deadline = self.monotonic() + timeout_s
        event = Event()
        self._waiting.append(event)
        try:
            while not until():
                left_s = deadline - self.monotonic()
                if left_s <= 0:
                    return False
                event.wait(left_s)
                event.clear()
            return True
        finally:
            self._waiting.remove(event)

    def serving(self) -> list[ReplicaReconciler]:
        """Return the replicas that run: those that count when something is set."""
        return [one for one in self.reconcilers.values() if one.observed.phase in reconcile.SERVING]

    def in_state(self, state: ApplyState) -> list[ReplicaReconciler]:
        """Return the running replicas in this state."""
        return [one for one in self.serving() if one.status and one.status.state is state]

    def stop(self) -> None:
        """Stop reconciling."""
        for reconciler in self.reconcilers.values():
            reconciler.stop()
        self.reconcilers.clear()

    def observed(self, reconciler: ReplicaReconciler, before: ObservedReplica) -> None:
        """Update a replica's status after a new observation or a new wanted document."""
        wanted, after = self.wanted, reconciler.observed
        previous = reconciler.status
        if wanted is None:
            reconciler.status = (
                self._status(reconciler, ApplyState.FOREIGN, after.foreign) if after.foreign else None
            )
        else:
            reconciler.status = self._status(reconciler, *reconcile.apply_state(wanted, after))
            self._note_worse(reconciler, wanted, before, previous)
            self._measure_gap(reconciler)
        if reconciler.status != previous or after.phase != before.phase:
            self._changed()
        for event in self._waiting:
            event.set()

    def _status(self, reconciler: ReplicaReconciler, state: ApplyState, reason: str | None) -> ApplyStatus:
        answer = reconciler.observed.answer
        same = reconciler.status and reconciler.status.state is state
        since = reconciler.status.since if reconciler.status and same else self._clock()
        return ApplyStatus(state, since, reason, answer.revision if answer else None)

    def _note_worse(
        self,
        reconciler: ReplicaReconciler,
        wanted: DesiredDocument,
        before: ObservedReplica,
        previous: ApplyStatus | None,
    ) -> None:
        name, after = reconciler.replica.name, reconciler.observed
        if reason := reconcile.loss(wanted, before, after):
            self._note("fault-lost", replica=name, service=self.subject.service, reason=reason)
        unreachable = reconciler.status and reconciler.status.state is ApplyState.UNREACHABLE
        if unreachable and previous and previous.state is not ApplyState.UNREACHABLE:
            self._note("unreachable", replica=name, service=self.subject.service, reason=after.reason)

    def _measure_gap(self, reconciler: ReplicaReconciler) -> None:
        """Measure how long a restarted replica was ready before it had the wanted document again."""
        ready_at, since = reconciler.ready_at, self._wanted_since
        if reconciler.gap_ms is not None or ready_at is None or since is None or since > ready_at:
            return
        if reconciler.status and reconciler.status.state is ApplyState.APPLIED:
            reconciler.gap_ms = max(0.0, (self._clock() - ready_at) * 1000)
            self._note(
                "restart-gap",
                replica=reconciler.replica.name,
                service=self.subject.service,
                gap_ms=round(reconciler.gap_ms, 1),
            )
