"""The Compose fleet: every replica a container on a loopback port of its own, found by Compose's labels."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp

from brownout_fleet.compose_member import ComposeMember
from brownout_fleet.compose_project import Project, project_of
from brownout_fleet.config import FleetConfig
from brownout_fleet.container import ONE_OFF_LABEL, Container
from brownout_fleet.endpoint import socket_of
from brownout_fleet.engine import Engine, Event
from brownout_fleet.model import FleetError, Replica, ReplicaEvent, ReplicaPhase
from brownout_fleet.roster import Roster

logger = logging.getLogger(__name__)

SERVICES = ("backend", "client")
NEWS = {"start", "die", "destroy", "oom", "pause", "unpause"}
"""Events that cause a refresh of a container, besides its health. Others come with every health check."""
RETRY_S = 1.0
"""Seconds until the next try after the engine refused or went away."""
LOG_TAIL_LINES = 15
LAST_WORDS_S = 1.0


class ComposeFleet:
    """Replicas as containers; see `Fleet` for the contract.

    An event of the engine only causes a refresh: the state is always the engine's own answer. So
    nothing is lost when the events break off, or when somebody else kills, restarts or removes a container.
    """

    def __init__(self, config: FleetConfig, roster: Roster) -> None:
        self._config = config
        self._roster = roster
        self._log_dir = Path(config.log_dir)
        self._rules = config.supervision
        self._members: dict[str, ComposeMember] = {}
        self._engine: Engine | None = None
        self._project: Project | None = None
        self._watching: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._stopping = False

    async def start(self) -> None:
        """Bring the containers up and wait until all are ready; raises FleetError, having removed them."""
        try:
            engine, project = await self._up()
            async with asyncio.timeout(self._rules.start_timeout_s):
                await self._all_ready(engine, self._expected(project))
        except TimeoutError:
            message = await self._late()
            await self.stop()
            raise FleetError(message) from None
        except FleetError:
            await self.stop()
            raise

    async def _up(self) -> tuple[Engine, Project]:
        self._engine = engine = Engine(await socket_of())
        await engine.ping()
        self._project = project = await project_of(engine, self._config, self._log_dir)
        self._watching = asyncio.create_task(self._watch(engine, project))
        await self._listening.wait()
        await project.up()
        return engine, project

    def _expected(self, project: Project) -> set[str]:
        """The names that must become ready. Raises FleetError if a service has none."""
        if project.scale is not None:
            return {f"{name}-{one + 1}" for name, count in project.scale.items() for one in range(count)}
        for service in SERVICES:
            if not any(name.startswith(f"{service}-") for name in self._members):
                raise FleetError(
                    f'the Compose project "{project.name}" has no container of a service "{service}".\n\n'
                    f"Start it with: docker compose -p {project.name} up -d    (docker compose ls names all)"
                )
        return set(self._members)

    async def _all_ready(self, engine: Engine, missing: set[str]) -> None:
        async for event in self._roster.watch():
            replica = event.replica
            if event.kind == "gone":
                container = self._members[replica.name].container
                tail = await engine.log_tail(container, LOG_TAIL_LINES) if container else ""
                raise FleetError(
                    f"{replica.name} {replica.reason} before it was ready. Its log ends with:\n\n{tail}"
                )
            if event.kind == "ready":
                missing.discard(replica.name)
            if not missing:
                return

    async def _late(self) -> str:
        waited = f"after {self._rules.start_timeout_s:g} s"
        troubles = [member.trouble for member in self._members.values() if member.trouble]
        if troubles:
            return f'{troubles[0]}.\n\nPublish it in the Compose file with: ports: ["127.0.0.1::5000"]'
        late = [r.name for r in self._roster.replicas() if r.phase is not ReplicaPhase.READY]
        if not late or self._engine is None:
            return f"Docker has not started the containers {waited}; see {self._log_dir / 'compose.log'}"
        container = self._members[late[0]].container
        tail = await self._engine.log_tail(container, LOG_TAIL_LINES) if container else ""
        return f"{', '.join(late)} not ready {waited}.\n\n{tail}"

    async def stop(self) -> None:
        """End and remove what the fleet started; nothing of it is left when it returns."""
        self._stopping = True
        for member in self._members.values():
            await member.let_go()
        try:
            if self._project:
                await self._project.down()
        finally:
            if self._watching:
                self._watching.cancel()
                await asyncio.gather(self._watching, return_exceptions=True)
            await asyncio.gather(*(one.close_log(LAST_WORDS_S) for one in self._members.values()))
            if self._engine:
                await self._engine.close()

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all, in the order of their names."""
        return self._roster.replicas(service)

    async def kill(self, name: str) -> Replica:
        """SIGKILL a container; returns the life that ended. Raises UnknownReplicaError or NotRunningError."""
        self._roster.get(name)
        return await self._members[name].kill()

    def watch(self, since: int = 0) -> AsyncIterator[ReplicaEvent]:
        """The events after number `since`, then the new ones as they come."""
        return self._roster.watch(since)

    async def _watch(self, engine: Engine, project: Project) -> None:
        """Follow the engine's events until cancelled, across its restarts."""
        while True:
            try:
                async with contextlib.aclosing(engine.events(project.name)) as events:
                    async for event in events:
                        if event is None:
                            await self._refresh_all(engine, project)
                            self._listening.set()
                        elif is_news(event):
                            await self._refresh(engine, project, event.id)
                logger.warning("the engine's events have ended")
            except (aiohttp.ClientError, FleetError) as error:
                logger.warning("the engine's events broke off: %s", error)
            await asyncio.sleep(RETRY_S)

    async def _refresh_all(self, engine: Engine, project: Project) -> None:
        there = await engine.containers(project.name)
        known = [member.container for member in self._members.values() if member.container]
        for container in {*there, *known}:
            await self._refresh(engine, project, container)

    async def _refresh(self, engine: Engine, project: Project, id_: str) -> None:
        container = await engine.inspect(id_)
        if container is None:
            for member in self._members.values():
                if member.container == id_:
                    member.removed()
            return
        one_off = container.config.labels.get(ONE_OFF_LABEL) == "True"
        if container.service not in SERVICES or one_off:
            return
        name = name_for(container, self._members)
        if name not in self._members:
            log = self._log_dir / f"{name}.log"
            self._members[name] = ComposeMember(
                name, engine, self._roster, self._rules, log, project.network, self._restart
            )
        self._members[name].take(container)

    async def _restart(self, member: ComposeMember) -> None:
        """Start a container again after the delay; one of somebody else's only if we ended it."""
        engine, project = self._engine, self._project
        if engine is None or project is None or not (project.owned or member.killed):
            return
        await asyncio.sleep(self._rules.restart_delay_s)
        while not (member.runs or self._stopping):
            try:
                if member.container:
                    await engine.start(member.container)
                else:
                    await project.up()
                return
            except FleetError as error:
                logger.warning("could not restart a replica: %s", error)
            await asyncio.sleep(RETRY_S)


def name_for(container: Container, members: Mapping[str, ComposeMember]) -> str:
    """The replica's name: Compose's own, unless the container replaces one that was removed.

    Compose 1.29 counts on from the highest number; a replica keeps its name over all of its lives.
    """
    own = container.replica_name
    for name, member in members.items():
        if member.container == container.id:
            return name
    orphans = [name for name in members if members[name].container is None]
    heirs = [name for name in orphans if name.rpartition("-")[0] == container.service]
    return own if own in heirs or not heirs else heirs[0]


def is_news(event: Event) -> bool:
    """Whether an event may have changed a replica."""
    return event.action in NEWS or event.action.startswith("health_status")
