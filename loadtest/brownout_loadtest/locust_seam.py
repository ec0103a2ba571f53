"""Every use of Locust's private names, and every function of its that is replaced, stands here.

`check` holds them to the installed version when the process starts.
"""

from __future__ import annotations

import argparse
import functools
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import locust
from gevent.pool import Group
from locust import TaskSet, User, argument_parser, clients, events, stats
from locust.contrib import fasthttp
from locust.event import EventHook
from locust.runners import Runner
from locust.stats import StatsCSVFileWriter, StatsEntry

OLDEST, NEWEST = "2.46.1", "2.47.0"
"""The versions of Locust that our tests pass with; `make test-locust LOCUST=2.46.1` runs them with one."""

EVENTS: Any = events
"""Locust's hooks, which have no types."""

STATISTICS_TAKE = ["request_type", "name", "response_time", "response_length", "exception"]
"""Arguments of Locust's own listener of the `request` event; it gathers the others, and needs all but the
last."""

NOT_GIVEN = object()

STATES: Any = import_module("locust.user.task")
"""The module that names the states of a user; in `locust.user` a function hides it."""

TASK_SET: Any = TaskSet
USER: Any = User

HttpSession: Any = clients.HttpSession
FastHttpSession: Any = fasthttp.FastHttpSession

NAMES: tuple[tuple[Any, str], ...] = (
    (TaskSet, "execute_next_task"),
    (TaskSet, "wait"),
    (User, "start"),
    (clients.HttpSession, "request"),
    (fasthttp.FastHttpSession, "request"),
    (EventHook, "fire"),
    (argument_parser, "default_args_dict"),
    (stats, "PERCENTILES_TO_REPORT"),
    (STATES, "LOCUST_STATE_RUNNING"),
    (STATES, "LOCUST_STATE_STOPPING"),
    (STATES, "LOCUST_STATE_WAITING"),
    (Runner, "stop_users"),
    (StatsCSVFileWriter, "_percentile_fields"),
    (StatsCSVFileWriter, "_stats_history_data_rows"),
)
"""What is called, overridden, replaced or compared with."""

ATTRIBUTES: tuple[tuple[Any, str], ...] = (
    (TaskSet, "_task_queue"),
    (User, "_state"),
    (EventHook, "_handlers"),
)
"""What an object has once it is made."""


def check() -> None:
    """Raise ImportError, naming the versions, if this Locust has not what is used of it."""
    missing = [_name(owner, name) for owner, name in NAMES if not hasattr(owner, name)]
    missing += [_name(owner, name) for owner, name in ATTRIBUTES if not sets(owner, name)]
    if missing:
        names = " and no ".join(missing)
        raise ImportError(
            f"brownout does not work with Locust {locust.__version__}, which has no {names}; "
            f"Locust {OLDEST} to {NEWEST} work: pip install 'locust>={OLDEST},<={NEWEST}'"
        )


def sets(owner: Any, name: str) -> bool:
    """Whether objects of a class get this attribute when they are made."""
    code = getattr(owner.__init__, "__code__", None)
    return code is not None and name in code.co_names


def _name(owner: Any, name: str) -> str:
    return f"{owner.__name__.removeprefix('locust.')}.{name}"


def after_parser_listeners(add_options: Callable[[argparse.ArgumentParser], None]) -> None:
    """Call `add_options` for each parser that Locust makes, once all listeners have added their options."""
    hook = EVENTS.init_command_line_parser
    fire = hook.fire

    def fire_and_add(*, parser: argparse.ArgumentParser, **more: Any) -> None:
        fire(parser=parser, **more)
        add_options(parser)

    hook.fire = fire_and_add


def listeners(hook: Any) -> list[Callable[..., Any]]:
    """Return who listens to one of Locust's events now."""
    return list(hook._handlers)


def listen_beside_statistics(hook: Any, listener: Callable[..., Any]) -> None:
    """Have a listener hear of what Locust's own listener of the `request` event, its statistics, hears of.

    A listener may raise StopUser or RescheduleTask, and then those behind it hear nothing: whoever is between
    the two would have Locust count what we don't, and whoever comes before both neither.

    The two become one listener: in a saturated process a call with an event's ten names costs 2 % of a
    request, of which our own counting is not half. `listener` must not raise.
    """
    places = [
        at for at, one in enumerate(hook._handlers) if getattr(one, "__module__", "") == "locust.runners"
    ]
    if places and _arguments(hook._handlers[places[-1]]) == STATISTICS_TAKE:
        hook._handlers[places[-1]] = _both(hook._handlers[places[-1]], listener)
    else:
        hook._handlers.insert(places[-1] + 1 if places else len(hook._handlers), listener)


def _arguments(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)[:-1]


def _both(statistics: Callable[..., Any], listener: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(statistics)
    def both(
        request_type: object,
        name: object,
        response_time: object,
        response_length: object = NOT_GIVEN,
        exception: object = None,
        context: object = None,
        response: object = None,
        start_time: object = None,
        url: object = None,  # noqa: ARG001 - what is named costs less than what gathers in a dict
        **_: object,
    ) -> None:
        try:
            if response_length is NOT_GIVEN:
                statistics(request_type=request_type, name=name, response_time=response_time)  # it complains
            statistics(request_type, name, response_time, response_length, exception)
        finally:
            listener(request_type, name, response_time, exception, context, response, start_time)

    return both


def wrap_requests(begin: Callable[[object, dict[str, Any]], None]) -> None:
    """Call `begin` with method and settings of each request that a client is about to send."""
    from brownout_loadtest.lean.session import LeanHttpSession

    clients: tuple[Any, ...] = (HttpSession, FastHttpSession, LeanHttpSession)
    for session in clients:
        session.request = _begun_by(begin, session.request)


def _begun_by(
    begin: Callable[[object, dict[str, Any]], None], send: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(send)
    def request(session: Any, method: object, url: object, *arguments: object, **settings: Any) -> Any:
        if not arguments:  # else the headers may be among them
            begin(method, settings)
        return send(session, method, url, *arguments, **settings)

    return request


def forget_users(runner: Any) -> None:
    """Let Locust wait no more for users that do not stop."""
    runner.stop_users = lambda _: None
    runner.user_greenlets = Group()


def make_default_options_once() -> None:
    """Let Locust make the parser of its own options once.

    It looks these up for every option in every message that changes the users, and makes the whole parser
    anew each time: each such message would stop a worker for half a second.
    """
    argument_parser.default_args_dict = functools.cache(argument_parser.default_args_dict)


def next_task(task_set: TaskSet) -> object:
    """Return what a task set is about to run: a function, or the class of a nested task set."""
    return task_set._task_queue[0]


def is_stopping(user: User) -> bool:
    """Whether Locust has told the user to stop after its task."""
    return bool(user._state == STATES.LOCUST_STATE_STOPPING)


def mark_waiting(user: User) -> None:
    """Let Locust stop the user at once."""
    user._state = STATES.LOCUST_STATE_WAITING


def mark_running(user: User) -> None:
    """Let Locust stop the user only after its task."""
    user._state = STATES.LOCUST_STATE_RUNNING


class StatsTables(StatsCSVFileWriter):
    """Locust's writer of its CSV files, with full history."""

    def __init__(self, environment: Any, prefix: str) -> None:
        super().__init__(environment, stats.PERCENTILES_TO_REPORT, prefix, full_history=True)

    def history_rows(self, writer: Any, now: float) -> None:
        """Write a row of the history for each endpoint and one for all of them."""
        self._stats_history_data_rows(writer, now)

    def before_percentiles(self) -> None:
        """Called before the percentiles of each row are computed."""

    def _percentile_fields(self, stats_entry: StatsEntry, use_current: bool = False) -> list[str] | list[int]:
        self.before_percentiles()
        return super()._percentile_fields(stats_entry, use_current)
