"""Runs a command of the user's so that nothing of it can outlive whoever started this.

    python -m brownout_fleet.guard COMMAND ARGUMENT…

The command shares the process group that the guard leads. Standard input is a pipe that only the starter
holds the other end of. When that ends, or the command does, everything that the command has started is
killed, what has moved to a group of its own included; then the guard ends as the command did.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys

from brownout_fleet.descendants import kill_descendants
from brownout_fleet.lifeline import at_end_of

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
NOT_STARTED = 127
"""A shell's exit code for a command that it can't start."""


def prctl(option: int, value: int) -> None:
    """Set a property of this process, on Linux, which alone has them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def main(command: list[str]) -> int:
    """Run it; returns the exit code, negative for the signal that ended it."""
    # Signals are sent to the whole group: the command has them by itself. A handler, unlike SIG_IGN, is not
    # inherited.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # whoever loses its parent becomes our child, and is found

    def die_with_guard() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_guard,  # noqa: PLW1509 - there is no other thread yet
        )
    except OSError as error:
        print(f'the command "{command[0]}" could not be started: {error.strerror}', file=sys.stderr)
        return NOT_STARTED
    at_end_of(sys.stdin.fileno(), kill_descendants)
    while True:
        pid, status = os.wait()
        if pid == process.pid:
            break
    kill_descendants()
    return os.waitstatus_to_exitcode(status)


def end_as(code: int) -> None:
    """End this process by the signal that ended the command, if it was one, without a core dump."""
    if code >= 0:
        sys.exit(code)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # of SIGKILL, which nobody handles
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)


if __name__ == "__main__":
    end_as(main(sys.argv[1:]))
