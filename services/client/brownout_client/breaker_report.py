"""The answer to `GET /breaker`: the breaker now, and the transitions that its reader has not seen.

A reader passes the last `seq` that it has as `since`, and loses none: `truncated` says whether some were
dropped before it came. With `wait_s` the answer comes with the next transition, so that the reader hears of
it within milliseconds, or after that time. Another `boot_id` is another process, which numbers its
transitions from 1; a `since` that is ahead of them is answered at once, from the start.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .caller import Caller
from .problem import Problem

LONGEST_WAIT_S = 30.0

STOP_CHECK_S = 0.5
"""How often a waiting request checks whether the process is stopping."""


def since(args: Mapping[str, str]) -> int:
    """The query's `since`; 0 if there is none. Raises Problem."""
    text = args.get("since", "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(2**53))):
        raise _not_allowed("since", text, "a whole number from 0")
    return int(text)


def wait_s(args: Mapping[str, str]) -> float:
    """The query's `wait_s`, in seconds; 0 if there is none. Raises Problem."""
    text = args.get("wait_s", "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT_S:  # false for NaN as well
        raise _not_allowed("wait_s", text, f"a number from 0 to {LONGEST_WAIT_S:g}")
    return seconds


def report(caller: Caller, since: int) -> dict[str, Any]:
    """The breaker now, and the transitions after number `since`."""
    settings, view = caller.active.breaker.settings, caller.breaker_view()
    latest = caller.log.seq
    if since > latest:
        since = 0
    transitions = caller.log.since(since)
    return {
        **msgspec.structs.asdict(view),
        "enabled": settings.enabled,
        "fail_max": settings.fail_max,
        "success_threshold": settings.success_threshold,
        "seq": latest,
        "truncated": latest > since and transitions[0].seq > since + 1,
        "transitions": transitions,
    }


def wait(caller: Caller, since: int, wait_s: float, stopping: Callable[[], bool]) -> None:
    """Return when number `since` is no longer the latest, after `wait_s`, or when the process is stopping."""
    deadline = time.monotonic() + wait_s
    while caller.log.seq == since and not stopping():
        due_s = caller.breaker_view().seconds_until_half_open
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return
        caller.log.wait(since, min(left_s, STOP_CHECK_S, STOP_CHECK_S if due_s is None else due_s))


def _not_allowed(name: str, text: str, allowed: str) -> Problem:
    sent = text[:100]
    return Problem(400, f'{name} is "{sent}"; allowed: {allowed}', sent=sent, allowed=allowed)
