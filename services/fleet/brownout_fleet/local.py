"""The local fleet: every replica of the lab a subprocess on a loopback port of its own, supervised."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from brownout_fleet.config import ServiceSpec, Supervision
from brownout_fleet.gunicorn_program import GunicornProgram
from brownout_fleet.process_fleet import ProcessFleet
from brownout_fleet.roster import Roster

SOCKET_PATH_BYTES = 103
"""Longest path of a Unix socket: macOS has room for 103 bytes and the end mark, Linux for four more."""


class LocalFleet(ProcessFleet):
    """The lab's services under gunicorn; see `Fleet` for the contract."""

    def __init__(
        self, specs: list[ServiceSpec], roster: Roster, log_dir: Path, supervision: Supervision | None = None
    ) -> None:
        self._sockets = tempfile.TemporaryDirectory(prefix="brownout-")
        programs = [
            GunicornProgram(spec, name, self._socket_path(spec, name))
            for spec in specs
            for name in (f"{spec.name}-{index}" for index in range(spec.replicas))
        ]
        super().__init__([programs], roster, log_dir, supervision)

    def _socket_path(self, spec: ServiceSpec, name: str) -> str | None:
        path = os.path.join(self._sockets.name, name)
        # Where temporary files lie too deep for one, TCP does as well.
        return path if spec.unix_socket and len(os.fsencode(path)) <= SOCKET_PATH_BYTES else None

    async def stop(self) -> None:
        """End every replica; none is left when it returns."""
        await super().stop()
        self._sockets.cleanup()
