"""Which faults hit a request."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .fault import Fault


class Hit(NamedTuple):
    """A fault that hits a request, and the request's random number for it, uniform in [0, 1)."""

    fault: Fault
    draw: float


def select(faults: Iterable[Fault], random: Callable[[], float]) -> tuple[Hit, ...]:
    """Choose the faults that hit the next request, in the order in which they are injected.

    Each fault draws one number from `random`, in the document's order, whether or not another fault has hit
    already: so the n-th request's number for a fault depends on the seed alone, not on what the other faults
    are set to, and two runs with the same seed hit the same requests.

    All hits of faults that let the request go on (delays) come first, in the document's order; then, at most,
    the first hit of a fault that answers.
    """
    passing: list[Hit] = []
    answering: list[Hit] = []
    for fault in faults:
        number = random()
        if number < fault.rate:
            # Among the numbers below the rate, number / rate is uniform again: one number serves for both.
            (answering if fault.answers else passing).append(Hit(fault, number / fault.rate))
    return (*passing, *answering[:1])
