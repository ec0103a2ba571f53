"""The course of one request through the faults that hit it. Pure: who carries it out waits and answers.

Every executor drives this one generator, so that order, waiting and release are the same in all of them.
"""

from collections.abc import Generator, Iterable
from typing import NamedTuple

from .effects import Break, Cut, Delay, Reply, Silence, Throttle
from .selection import Hit


class Close(NamedTuple):
    """The connection is to be closed without an answer."""

    abruptly: bool
    """True: it is reset."""


class Ending(NamedTuple):
    """What is left to do once all waiting is over."""

    effect: Reply | Cut | Close | None = None
    """None: the request goes on, as if nothing was."""

    bytes_per_s: float | None = None
    """How fast the application's answer may be sent; None: as fast as it comes."""


Step = Delay | Hit
"""A wait, or a hit of a kind that injects itself."""

Course = Generator[Step, bool, Ending]


def course(hits: Iterable[Hit]) -> Course:
    """Yield each wait, and expect whether the faults are still in force after it. Returns what is left to do.

    A hit that is yielded is of a kind that only WSGI can inject; sending False says that the faults ended.
    """
    ending: Reply | Cut | Close | None = None
    slowest: float | None = None
    for hit in hits:
        if hit.fault.is_of_wsgi():
            if not (yield hit):
                return Ending()
            continue
        match hit.fault.effect(hit.draw):
            case Delay() as delay:
                if not (yield delay):
                    return Ending()
            case Throttle(rate):
                slowest = rate if slowest is None else min(rate, slowest)
            case Silence(seconds):
                if not (yield Delay(seconds)):
                    return Ending()
                ending = Close(abruptly=False)
            case Break():
                ending = Close(abruptly=True)
            case Reply() | Cut() as effect:
                ending = effect
    return Ending(ending, slowest)
