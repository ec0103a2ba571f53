"""The fault set in force, its changes, and what it has done so far."""

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from .active_faults import ActiveFaults
from .capacity import Capacity
from .document import FaultDocument
from .fault import Fault
from .lock_free_counter import LockFreeCounter
from .match import RequestFacts
from .registry import kinds
from .selection import Hit
from .writing import write_faults

LOOKS = 5
"""How often the counters are read until they agree, at most."""


class FaultState:
    """The state of one injector. Safe for threads and greenlets; no method waits.

    `seed` is for documents that name none. `clock` gives seconds and never goes back. `dependency` is the
    name under which faults may be meant for this injector.
    """

    def __init__(
        self,
        *,
        seed: int | None,
        clock: Callable[[], float],
        capacity: Capacity | None = None,
        dependency: str | None = None,
    ) -> None:
        self.boot_id = secrets.token_hex(8)
        """Tells this process's life from the one before, whose faults and counters are gone."""
        self.capacity = capacity
        self.dependency = dependency
        self.started = LockFreeCounter()
        self.finished = LockFreeCounter()
        self._seed = seed
        self._clock = clock
        self._lock = threading.Lock()
        self._injected = {kind.kind(): 0 for kind in kinds()}
        self.active = self._new_faults((), seed=seed, revision=0)
        """The latest fault set; read without the lock, its lease may just have lapsed."""

    def select(
        self, facts: RequestFacts | None = None, is_able: Callable[[Fault], bool] | None = None
    ) -> tuple[ActiveFaults, Sequence[Hit]]:
        """Choose what hits the next request, and count it. See `ActiveFaults.select`."""
        with self._lock:
            active = self._current()
            hits = active.select(facts, is_able)
            for hit in hits:
                kind = hit.fault.kind()
                self._injected[kind] = self._injected.get(kind, 0) + 1
        return active, hits

    def apply(self, document: FaultDocument) -> None:
        """Put a document in force.

        The same faults, seed and revision as those in force only renew the lease: the random numbers go on
        where they were, and waiting requests go on waiting. Anything else starts again from the seed, and
        releases the requests that wait.
        """
        with self._lock:
            active = self._current()
            seed = self._seed if document.seed is None else document.seed
            revision = active.revision + 1 if document.revision is None else document.revision
            if (active.faults, active.seed, active.revision) == (document.faults, seed, revision):
                active.renew(document.lease_s)
            else:
                self._replace(
                    self._new_faults(document.faults, seed=seed, revision=revision, lease_s=document.lease_s)
                )

    def change(self, edit: Callable[[Sequence[Fault]], Iterable[Fault]]) -> Sequence[Fault]:
        """Put an edited copy of the faults in force, without a lease, with the same seed. Returns it."""
        with self._lock:
            active = self._current()
            faults = tuple(edit(active.faults))
            self._replace(self._new_faults(faults, seed=active.seed, revision=active.revision + 1))
        return faults

    def faults(self) -> Sequence[Fault]:
        """The faults in force."""
        with self._lock:
            return self._current().faults

    def report(self) -> dict[str, Any]:
        """Return the document in force, with what tells a reader whether it is still the one that it sent."""
        with self._lock:
            active = self._current()
            faults = msgspec.to_builtins(list(active.faults))
            return {
                "faults": faults,
                "words": write_faults(faults),
                "seed": active.seed,
                "revision": active.revision,
                "lease_s": active.lease_s,
                "lease_remaining_s": active.lease_remaining_s(),
                "boot_id": self.boot_id,
                "dependency": self.dependency,
                "injected": dict(self._injected),
                "capacity": self.capacity and msgspec.to_builtins(self.capacity.limits),
            }

    def counters(self) -> dict[str, Any]:
        """Count requests that faults could hit, faults injected, and requests under way, since the start."""
        with self._lock:
            injected = dict(self._injected)
        # Other threads go on meanwhile, and this one may be kept waiting between two looks. If no request
        # finished in between, the difference is exact; else it is the least that it was.
        for _ in range(LOOKS):
            before = self.finished.total()
            requests = self.started.total()
            after = self.finished.total()
            if before == after:
                break
        in_flight = max(requests - after, 0)
        return {"requests": requests, "injected": injected, "in_flight": in_flight}

    def _current(self) -> ActiveFaults:
        """The fault set in force; one whose lease has lapsed is replaced by an empty one."""
        if self.active.lapsed():
            self._replace(self._new_faults((), seed=self._seed, revision=self.active.revision + 1))
        return self.active

    def _replace(self, active: ActiveFaults) -> None:
        self.active, old = active, self.active
        old.end()

    def _new_faults(
        self, faults: Sequence[Fault], *, seed: int | None, revision: int, lease_s: float | None = None
    ) -> ActiveFaults:
        return ActiveFaults(
            faults,
            seed=seed,
            revision=revision,
            lease_s=lease_s,
            clock=self._clock,
            dependency=self.dependency,
        )
