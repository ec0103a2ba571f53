"""Carries an arrival's wait from the gate that let it start to whoever records its first request.

The wait is the time between the intended start of an arrival and the moment a user took it up. It stays on
the user's greenlet until the arrival's first request takes it: what a user waits is service time + wait. A
difference, not a moment, so that no two clocks have to agree.
"""

from __future__ import annotations

from gevent import getcurrent


def put_wait(seconds: float) -> None:
    """Leave the wait of the arrival that the running greenlet begins now."""
    getcurrent().brownout_wait = seconds


def take_wait() -> float:
    """Seconds that the running greenlet's arrival waited; 0.0 once taken, and in closed loop."""
    wait: float = getcurrent().__dict__.pop("brownout_wait", 0.0)
    return wait
