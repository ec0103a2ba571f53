"""Locust in a process of its own, tied to this one by a lifeline and a pipe of progress lines."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import brownout_loadtest
from brownout.meeting import value_of
from brownout.panel_client import PanelClient
from brownout_fleet.free_port import free_port
from brownout_fleet.launch import FleetProcess
from brownout_panel import panel_address
from brownout_terms.places import beside
from brownout_terms.variables import FLEET_TOKEN, FLEET_URL, LIFELINE, PROGRESS

LOCUSTFILE = beside(brownout_loadtest.__file__, "locustfile.py")
GENTLE_S = 30.0
"""Time for a gentle end, besides --stop-timeout: its requests under way, users that Locust has to leave
behind, its files. After that it is killed."""
REPEAT_S = 1.0
"""How often it is asked to end until it does: a signal that comes before it listens is lost."""
TAIL_LINES = 20
LOOPBACK = "127.0.0.1"


def meeting_place(arguments: Sequence[str]) -> list[str]:
    """Options for a master and the workers that `--processes` forks, to find each other; none for others.

    A free port of the loopback address: Locust's own choice is port 5557 of every interface, so that two runs
    at once would be in each other's way, and whoever reaches the machine in theirs.
    """
    named = {argument.partition("=")[0] for argument in arguments}
    if "--processes" not in named or named & {"--master", "--worker", "--master-port", "--master-bind-port"}:
        return []
    port = str(free_port())
    host = [] if "--master-bind-host" in named else ["--master-bind-host", LOOPBACK]
    return [*host, "--master-bind-port", port, "--master-port", port]


def stop_timeout_s(arguments: Sequence[str]) -> float:
    """How long Locust lets requests finish at the end of a load; 0 where its arguments do not say."""
    with contextlib.suppress(ValueError):
        return float(value_of(arguments, "-s", "--stop-timeout") or 0.0)
    return 0.0


class LocustProcess:
    """A running Locust; a context manager that ends it, and all that it has forked."""

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        fleet: FleetProcess | None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`arguments` for Locust, more `variables` for its environment; its output goes to `log`."""
        lifeline, self._lifeline = os.pipe()
        self._progress, progress = os.pipe()
        environment = {**os.environ, **(variables or {})} | {
            LIFELINE: str(lifeline),
            PROGRESS: str(progress),
        }
        if fleet:
            environment |= {FLEET_URL: fleet.up.api, FLEET_TOKEN: fleet.token}
        self._log = log
        self._patience_s = GENTLE_S + stop_timeout_s(arguments)
        self._insisting: threading.Thread | None = None
        self.killed_because: str | None = None
        """Why we have killed it; None if we have not, or were asked to."""
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "brownout.locust_main", *arguments, *meeting_place(arguments)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[lifeline, progress],
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
            )
        os.close(lifeline)
        os.close(progress)

    def progress(self) -> Iterator[dict[str, Any]]:
        """The recorder's progress lines, one a second, until Locust ends."""
        with os.fdopen(os.dup(self._progress), encoding="utf-8") as lines:
            for line in lines:
                with contextlib.suppress(ValueError):  # cut off by a kill
                    yield json.loads(line)

    @property
    def panel(self) -> PanelClient | None:
        """Its control panel; None until that is up."""
        where = panel_address.of(self._process.pid)
        return PanelClient(where.url, where.token) if where else None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Wait for the end; the exit code. Kills it if it takes too long."""
        try:
            return self._process.wait(self._patience_s)
        except subprocess.TimeoutExpired:
            self._kill_because(f"did not end within {self._patience_s:g} s")
            return self._process.wait()

    def await_end(self) -> int:
        """Wait as long as it takes; the exit code."""
        return self._process.wait()

    def stop_gently(self) -> None:
        """Ask it to end, until it does: it finishes what is under way and writes everything. It is killed if
        that takes too long."""
        if self._insisting is None:
            self._insisting = threading.Thread(target=self._insist, daemon=True)
            self._insisting.start()

    def must_end_in(self, seconds: float) -> None:
        """Kill it if it has not ended by itself so many seconds, and its time to end gently, from now."""

        def watch() -> None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds + self._patience_s)
                return
            self._kill_because(f"did not end within {self._patience_s:g} s after its run time")

        threading.Thread(target=watch, daemon=True).start()

    def _insist(self) -> None:
        deadline = time.monotonic() + self._patience_s
        while time.monotonic() < deadline:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(REPEAT_S)
                return
        self._kill_because(f"did not end within {self._patience_s:g} s after it was told to")

    def _kill_because(self, reason: str) -> None:
        self.killed_because = reason
        self.kill()

    def kill(self) -> None:
        """End it at once, with all that it has forked."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def output(self) -> str:
        """What it has printed."""
        return self._log.read_text(errors="replace")

    def tail(self) -> str:
        """The end of it."""
        return "\n".join(self.output().splitlines()[-TAIL_LINES:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_gently()
        try:
            self.wait()
        finally:
            self.kill()  # workers that --processes forked, had Locust not ended them
            self._process.wait()
            os.close(self._lifeline)
            os.close(self._progress)
