"""How often each fault set was injected, from the counters in the backends' answers. Pure."""

from __future__ import annotations

from collections import Counter

from brownout_panel.desired import ReplicaFaults


class Injections:
    """Adds up, by the revision of the fault set, what the counters of every life have grown by.

    What a life injected after its last answer is in none: one that ended may have injected more.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._last: dict[str, tuple[int, int]] = {}
        """By life (boot_id): the revision that was in force at its last answer, and its count then."""

    def take(self, answer: ReplicaFaults) -> None:
        """Take a backend's answer; it counts as it answers, before the next request."""
        if answer.injected is None:
            return
        total = sum(answer.injected.values())
        revision, before = self._last.get(answer.boot_id, (answer.revision, total))
        self._counts[revision] += total - before
        self._counts[answer.revision] += 0
        self._last[answer.boot_id] = (answer.revision, total)

    def of(self, revision: int) -> int | None:
        """Return how often the set of this revision was injected; None if that can't be told.

        No backend tells, or none has injected it so far, and one may have it still, or had it when it ended.
        """
        if revision not in self._counts:
            return None
        is_open = any(last == revision for last, _ in self._last.values())
        return self._counts[revision] or (None if is_open else 0)

    def known(self) -> dict[int, int]:
        """Return the counts that can be told, by revision."""
        return {revision: count for revision in self._counts if (count := self.of(revision)) is not None}
