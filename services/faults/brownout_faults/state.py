"""The fault set in force, its changes, and what it has done so far."""

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from .capacity import Capacity
from .document import Document
from .fault import Fault
from .plan import Plan
from .registry import kinds
from .selection import Hit, select
from .tally import Tally


class FaultState:
    """What an injector knows. Safe for threads and greenlets; no method waits.

    `seed` is for documents that name none. `clock` gives seconds and never goes back.
    """

    def __init__(
        self, *, seed: int | None, clock: Callable[[], float], capacity: Capacity | None = None
    ) -> None:
        self.boot_id = secrets.token_hex(8)
        """Tells this process's life from the one before, whose faults and counters are gone."""
        self.capacity = capacity
        self.started = Tally()
        self.finished = Tally()
        self._seed = seed
        self._clock = clock
        self._lock = threading.Lock()
        self._injected = {kind.kind(): 0 for kind in kinds()}
        self.plan = self._new_plan((), seed=seed, revision=0)
        """The latest plan; read without the lock, it may just have lapsed."""

    def select(self) -> tuple[Plan, Sequence[Hit]]:
        """What hits the next request."""
        with self._lock:
            plan = self._current()
            hits = select(plan.faults, plan.random)
            for hit in hits:
                kind = hit.fault.kind()
                self._injected[kind] = self._injected.get(kind, 0) + 1
        return plan, hits

    def apply(self, document: Document) -> None:
        """Put a document in force.

        The same faults, seed and revision as those in force only renew the lease: the random numbers go on
        where they were, and waiting requests go on waiting. Anything else starts afresh from the seed, and
        releases the requests that wait.
        """
        with self._lock:
            plan = self._current()
            seed = self._seed if document.seed is None else document.seed
            revision = plan.revision + 1 if document.revision is None else document.revision
            if (plan.faults, plan.seed, plan.revision) == (document.faults, seed, revision):
                plan.renew(document.lease_s)
            else:
                self._replace(
                    self._new_plan(document.faults, seed=seed, revision=revision, lease_s=document.lease_s)
                )

    def change(self, edit: Callable[[Sequence[Fault]], Iterable[Fault]]) -> Sequence[Fault]:
        """Put an edited copy of the faults in force, without a lease, with the same seed. Returns it."""
        with self._lock:
            plan = self._current()
            faults = tuple(edit(plan.faults))
            self._replace(self._new_plan(faults, seed=plan.seed, revision=plan.revision + 1))
        return faults

    def faults(self) -> Sequence[Fault]:
        """The faults in force."""
        with self._lock:
            return self._current().faults

    def report(self) -> dict[str, Any]:
        """The document in force, and what a reader needs to tell whether it is still the one that it sent."""
        with self._lock:
            plan = self._current()
            return {
                "faults": msgspec.to_builtins(list(plan.faults)),
                "seed": plan.seed,
                "revision": plan.revision,
                "lease_s": plan.lease_s,
                "lease_remaining_s": plan.lease_remaining_s(),
                "boot_id": self.boot_id,
                "injected": dict(self._injected),
                "capacity": self.capacity and msgspec.to_builtins(self.capacity.limits),
            }

    def counters(self) -> dict[str, Any]:
        """Requests that faults could hit and faults injected, since the start; requests under way."""
        with self._lock:
            injected = dict(self._injected)
        # Finished first: a request that comes in between must not make the difference negative.
        finished = self.finished.total()
        requests = self.started.total()
        return {"requests": requests, "injected": injected, "in_flight": requests - finished}

    def _current(self) -> Plan:
        """The plan in force; one whose lease has lapsed is replaced by an empty one."""
        if self.plan.lapsed():
            self._replace(self._new_plan((), seed=self._seed, revision=self.plan.revision + 1))
        return self.plan

    def _replace(self, plan: Plan) -> None:
        self.plan, old = plan, self.plan
        old.end()

    def _new_plan(
        self, faults: Sequence[Fault], *, seed: int | None, revision: int, lease_s: float | None = None
    ) -> Plan:
        return Plan(faults, seed=seed, revision=revision, lease_s=lease_s, clock=self._clock)
