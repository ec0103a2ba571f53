"""The load as the panel commands it: through Locust's own page where there is one, so that both agree."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Mapping
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING
from locust.web import WebUI

from brownout_loadtest.arrivals import PROCESSES
from brownout_loadtest.controller import Controller
from brownout_loadtest.own_options import field_of
from brownout_loadtest.shapes import SHAPES, parameters_of
from brownout_loadtest.shapes.descriptions import described_shapes
from brownout_panel.errors import LoadRefusedError
from brownout_panel.model import Load, LoadShape
from brownout_terms.durations import DurationError, parse_duration

START_S = 2.0
"""How long a command waits for Locust to begin to spawn users."""

ANSWER_S = 0.2
"""Time for the answer to a command that ends the process."""

PARAMETERS = {
    parameter.name: parameter.default for shape in SHAPES.values() for parameter in parameters_of(shape)
}

DEFAULTS: dict[str, Any] = {"arrival_rate": None, "arrivals": PROCESSES[0], "shape": "steady", **PARAMETERS}
"""Values of the settings that a command leaves out; `users`, `spawn_rate` and `run_time` have none here."""


class LocustLoad:
    """Locust's runner, in a local process or on the master."""

    def __init__(self, environment: Environment, web_ui: WebUI | None, controller: Controller) -> None:
        self._environment = environment
        self._runner: Any = environment.runner
        self._options: Any = environment.parsed_options
        self._web_ui = web_ui
        self._controller = controller
        self._timer: gevent.Greenlet | None = None

    def view(self) -> Load:
        """What the runner does, and with which settings it was started last."""
        load = self._controller.load
        settings = load.settings() if load else {}
        settings.pop("polyline", None)
        if load and not load.is_driven:
            settings["users"] = self._options.num_users or load.peak_users
            settings["spawn_rate"] = self._options.spawn_rate
        return Load(
            state=self._runner.state,
            host=self._environment.host,
            users=self._runner.user_count,
            settings=settings,
        )

    def shapes(self) -> list[LoadShape]:
        """Describe the load shapes."""
        return described_shapes()

    def start(self, settings: Mapping[str, Any]) -> Load:
        """Start the load, or change a closed loop that runs. Raises LoadRefusedError."""
        wanted = self._wanted(settings)
        if complaint := self._controller.arm(wanted):
            raise LoadRefusedError(complaint)
        for name in (*map(field_of, DEFAULTS), "run_time"):
            setattr(self._options, name, getattr(wanted, name))
        load = self._controller.load
        users = load.peak_users if load and load.is_driven else int(wanted.num_users or 1)
        if self._web_ui is not None:
            self._ask_page("swarm", user_count=users, spawn_rate=wanted.spawn_rate, run_time=wanted.run_time)
        else:
            self._start_headless(users, wanted.spawn_rate)
            self._end_after(wanted.run_time)
        self.await_start()
        return self.view()

    def stop(self) -> Load:
        """Stop the load. A headless run ends with its load, a moment later: the answer goes out before."""
        if self._web_ui is not None:
            self._ask_page("stop")
        else:
            gevent.spawn_later(ANSWER_S, self._runner.quit)
        return self.view()

    def _wanted(self, settings: Mapping[str, Any]) -> argparse.Namespace:
        """The options with these settings in place of their own."""
        allowed = ("users", "spawn_rate", "run_time", *DEFAULTS)
        for name in settings:
            if name not in allowed:
                raise LoadRefusedError(
                    f'"{name}" is not a setting of the load; allowed: {", ".join(allowed)}'
                )
        given = {name: value for name, value in settings.items() if value not in (None, "")}
        own = {field_of(name): given.get(name, default) for name, default in DEFAULTS.items()}
        wanted = argparse.Namespace(**{**vars(self._options), **own})
        wanted.run_time = _seconds(given.get("run_time"))
        wanted.num_users = given.get("users", None if given.get("arrival_rate") else self._options.num_users)
        wanted.spawn_rate = _rate(given.get("spawn_rate"), wanted.num_users)
        return wanted

    def _ask_page(self, view: str, **form: Any) -> None:
        """Do what Locust's own page does, with its timers and its state. Raises LoadRefusedError."""
        app: Any = self._web_ui.app if self._web_ui else None
        data = {name: str(value) for name, value in form.items() if value is not None}
        with app.test_request_context(f"/{view}", method="POST", data=data):
            answer = inspect.unwrap(app.view_functions[f"locust.{view}"])()
            document = app.make_response(answer).get_json()
        if not document.get("success"):
            raise LoadRefusedError(str(document.get("message")))

    def _start_headless(self, users: int, spawn_rate: float) -> None:
        self._options.num_users, self._options.spawn_rate = users, spawn_rate
        if self._environment.shape_class:
            self._runner.start_shape()
        else:
            gevent.spawn(self._runner.start, users, spawn_rate)

    def _end_after(self, run_time_s: int | None) -> None:
        """End a headless run; the timer that Locust set for --run-time goes on, and the first one ends it."""
        if self._timer is not None:
            self._timer.kill(block=False)
        self._timer = gevent.spawn_later(run_time_s, self._runner.quit) if run_time_s else None

    def await_start(self) -> None:
        """Wait until Locust spawns users, START_S at most."""
        with gevent.Timeout(START_S, False):
            while self._runner.state not in (STATE_SPAWNING, STATE_RUNNING):
                gevent.sleep(0.01)


def _seconds(text: Any) -> int | None:
    """Return a run time in seconds; Locust's timers take whole ones only."""
    if text is None:
        return None
    try:
        seconds = parse_duration(str(text))
    except DurationError as error:
        raise LoadRefusedError(f"run_time: {error}") from None
    if seconds < 1 or seconds != int(seconds):
        raise LoadRefusedError(
            f'run_time: "{text}" is not a whole number of seconds above 0; allowed: 20, 3m'
        )
    return int(seconds)


def _rate(given: Any, users: Any) -> float:
    """Users per second; all at once unless something else is said."""
    try:
        rate = float(given if given is not None else users or 1)
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise LoadRefusedError(f'spawn_rate: "{given}" is not a number above 0')
    return rate
