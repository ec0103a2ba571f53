"""Notes in a run's timeline, once each, what was there when it began: limits, policy, breakers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from brownout_panel.control import Control


class FoundAtStart:
    """What was noted in one run."""

    def __init__(self, control: Control, note: Callable[..., None]) -> None:
        self._control = control
        self._note = note
        self._limited: set[str] = set()
        """Lives (uid) of replicas whose capacity was noted."""
        self._policy = False
        self._breakers: set[tuple[str, str, str]] = set()
        """Replica, breaker and process."""

    def note(self) -> None:
        """Note what is new."""
        self._note_limits()
        self._note_policy()
        self._note_breakers()

    def _note_limits(self) -> None:
        """Note capacities: runs on backends of other capacities are not comparable."""
        for view in self._control.views():
            if view.capacity and view.replica.uid not in self._limited:
                self._limited.add(view.replica.uid)
                self._note("capacity", replica=view.replica.name, **msgspec.structs.asdict(view.capacity))

    def _note_policy(self) -> None:
        """Note the policy: of two that are both called "custom" only the numbers tell them apart."""
        if not self._policy and (policy := self._control.policy):
            self._policy = True
            self._note("policy", action="found", **msgspec.structs.asdict(policy))

    def _note_breakers(self) -> None:
        """Note each breaker's state in each life: one that never changes it has no other event."""
        for poller in self._control.breaker_pollers():
            for one in poller.circuits:
                key = (poller.replica.name, one.name, one.boot_id)
                if key not in self._breakers and one.state != "unknown":
                    self._breakers.add(key)
                    self._note("breaker-found", replica=key[0], breaker=key[1], state=one.state)
