"""Runs the `brownout` command as a user does: in a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.reaper import reaped
from tests.servers import until

DEADLINE_S = 45.0
FREE_PORTS = ("--client-port", "0", "--backend-port", "0")
ONE_EACH = ("--backends", "1", "--clients", "1", *FREE_PORTS)


class Command:
    """A running command; its output goes to a file, so that a kill loses none."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.folder = log.parent
        """Where it runs."""
        self._log = log
        self._seen: set[psutil.Process] = set()

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")

    def await_text(self, text: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until it has printed `text`; raises TimeoutError with what it printed instead."""

        self.await_event(lambda: text in self.output, f'"{text}"', deadline_s)

    def note_family(self) -> list[psutil.Process]:
        """All processes that it has started so far, also those of these, and it itself."""
        try:
            me = psutil.Process(self.process.pid)
            self._seen |= {me, *me.children(recursive=True)}
        except psutil.NoSuchProcess:
            pass
        return sorted(self._seen, key=lambda process: process.pid)

    def await_event(self, condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until `condition()` is true; raises with what was printed if it ends before or is too slow."""

        def has_come() -> bool:
            self.note_family()
            has_ended = self.process.poll() is not None
            is_true = bool(condition())
            if has_ended and not is_true:
                raise AssertionError(f"ended without {what}:\n{self.output}")
            return is_true

        try:
            until(has_come, what, deadline_s)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.output}") from error

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, deadline_s: float = DEADLINE_S) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait(deadline_s)

    def await_family_gone(self) -> None:
        """Wait until every process that it has started is gone."""
        until(lambda: not [p for p in self._seen if alive(p)], "the command's processes to end", 20.0)


def alive(process: psutil.Process) -> bool:
    """False once it has ended, also while nobody has reaped it yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def started(*arguments: str, cwd: Path) -> Iterator[Command]:
    """Start `brownout ARGUMENTS` in the folder `cwd`; killed at the end if it still runs."""
    log = cwd / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "brownout", *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "160"},
        )
    command = Command(process, log)
    with reaped(process.pid, group=False):
        try:
            yield command
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def run(*arguments: str, cwd: Path, deadline_s: float = DEADLINE_S) -> tuple[int, str]:
    """Run `brownout ARGUMENTS` to its end; the exit code, and what it printed."""
    with started(*arguments, cwd=cwd) as command:
        return command.wait(deadline_s), command.output


def run_command(command: Sequence[str], cwd: Path, deadline_s: float = DEADLINE_S) -> tuple[int, str]:
    """Run any command to its end, in a session of its own; the exit code, and what it printed."""
    log = cwd / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    with reaped(process.pid, group=False):
        try:
            return process.wait(deadline_s), log.read_text(errors="replace")
        finally:
            process.kill()
            process.wait()
