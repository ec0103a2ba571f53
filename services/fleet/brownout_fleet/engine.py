"""The Docker engine's HTTP API on its Unix socket: what a fleet of containers needs of it.

The engine itself and not the `docker` command: every kill, event and log line would cost a process of its
own, on the machine that makes the load. What the command does better, finding an engine on another machine,
is no use here, since a replica's port is published on the loopback interface of the engine's machine. Only
Compose reads a Compose file; compose_project.py leaves that to it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from brownout_fleet.container import Container
from brownout_fleet.model import FleetError

CALL_TIMEOUT_S = 20.0
"""The longest call is the end of a container: it has its own time to stop, and the engine some more."""
LOG_HEADER = 8
"""Bytes before each piece of a container's log: the stream's number, three zeros, the piece's length."""

T = TypeVar("T")


class EngineError(FleetError):
    """The engine refused; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"Docker: {message}")
        self.status = status


class _Listed(msgspec.Struct, rename="pascal"):
    id: str


class _Volume(msgspec.Struct, rename="pascal"):
    name: str


class _Volumes(msgspec.Struct, rename="pascal"):
    volumes: list[_Volume] | None = None


class Event(msgspec.Struct):
    """What happened to a container: `start`, `die`, `health_status: healthy`, …"""

    id: str
    action: str = msgspec.field(name="Action")


def of_project(project: str) -> str:
    """The engine's filter for what belongs to a Compose project."""
    return msgspec.json.encode({"label": [f"com.docker.compose.project={project}"]}).decode()


class Engine:
    """Calls one engine; every method raises FleetError with a sentence for the user when it can't."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self._session = aiohttp.ClientSession(
            "http://docker",
            connector=aiohttp.UnixConnector(socket, limit=0),
            timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def ping(self) -> None:
        """Whether an engine answers at all."""
        await self._call("GET", "/_ping")

    async def has_image(self, name: str) -> bool:
        """Whether the image is on this machine."""
        try:
            await self._call("GET", f"/images/{name}/json")
        except EngineError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    async def containers(self, project: str) -> list[str]:
        """The ids of a project's containers, those that don't run among them."""
        content = await self._call("GET", "/containers/json", {"all": "true", "filters": of_project(project)})
        return [one.id for one in msgspec.json.decode(content, type=list[_Listed])]

    async def inspect(self, container: str) -> Container | None:
        """A container as it is now; None if there is none of that id or name any more."""
        try:
            content = await self._call("GET", f"/containers/{container}/json")
        except EngineError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return msgspec.json.decode(content, type=Container)

    async def start(self, container: str) -> None:
        """Start a container that is not running."""
        await self._call("POST", f"/containers/{container}/start")

    async def kill(self, container: str) -> None:
        """SIGKILL, and wait until it has ended."""
        await self._call("POST", f"/containers/{container}/kill", {"signal": "KILL"})

    async def stop(self, container: str, grace_s: float) -> None:
        """SIGTERM, SIGKILL after the grace, and wait until it has ended."""
        await self._call("POST", f"/containers/{container}/stop", {"t": f"{grace_s:.0f}"})

    async def remove(self, container: str) -> None:
        """Remove a container and its anonymous volumes, killing it if it runs."""
        await self._call("DELETE", f"/containers/{container}", {"force": "true", "v": "true"})

    async def remove_networks(self, project: str) -> None:
        """Remove a project's networks; nothing may be connected to them any more."""
        content = await self._call("GET", "/networks", {"filters": of_project(project)})
        for network in msgspec.json.decode(content, type=list[_Listed]):
            await self._call("DELETE", f"/networks/{network.id}")

    async def remove_volumes(self, project: str) -> None:
        """Remove a project's named volumes; no container may have them any more."""
        content = await self._call("GET", "/volumes", {"filters": of_project(project)})
        for volume in msgspec.json.decode(content, type=_Volumes).volumes or ():
            await self._call("DELETE", f"/volumes/{volume.name}")

    async def events(self, project: str) -> AsyncGenerator[Event | None, None]:
        """What happens to a project's containers, from now on; the first item is None: it is listening."""
        filters = {"type": ["container"], "label": [f"com.docker.compose.project={project}"]}
        parameters = {"filters": msgspec.json.encode(filters).decode()}
        async with self._stream("/events", parameters) as response:
            yield None
            async for line in response.content:
                yield msgspec.json.decode(line, type=Event)

    async def logs(self, container: str, since: str) -> AsyncIterator[bytes]:
        """What a container has written since then, and what it writes until its end."""
        parameters = {"follow": "true", "stdout": "true", "stderr": "true", "since": since}
        async with self._stream(f"/containers/{container}/logs", parameters) as response:
            while header := await response.content.read(LOG_HEADER):
                size = int.from_bytes(header[4:], "big")
                yield await response.content.readexactly(size)

    async def log_tail(self, container: str, lines: int) -> str:
        """The last lines that a container wrote."""
        content = await self._call(
            "GET", f"/containers/{container}/logs", {"stdout": "true", "stderr": "true", "tail": str(lines)}
        )
        return "".join(piece.decode(errors="replace") for piece in pieces(content)).strip()

    def _stream(self, path: str, parameters: Mapping[str, str]) -> Any:
        endless = aiohttp.ClientTimeout(total=None, sock_connect=CALL_TIMEOUT_S)
        return self._session.get(path, params=parameters, timeout=endless, raise_for_status=True)

    async def _call(self, method: str, path: str, parameters: Mapping[str, str] | None = None) -> bytes:
        try:
            async with self._session.request(method, path, params=parameters) as response:
                content = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise FleetError(unreachable(self.socket, error.os_error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise FleetError(f"Docker at {self.socket} did not answer {method} {path}: {error!r}") from error
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise EngineError(response.status, message_of(content))
        return content


def unreachable(socket: str, error: OSError) -> str:
    """What to tell a user whose engine can't be reached."""
    if error.errno in (errno.EACCES, errno.EPERM):
        user = os.environ.get("USER", "$USER")
        return (
            f"this user may not use Docker ({socket}: {os.strerror(error.errno)}).\n\n"
            f"Join its group with: sudo usermod -aG docker {user}    (then log in again)"
        )
    return (
        f"Docker is not running: nothing answers at {socket}.\n\n"
        "Start Docker Desktop, or: sudo systemctl start docker    (brownout doctor says what is missing)"
    )


def message_of(content: bytes) -> str:
    """The engine's own words in an answer that is an error."""
    try:
        return str(msgspec.json.decode(content)["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return content.decode(errors="replace")


def pieces(content: bytes) -> list[bytes]:
    """A log, which comes in pieces with a header each, without the headers."""
    found: list[bytes] = []
    while len(content) >= LOG_HEADER:
        end = LOG_HEADER + int.from_bytes(content[4:LOG_HEADER], "big")
        found.append(content[LOG_HEADER:end])
        content = content[end:]
    return found
