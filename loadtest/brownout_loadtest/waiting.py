"""Who waits for an arrival, and who gets the next one.

An arrival is for a class of users first, drawn in proportion to how many users each class has, busy ones
included: a locustfile's weights hold, and a class that has become slow keeps getting its part. Within the
class, the user who has waited least is next: its connection is the freshest, and the server may give up the
others' in peace.

A user counts from its start on, not from its first wait: those of a class that logs in first take longer to
get here, and the arrivals until then would all be the other classes'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from random import Random
from typing import Generic, TypeVar

Turn = TypeVar("Turn", bound=Hashable)


class WaitingRoom(Generic[Turn]):
    """Users by class; each waits with a turn of its own, by which it is called."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._users: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, dict[Turn, None]] = {}

    def enter(self, kind: Hashable) -> None:
        """One user of a class is there."""
        self._users[kind] += 1

    def leave(self, kind: Hashable) -> None:
        """One user of a class has gone, and waits no more."""
        self._users[kind] -= 1

    def wait(self, kind: Hashable, turn: Turn) -> None:
        """A user of the class is idle."""
        self._waiting.setdefault(kind, {})[turn] = None

    def give_up(self, kind: Hashable, turn: Turn) -> bool:
        """An idle user waits no more; False if it has been called already."""
        was_waiting = turn in self._waiting[kind]
        self._waiting[kind].pop(turn, None)
        return was_waiting

    def call(self) -> Turn | None:
        """Whose turn it is; None if nobody is idle in the class that is drawn.

        A class of which nobody has waited yet is left out: an arrival must not be dropped because all users
        of a class are still logging in.
        """
        waiting = self._waiting.get(self._draw())
        return waiting.popitem()[0] if waiting else None

    def _draw(self) -> Hashable:
        mark = self._random.random() * sum(self._users[kind] for kind in self._waiting)
        for kind in self._waiting:
            mark -= self._users[kind]
            if mark < 0:
                return kind
        return None
