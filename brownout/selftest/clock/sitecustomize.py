"""Makes the wall clock of a Python process step once: the round of a selftest has this folder on PYTHONPATH.

The environment says when (`after`, seconds from the start of the process) and how far (`step`, seconds).
Python's own `time.time` alone steps; nothing else on the machine notices.
"""

import os
import time

after_s, step_s = map(float, os.environ["BROWNOUT_SELFTEST_CLOCK"].split(","))
_wall, _wall_ns, _began = time.time, time.time_ns, time.monotonic()


def _step() -> float:
    return step_s if time.monotonic() - _began > after_s else 0.0


time.time = lambda: _wall() + _step()
time.time_ns = lambda: _wall_ns() + int(_step() * 1e9)
