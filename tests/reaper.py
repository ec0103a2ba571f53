"""Ends what tests started when pytest itself is ended in a way in which no fixture runs: SIGTERM, SIGKILL.

One process beside pytest reads a pipe whose other end only pytest holds. Test processes are announced on it,
and what is still announced when the pipe ends is killed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_pipes: list[int] = []


@contextmanager
def reaper() -> Iterator[None]:
    """Have one from here on."""
    reading, writing = os.pipe()
    with subprocess.Popen([sys.executable, "-S", __file__], stdin=reading, start_new_session=True) as process:
        os.close(reading)
        _pipes.append(writing)
        try:
            yield
        finally:
            _pipes.remove(writing)
            os.close(writing)
            process.wait(10)


@contextmanager
def reaped(pid: int, *, group: bool) -> Iterator[None]:
    """Have this process, or its whole group, ended if pytest dies within the block."""
    name = f"{-pid if group else pid}\n".encode()
    for pipe in _pipes:
        os.write(pipe, b"+" + name)
    try:
        yield
    finally:
        for pipe in _pipes:
            os.write(pipe, b"-" + name)


def main() -> None:
    """Read until the end of the pipe, then kill."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    announced: set[int] = set()
    for line in sys.stdin:
        (announced.add if line[0] == "+" else announced.discard)(int(line[1:]))
    for pid in announced:
        with suppress(ProcessLookupError):
            os.killpg(-pid, signal.SIGKILL) if pid < 0 else os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
