"""Starts the fleet process and ends it; used by the command line and by Locust."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

import msgspec

from brownout_fleet.config import FleetConfig, FleetFailed, FleetUp
from brownout_fleet.fleet_kinds import kind_of
from brownout_fleet.model import FleetError


def new_token() -> str:
    """A token for one run."""
    return secrets.token_urlsafe(24)


def new_log_dir(root: Path = Path("results/fleet")) -> Path:
    """A folder for the replicas' logs, named by the present second."""
    return root / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


class FleetProcess:
    """A running fleet process; a context manager that ends it.

    Raises FleetError when the fleet does not come up; nothing of it is left then.
    """

    def __init__(self, config: FleetConfig) -> None:
        log_dir = Path(config.log_dir).resolve()
        self._kind = kind_of(config.kind)
        if missing := self._kind.missing:
            raise FleetError(f"--fleet {config.kind} can't start: {missing}")
        try:
            log_dir.mkdir(parents=True, exist_ok=True)
            log = (log_dir / "fleet.log").open("ab")
        except OSError as error:
            raise FleetError(f'can\'t write logs to "{log_dir}": {error.strerror}') from error
        with log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", self._kind.module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
            )
        self.token = config.token
        self.up = self._handshake(msgspec.structs.replace(config, log_dir=str(log_dir)), log_dir)
        # requests takes as long to import as a replica takes to start: not before the fleet is on its way.
        from brownout_fleet.client import FleetClient

        self.client = FleetClient(self.up.api, config.token)

    @property
    def pid(self) -> int:
        """The fleet process's id."""
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Its exit code, if it has ended; None while it runs."""
        return self._process.poll()

    def _handshake(self, config: FleetConfig, log_dir: Path) -> FleetUp:
        """Send the configuration and wait for the answer; the fleet process itself sets the deadline."""
        stdin, stdout = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        try:
            stdin.write(msgspec.json.encode(config) + b"\n")
            stdin.flush()
            line = stdout.readline()
        except BaseException:
            self.stop()
            raise
        if not line:
            self.stop()
            raise FleetError(f"the fleet process ended before it was up; see {log_dir / 'fleet.log'}")
        answer = msgspec.json.decode(line, type=FleetUp | FleetFailed)
        if isinstance(answer, FleetFailed):
            self.stop()
            raise FleetError(answer.message)
        return answer

    def stop(self) -> None:
        """End the fleet and wait until it is gone."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(self._kind.stop_timeout_s)
        except BaseException as error:  # a second Ctrl-C among them
            self._process.kill()  # its replicas hold a lifeline to it
            self._process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self.stop()
