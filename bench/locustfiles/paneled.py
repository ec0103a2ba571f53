"""What an open panel costs one saturated, recorded Locust process: it is there in half of the seconds.

In one process and in short turns, as in saturation.py. While it is there, somebody must read it in as many
event streams as BENCH_STREAMS says. Prints a JSON list with an object for each slice of time.
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
from brownout_loadtest.controller import Controller
from brownout_loadtest.fleet import open_link
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.open_loop import OpenLoop
from brownout_loadtest.options import add_load_arguments
from brownout_loadtest.panel_link import PanelLink
from brownout_loadtest.recorder import Recorder, RunClock

__all__ = ["Asker"]  # Locust's users

ROUNDS = 8
TURNS = (False, True, True, False) * ROUNDS
SLICE_S = 1.0
"""A whole second, so that each slice has one of the recorder's ticks, and with a panel what that sends."""

SETTLE_S = 0.1
OPEN_S = 10.0


class Switch:
    """The panel of this process, there or not."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        options = environment.parsed_options
        out = os.environ["BENCH_OUT"]
        options.brownout_out, options.brownout_panel_port = out, 0
        self._fleet = open_link("none")
        assert self._fleet, "the environment must name a fleet"
        clock, meter = RunClock(), LoadMeter()
        self._clock = clock
        self.recorder = Recorder(environment, Path(out), None, meter, self._fleet.replicas, clock=clock)
        self._controller = Controller(environment, OpenLoop(meter), self.recorder, clock)
        self._panel: PanelLink | None = None

    def turn(self, on: bool) -> None:
        """Returns when the panel is there and read, or gone."""
        if on == (self._panel is not None):
            return
        if self._panel:
            self._panel.stop()
            self._panel = None
            self.recorder.observers.clear()
            return
        self._panel = PanelLink(
            self._environment, self._controller, self.recorder, self._fleet, None, self._clock
        )
        with gevent.Timeout(OPEN_S):
            while self._panel.readers < int(os.environ["BENCH_STREAMS"]):
                gevent.sleep(0.01)


def _prepare(environment: Any, **_: object) -> None:
    switch = Switch(environment)

    def compare() -> None:
        switch.recorder.start({})
        slices = []
        for on in TURNS:
            switch.turn(on)
            gevent.sleep(SETTLE_S)
            before = now(environment)
            gevent.sleep(SLICE_S)
            after = now(environment)
            slices.append({"on": on, **{name: after[name] - before[name] for name in after}})
        switch.turn(False)
        switch.recorder.stop("completed")
        json.dump(slices, sys.stdout)
        sys.stdout.flush()
        environment.runner.quit()

    environment.events.spawning_complete.add_listener(lambda **_: gevent.spawn(compare))


events.init_command_line_parser.add_listener(lambda parser, **_: add_load_arguments(parser))
events.init.add_listener(_prepare)
