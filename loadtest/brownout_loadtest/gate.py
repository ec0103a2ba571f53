"""Makes a user begin each task only when an arrival lets it, whatever locustfile the user comes from.

Locust offers no seam for this: a user's first task starts without a wait, an interrupted task set starts the
next one without a wait, and `User.run` is final. So while a gate stands, two methods of Locust's TaskSet are
replaced: the one that every task passes through, and the wait between tasks, which an arrival takes over. Nor
does Locust tell of users that it starts: so a third one, `User.start`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import gevent
from locust import TaskSet, User
from locust.exception import StopUser

from brownout_loadtest.locust_seam import (
    TASK_SET,
    USER,
    is_stopping,
    mark_running,
    mark_waiting,
    next_task,
)


class Gate:
    """Stands from `shut` to `lift`; `arrival` blocks until the calling user may begin a task.

    `started` hears of each user whose greenlet has been made, before that runs.
    """

    def __init__(self, arrival: Callable[[User], None], started: Callable[[User], None]) -> None:
        self._arrival = arrival
        self._started = started
        self._start: Callable[[User, Any], Any] = User.start
        self._execute: Callable[[TaskSet], None] = TaskSet.execute_next_task
        self._wait: Callable[[TaskSet], None] = TaskSet.wait
        self._in_task: set[User] = set()
        self._cut_off = 0

    def shut(self) -> None:
        """Make tasks wait for arrivals from here on."""
        self._cut_off = 0

        def execute_next_task(task_set: TaskSet) -> None:
            if _is_task_set(next_task(task_set)):
                self._execute(task_set)  # its own tasks will pass the gate
            else:
                self._pass(task_set)

        def wait(task_set: TaskSet) -> None:
            if task_set.user in self._in_task:
                self._wait(task_set)  # the script's own pause in the middle of a task
            else:
                gevent.sleep(0)

        def start(user: User, group: Any) -> Any:
            greenlet = self._start(user, group)
            self._started(user)
            return greenlet

        TASK_SET.execute_next_task = execute_next_task
        TASK_SET.wait = wait
        USER.start = start

    def lift(self) -> int:
        """Let tasks start as Locust starts them from here on; returns how many were killed in between."""
        TASK_SET.execute_next_task = self._execute
        TASK_SET.wait = self._wait
        USER.start = self._start
        return self._cut_off

    def _pass(self, task_set: TaskSet) -> None:
        user = task_set.user
        if is_stopping(user):
            raise StopUser
        # While it waits, Locust may stop the user at once; while it works, only after its task.
        mark_waiting(user)
        self._arrival(user)
        mark_running(user)
        self._in_task.add(user)
        try:
            self._execute(task_set)
        except gevent.GreenletExit:
            self._cut_off += 1
            raise
        finally:
            self._in_task.discard(user)


def _is_task_set(task: object) -> bool:
    return inspect.isclass(task) and issubclass(task, TaskSet)
