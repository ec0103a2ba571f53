"""What recording costs one saturated Locust process: it records in half of its seconds, and not between.

In one process and in short turns, since what else runs on a shared machine changes its speed by more, from
one moment to the next, than the recorder does. Prints a JSON list with an object for each slice of time.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import gevent
from locust import events

from bench.locustfiles.asking import Asker, now
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.recorder import Recorder

__all__ = ["Asker"]  # Locust's users

ROUNDS = int(os.environ["BENCH_ROUNDS"])
TURNS = (False, True, True, False) * ROUNDS
SLICE_S = 1.0
"""A whole second, so that each slice with the recorder has one of its ticks."""

SETTLE_S = 0.1


def _prepare(environment: Any, **_: object) -> None:
    handlers = environment.events.request._handlers
    plain = list(handlers)
    recorder = Recorder(environment, Path(os.environ["BENCH_OUT"]), None, LoadMeter())
    recorded = list(handlers)

    def compare() -> None:
        slices = []
        for record in TURNS:
            handlers[:] = recorded if record else plain
            if record:
                recorder.start({})
            gevent.sleep(SETTLE_S)
            before = now(environment)
            gevent.sleep(SLICE_S)
            after = now(environment)
            recorder.stop("completed")
            slices.append({"recorded": record, **{name: after[name] - before[name] for name in after}})
        json.dump(slices, sys.stdout)
        sys.stdout.flush()
        environment.runner.quit()

    environment.events.spawning_complete.add_listener(lambda **_: gevent.spawn(compare))


events.init.add_listener(_prepare)
