"""The fleet of a user's own processes: a service, its dependencies, and a fault proxy before each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from brownout_fleet.command_program import CommandProgram
from brownout_fleet.config import Command, CommandService, Dependency, Supervision
from brownout_fleet.free_port import free_port
from brownout_fleet.model import FleetError
from brownout_fleet.process_fleet import ProcessFleet
from brownout_fleet.program import ReplicaProgram
from brownout_fleet.proxy.config import ProxyConfig, UpstreamError, address_of
from brownout_fleet.proxy_program import ProxyProgram
from brownout_fleet.roster import Roster

REACH_S = 3.0
"""How long a dependency that runs elsewhere has to accept a connection."""


class CommandFleet(ProcessFleet):
    """A user's processes; see `Fleet` for the contract."""

    def __init__(
        self,
        settings: Command,
        roster: Roster,
        log_dir: Path,
        supervision: Supervision | None = None,
    ) -> None:
        """Raises FleetError."""
        places = {name: _place(name, one) for name, one in settings.dependencies.items()}
        values = {name: place.value for name, place in places.items()}
        ours = {place.port for place in places.values()}
        for name, place in places.items():
            place.check_loop(name, ours)
        self._elsewhere = {
            name: places[name] for name, one in settings.dependencies.items() if one.command is None
        }
        self._commands = [
            *(
                _dependency(name, one, places[name], values)
                for name, one in settings.dependencies.items()
                if one.command is not None
            ),
            *(_replicas(settings.service, values) if settings.service else ()),
        ]
        proxies = [
            ProxyProgram(
                name if settings.dependencies[name].command is None else f"{name}-proxy",
                ProxyConfig(name, place.upstream, port=place.port),
            )
            for name, place in places.items()
        ]
        behind: list[ReplicaProgram] = [
            one for one in self._commands if one.identity["service"] == "dependency"
        ]
        service: list[ReplicaProgram] = [one for one in self._commands if one.identity["service"] == "client"]
        super().__init__([[*behind, *proxies], service], roster, log_dir, supervision)

    async def start(self) -> None:
        """Check what can be checked, then start everything; raises FleetError, having stopped it."""
        for one in self._commands:
            one.check()
        await asyncio.gather(*(place.reach(name) for name, place in self._elsewhere.items()))
        await super().start()


@dataclass(frozen=True)
class _Place:
    """Where a dependency is, and where its proxy listens."""

    upstream: str
    """URL of the dependency itself."""
    port: int
    """Port of the proxy."""
    value: str
    """What stands for `{NAME}`."""

    def check_loop(self, name: str, ours: set[int]) -> None:
        """Check that no proxy leads to a proxy. Raises FleetError."""
        address = address_of(self.upstream)
        if address.host in ("127.0.0.1", "localhost", "::1") and address.port in ours:
            raise FleetError(
                f'the dependency "{name}" is at {self.upstream}, where a fault proxy listens: requests '
                "would go round in a loop.\n\nWrite the URL of the dependency itself, or another port for "
                "the proxy."
            )

    async def reach(self, name: str) -> None:
        """Check that something accepts connections there. Raises FleetError."""
        address = address_of(self.upstream)
        try:
            async with asyncio.timeout(REACH_S):
                _, writer = await asyncio.open_connection(address.host, address.port)
        except (OSError, TimeoutError) as error:
            why = getattr(error, "strerror", None) or f"no answer within {REACH_S:g} s"
            raise FleetError(
                f'the dependency "{name}" can\'t be reached at {self.upstream}: {why}.\n\nStart it first, or '
                "have brownout start it: write its command in place of its url."
            ) from None
        writer.close()


def _place(name: str, dependency: Dependency) -> _Place:
    own = f"http://127.0.0.1:{free_port()}" if dependency.command is not None else None
    parts = urlsplit(dependency.url or own or "")
    upstream = dependency.url or str(own)
    if own and dependency.url:
        upstream = parts._replace(netloc=own.removeprefix("http://")).geturl()
    try:
        address = address_of(upstream)
    except UpstreamError as error:
        raise FleetError(f'the dependency "{name}": {error}') from None
    port = dependency.port or free_port()
    host = f"127.0.0.1:{port}"
    return _Place(upstream, port, f"http://{host}{parts.path.rstrip('/')}" if address.is_http else host)


def _dependency(
    name: str, dependency: Dependency, place: _Place, values: Mapping[str, str]
) -> CommandProgram:
    return CommandProgram(
        name=name,
        identity={"service": "dependency", "contract": "own", "breaker": None, "dependency": name},
        command=dependency.command or (),
        port=address_of(place.upstream).port,
        ready=dependency.ready,
        environment=dependency.environment,
        values=values,
        cwd=dependency.cwd,
    )


def _replicas(service: CommandService, values: Mapping[str, str]) -> list[CommandProgram]:
    return [
        CommandProgram(
            name=f"{service.name}-{index}",
            identity={"service": "client", "contract": "own", "breaker": service.breaker},
            command=service.command,
            port=free_port(),
            ready=service.ready,
            environment=service.environment,
            values=values,
            cwd=service.cwd,
            start_timeout_s=service.start_timeout_s,
        )
        for index in range(service.replicas)
    ]
