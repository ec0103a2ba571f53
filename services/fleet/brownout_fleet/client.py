"""The fleet as seen from the harness: the same calls as `Fleet`, over the fleet process's HTTP API."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
import requests

from brownout_fleet.health import LoopHealth
from brownout_fleet.model import (
    FleetError,
    ForwardStatus,
    NotRunningError,
    Replica,
    ReplicaEvent,
    UnknownReplicaError,
)

TIMEOUT_S = 5.0
KILL_TIMEOUT_S = 20.0
"""A kill is answered when the replica has ended: a busy Docker engine takes its time for that."""
WATCH_TIMEOUT_S = 15.0
"""Three heartbeats: a watch that is silent for longer is broken."""

_ERRORS: dict[int, type[FleetError]] = {404: UnknownReplicaError, 409: NotRunningError}

T = TypeVar("T")


class FleetClient:
    """Calls the fleet process; every method raises FleetError with a sentence for the user when it can't."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self._session = requests.Session()
        self._session.trust_env = False  # loopback only; a proxy from the environment would not find it
        self._session.headers["Authorization"] = f"Bearer {token}"

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all."""
        parameters = {"service": service} if service else {}
        return self._call("GET", "/replicas", list[Replica], params=parameters)

    def kill(self, name: str) -> Replica:
        """End one replica abruptly; returns the one that ended."""
        return self._call("POST", f"/replicas/{quote(name, safe='')}/kill", Replica, timeout=KILL_TIMEOUT_S)

    def forwards(self, timeout_s: float = TIMEOUT_S) -> list[ForwardStatus]:
        """The stable ports and what they carry now."""
        return self._call("GET", "/forwards", list[ForwardStatus], timeout=timeout_s)

    def health(self, since: float, timeout_s: float) -> LoopHealth:
        """How the fleet process itself is, and how it was after a moment of the monotonic clock."""
        return self._call("GET", "/health", LoopHealth, params={"since": repr(since)}, timeout=timeout_s)

    def watch(self, since: int = 0) -> Generator[ReplicaEvent]:
        """The events after number `since`, then the new ones as they come, until the fleet process ends."""
        try:
            with self._session.get(
                f"{self.url}/watch",
                params={"since": since},
                stream=True,
                timeout=(TIMEOUT_S, WATCH_TIMEOUT_S),
            ) as response:
                self._check(response)
                for line in response.iter_lines(chunk_size=None):
                    if line:
                        yield msgspec.json.decode(line, type=ReplicaEvent)
        except requests.RequestException as error:
            raise FleetError(f"the watch on the fleet process at {self.url} broke: {error}") from error

    def close(self) -> None:
        """Close pooled connections."""
        self._session.close()

    def _call(self, method: str, path: str, kind: type[T], **parameters: Any) -> T:
        try:
            response = self._session.request(method, self.url + path, **{"timeout": TIMEOUT_S, **parameters})
        except requests.RequestException as error:
            raise FleetError(f"the fleet process at {self.url} doesn't answer: {error}") from error
        self._check(response)
        return msgspec.json.decode(response.content, type=kind)

    def _check(self, response: requests.Response) -> None:
        if response.ok:
            return
        try:
            detail = response.json()["detail"]
        except (ValueError, KeyError, TypeError):
            detail = f"{response.status_code} {response.reason}"
        raise _ERRORS.get(response.status_code, FleetError)(detail)
