"""Ends this process when its parent is gone: a pipe whose other end only the parent holds reaches its end."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Mapping

import gevent
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


def _watch(fd: int, head_start_s: float) -> None:
    """Stop gently at the pipe's end, by SIGTERM; if that hangs, the kernel ends the process."""
    while nb_read(fd, 64):
        pass
    logger.warning("The process that started this one is gone: stopping")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE_S)
    gevent.sleep(head_start_s)
    os.kill(os.getpid(), signal.SIGTERM)
