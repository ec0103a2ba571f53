"""The experiment's process tells when it stood still."""

import contextlib

from brownout_chaos.loop_watch import watch_for
from brownout_terms.stalls import Stall


class EnoughError(Exception):
    """Ends a watch."""


def test_a_wake_up_that_comes_too_late_is_told_once_with_its_length() -> None:
    now = 100.0
    pauses = iter([0.02, 0.02, 2.02, 0.02, 0.1, 0.02])
    told: list[tuple[Stall, float]] = []

    def pause(_: float) -> None:
        nonlocal now
        try:
            now += next(pauses)
        except StopIteration:
            raise EnoughError from None

    with contextlib.suppress(EnoughError):
        watch_for(lambda stall, at: told.append((stall, at)), pause, lambda: now)

    [(stall, at)] = told
    assert round(stall.start, 2) == 100.06
    assert round(stall.seconds, 2) == 2.0
    assert round(at - stall.start, 2) == 2.0


def test_what_telling_takes_is_no_stall() -> None:
    now = 0.0
    pauses = iter([1.0, 0.02, 0.02])
    told: list[Stall] = []

    def pause(_: float) -> None:
        nonlocal now
        try:
            now += next(pauses)
        except StopIteration:
            raise EnoughError from None

    def tell(stall: Stall, _: float) -> None:
        nonlocal now
        told.append(stall)
        now += 5.0

    with contextlib.suppress(EnoughError):
        watch_for(tell, pause, lambda: now)
    assert len(told) == 1
