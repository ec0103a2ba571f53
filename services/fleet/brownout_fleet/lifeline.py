"""Runs gunicorn so that it can't outlive whoever started it, on Linux and macOS.

    python -m brownout_fleet.lifeline SOCKET-PATH GUNICORN-ARGUMENTS…

Standard input is a pipe that only the starter holds the other end of. The kernel closes it however the
starter ends, SIGKILL included; then the Unix socket at SOCKET-PATH (empty: there is none) is removed, with
its folder if no other is in there, and the whole process group (gunicorn's master and worker) is killed.
The process must lead a group of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial


def at_end_of(fd: int, then: Callable[[], object]) -> None:
    """Call `then`, and kill this process group, at the end of the pipe `fd`; watched from a thread."""

    def watch() -> None:
        while os.read(fd, 1):
            pass
        then()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def remove_socket(path: str) -> None:
    """Remove a Unix socket, and its folder if no other is in there."""
    with suppress(OSError):
        os.unlink(path)
        os.rmdir(os.path.dirname(path))


if __name__ == "__main__":
    at_end_of(sys.stdin.fileno(), partial(remove_socket, sys.argv.pop(1)))
    # Python 3.12 warns of every fork beside a thread; this thread holds no lock that a child could miss.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    from gunicorn.app.wsgiapp import run

    run(prog="gunicorn")
