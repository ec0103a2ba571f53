"""Ends this process when its parent is gone: a pipe whose other end only the parent holds reaches its end."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Mapping

import gevent  # type: ignore[import-untyped]
from gevent.os import nb_read  # type: ignore[import-untyped]

logger = logging.getLogger(__name__)

VARIABLE = "BROWNOUT_LIFELINE_FD"
PATIENCE_S = 10


def hold(environ: Mapping[str, str], at_end: Callable[[], None] | None = None) -> None:
    """Watch the lifeline named in the environment, if one is; `at_end` replaces the end of this process.

    Processes that Locust forks inherit the pipe: call this in each of them, after the fork.
    """
    if VARIABLE in environ:
        fd = int(environ[VARIABLE])
        os.set_blocking(fd, False)
        gevent.spawn(_watch, fd, at_end or _end)


def _watch(fd: int, at_end: Callable[[], None]) -> None:
    while nb_read(fd, 64):
        pass
    at_end()


def _end() -> None:
    """Gently, as Locust takes a SIGTERM; after that the kernel ends whatever hangs, without our help."""
    logger.warning("The process that started this one is gone: stopping")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE_S)
    os.kill(os.getpid(), signal.SIGTERM)
