"""Runs gunicorn so that it can't outlive whoever started it, on Linux and macOS.

    python -m services.fleet.lifeline GUNICORN-ARGUMENTS…

Standard input is a pipe that only the starter holds the other end of. The kernel closes it however the
starter ends, SIGKILL included; then the whole process group (gunicorn's master and worker) is killed. The
process must lead a group of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings


def die_with_parent(fd: int) -> None:
    """Kill this process group when the pipe `fd` reaches its end, watched from a thread."""

    def watch() -> None:
        while os.read(fd, 1):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    die_with_parent(sys.stdin.fileno())
    # Python 3.12 warns of every fork beside a thread; this thread holds no lock that a child could miss.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    from gunicorn.app.wsgiapp import run

    run(prog="gunicorn")
