"""Makes the clocks of a Python process step once: the round of a selftest has this folder on PYTHONPATH.

The environment says when (`after`, seconds from the start of the process), how far (`step`, seconds), and
which clock: the `wall` clock is set, or the machine has a `suspend`, which the wall clock and CLOCK_BOOTTIME
notice. Nothing else on the machine does.
"""

import os
import time

_after, _step_s, kind = os.environ["BROWNOUT_SELFTEST_CLOCK"].split(",")
after_s, step_s = float(_after), float(_step_s)
_wall, _wall_ns, _gettime, _began = time.time, time.time_ns, time.clock_gettime, time.monotonic()
BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)


def _step() -> float:
    return step_s if time.monotonic() - _began > after_s else 0.0


def _get(clock: int) -> float:
    return _gettime(clock) + (_step() if clock == BOOTTIME else 0.0)


time.time = lambda: _wall() + _step()
time.time_ns = lambda: _wall_ns() + int(_step() * 1e9)
if kind == "suspend":
    time.clock_gettime = _get
