"""One replica of a Compose fleet: a name, and the lives of the container that has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from brownout_fleet.compose_logs import keep_log
from brownout_fleet.config import Supervision
from brownout_fleet.container import PORT, Container, ending, phase_of, replica_of
from brownout_fleet.engine import Engine
from brownout_fleet.model import NotRunningError, Replica, ReplicaPhase
from brownout_fleet.probe import problem_of
from brownout_fleet.readiness import watch_readiness
from brownout_fleet.roster import Roster

Restart = Callable[["ComposeMember"], Coroutine[Any, Any, None]]


class ComposeMember:
    """Receives the state of its container from the engine, repeatedly, and updates the roster.

    `restart` is called once for each end of a life.
    """

    def __init__(
        self,
        name: str,
        engine: Engine,
        roster: Roster,
        rules: Supervision,
        log: Path,
        network: str | None,
        restart: Restart,
    ) -> None:
        self.name = name
        self._engine, self._roster, self._rules = engine, roster, rules
        self._log, self._network, self._restart = log, network, restart
        self._container: Container | None = None
        self._replica: Replica | None = None
        self._probed: tuple[ReplicaPhase, str | None] = (ReplicaPhase.STARTING, None)
        self._lives = 0
        self._life: list[asyncio.Task[None]] = []
        """The tasks of the present life: its log, its probes."""
        self._return: asyncio.Task[None] | None = None
        self.killed = False
        """Whether we ended its present life."""
        self.trouble: str | None = None
        """Why it can't be a replica; None if it can."""

    @property
    def container(self) -> str | None:
        """The id of the container that has the name, or had it last; None once it was removed."""
        return self._container.id if self._container else None

    @property
    def runs(self) -> bool:
        """Whether its container runs, as far as is known."""
        return self._replica is not None and self._replica.phase is not ReplicaPhase.GONE

    def take(self, container: Container) -> None:
        """Update from the container's present state."""
        self._container = container
        if not container.runs:
            self._end(ending(container.state))
            return
        url = container.url(self._network)
        if not url:
            self.trouble = f"{self.name} publishes port {PORT} nowhere on 127.0.0.1"
            return
        if self._replica is None or self._replica.uid != container.uid:
            self._end("ended unseen")
            self._begin(container, url)
        self._report()

    def removed(self) -> None:
        """Note that no container has this name any more."""
        self._container = None
        self._end("its container was removed")

    async def kill(self) -> Replica:
        """SIGKILL; returns the life that ended, once it has. Raises NotRunningError."""
        replica, container = self._replica, self._container
        if replica is None or container is None or not self.runs:
            raise NotRunningError(f"{self.name} is not running; it is about to be started again")
        self.killed = True
        await self._engine.kill(container.id)
        if now := await self._engine.inspect(container.id):
            self.take(now)
        else:
            self.removed()
        return replica

    async def let_go(self) -> None:
        """Stop following the container; its log goes on until its end."""
        tasks = [*self._life[1:], *([self._return] if self._return else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close_log(self, timeout_s: float) -> None:
        """Wait for the rest of the log of a container that has ended, and stop following it."""
        log = self._life[:1]
        if log:
            await asyncio.wait(log, timeout=timeout_s)
            log[0].cancel()
            await asyncio.gather(*log, return_exceptions=True)

    def _begin(self, container: Container, url: str) -> None:
        self._replica = replica_of(container, self.name, url, self._lives)
        self._lives += 1
        self._probed, self.killed = (ReplicaPhase.STARTING, None), False
        host, port = self._replica.address
        self._life = [
            asyncio.create_task(
                keep_log(self._engine, container, self._log, f"{self.name}, start {self._lives}")
            ),
            asyncio.create_task(
                watch_readiness(partial(problem_of, port, host=host), self._rules, self._on_probe)
            ),
        ]

    def _end(self, reason: str) -> None:
        if not self.runs or self._replica is None:
            return
        for task in self._life[1:]:  # the log ends by itself, with the life's last words
            task.cancel()
        self._replica = msgspec.structs.replace(self._replica, phase=ReplicaPhase.GONE, reason=reason)
        self._roster.put(self._replica)
        if self._return:
            self._return.cancel()
        self._return = asyncio.create_task(self._restart(self))

    def _on_probe(self, phase: ReplicaPhase, reason: str | None = None) -> None:
        self._probed = (phase, reason)
        self._report()

    def _report(self) -> None:
        if self._container is None or self._replica is None or not self.runs:
            return
        phase, reason = phase_of(self._container, *self._probed)
        self._replica = msgspec.structs.replace(self._replica, phase=phase, reason=reason)
        self._roster.put(self._replica)
