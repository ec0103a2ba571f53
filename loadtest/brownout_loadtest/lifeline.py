"""Ends this process when its parent is gone: a pipe whose other end only the parent holds reaches its end."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Mapping

import gevent
from gevent.monkey import get_original
from gevent.os import nb_read

from brownout_terms.variables import LIFELINE

logger = logging.getLogger(__name__)

PATIENCE_S = 10


def hold(environ: Mapping[str, str], head_start_s: float = 0.0) -> None:
    """Watch the lifeline named in the environment, if one is.

    Processes that Locust forks inherit the pipe: call this in each of them, after the fork. `head_start_s`
    is how long this one waits for being ended by another.
    """
    if LIFELINE in environ:
        fd = int(environ[LIFELINE])
        os.set_blocking(fd, False)
        gevent.spawn(_watch, fd, head_start_s)
        # A task that never waits lets no greenlet run, and none handle a signal.
        start = get_original("_thread", "start_new_thread")
        start(_kill_in_the_end, (fd, head_start_s + PATIENCE_S))


def _kill_in_the_end(fd: int, after_s: float) -> None:
    """Wait in a thread of its own for the pipe's end, and end the process if nothing else has."""
    poller = get_original("select", "poll")()
    poller.register(fd, 0)  # the end alone, not what may come before it
    while not poller.poll():
        pass
    get_original("time", "sleep")(after_s)
    os.kill(os.getpid(), signal.SIGKILL)


def _watch(fd: int, head_start_s: float) -> None:
    """Stop gently at the pipe's end, by SIGTERM."""
    while nb_read(fd, 64):
        pass
    logger.warning("The process that started this one is gone: stopping")
    gevent.sleep(head_start_s)
    os.kill(os.getpid(), signal.SIGTERM)
