"""Which Compose project a fleet is: a new one that it brings up and takes down, or one that runs already."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Protocol, Self

from brownout_fleet.compose_command import COMPOSE_FILE, IMAGES, UpCall, compose_command
from brownout_fleet.compose_sweep import remove_project
from brownout_fleet.config import Compose, FleetConfig
from brownout_fleet.container import PROJECT_LABEL
from brownout_fleet.engine import Engine
from brownout_fleet.model import FleetError

GRACE_S = 5.0
"""Time from SIGTERM to SIGKILL. The services promise to exit within five seconds."""


logger = logging.getLogger(__name__)


class Sweeper:
    """The process that removes a project when this one was killed: see compose_sweep.py."""

    def __init__(self, process: asyncio.subprocess.Process, lifeline: int) -> None:
        self._process = process
        self.lifeline = lifeline
        """The pipe that it waits for the end of; whoever may ask for another container holds it."""

    @classmethod
    async def start(cls, engine_socket: str, project: str) -> Self:
        """Start one that waits."""
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "brownout_fleet.compose_sweep", engine_socket, project),
            stdin=reading,
            start_new_session=True,
        )
        os.close(reading)
        return cls(process, writing)

    def let_go(self) -> None:
        """Have it sweep."""
        os.close(self.lifeline)

    async def end(self) -> None:
        """Nothing is left to sweep."""
        self._process.kill()
        os.close(self.lifeline)
        await self._process.wait()


class Project(Protocol):
    """The containers of a fleet, as a whole."""

    name: str
    network: str | None
    """Reach the replicas by their addresses in this network; None: by their published ports."""
    owned: bool
    """Whether the fleet decides which containers there are."""
    scale: dict[str, int] | None
    """How many containers there must be, by service; None: as many as there are."""

    async def up(self) -> None: ...
    async def down(self) -> None: ...


class NewProject:
    """A project of this run alone: nothing else is in it, so all of it can be removed."""

    network: str | None = None
    owned = True

    def __init__(self, engine: Engine, config: FleetConfig, log_dir: Path) -> None:
        self.name = f"brownout-{secrets.token_hex(4)}"
        self.scale: dict[str, int] | None = {"backend": config.backends, "client": config.clients}
        self._engine = engine
        self._file = Path(config.settings_as(Compose).file or COMPOSE_FILE)
        self._is_ours = config.settings_as(Compose).file is None
        policy = {"POLICY": config.policy} if config.policy else {}
        self._environ = {"BROWNOUT_RESTART": "no", **policy, **config.capacity.environ}
        self._log = log_dir / "compose.log"
        self._sweeper: Sweeper | None = None
        self._is_known = True
        """Whether every container that Compose has asked for is there to be removed."""

    async def up(self) -> None:
        """Start every container that is not there. Raises FleetError."""
        await self._check()
        command = await compose_command()
        if self._sweeper is None:
            self._sweeper = await Sweeper.start(self._engine.socket, self.name)
        call = UpCall(command, str(self._file), self.name, self.scale or {}, self._environ, self._log)
        try:
            await call.run(self._sweeper.lifeline)
        except asyncio.CancelledError:
            self._is_known = False
            raise

    async def _check(self) -> None:
        if not self._file.exists():
            raise FleetError(
                f'there is no "{self._file}".\n\nName your Compose file with --compose-file FILE'
            )
        if not self._is_ours:
            return
        missing = [image for image in IMAGES if not await self._engine.has_image(image)]
        if missing:
            raise FleetError(
                f"Docker has no image {' and no image '.join(missing)}.\n\n"
                f"Build them with: make -C {self._file.parent} service-images"
            )

    async def down(self) -> None:
        """Stop and remove every container of the project, and its network."""
        sweeper, self._sweeper = self._sweeper, None
        if sweeper is None:
            return
        try:
            await remove_project(self._engine, self.name, GRACE_S)
        except FleetError as error:  # must not hide why the fleet ends; the sweeper has more time than we
            logger.warning("the sweeper removes the rest of %s: %s", self.name, error)
            self._is_known = False
        except BaseException:
            sweeper.let_go()
            raise
        if self._is_known:
            await sweeper.end()
        else:
            sweeper.let_go()


class RunningProject:
    """Somebody else's project: followed, killed in when asked, never started nor ended."""

    owned = False
    scale: dict[str, int] | None = None

    def __init__(self, name: str, network: str | None = None) -> None:
        self.name = name
        self.network = network

    async def up(self) -> None:
        """It runs already."""

    async def down(self) -> None:
        """It is not ours to end."""


async def project_of(engine: Engine, config: FleetConfig, log_dir: Path) -> Project:
    """The project that `config` asks for. Raises FleetError."""
    name = config.settings_as(Compose).project
    if name is None:
        return NewProject(engine, config, log_dir)
    here = await engine.inspect(socket.gethostname())
    if name == ".":
        if here is None or PROJECT_LABEL not in here.config.labels:
            raise FleetError(
                '"--project ." is for a container of a Compose project, and this is none.\n\n'
                "See their names with: docker compose ls"
            )
        name = here.config.labels[PROJECT_LABEL]
    inside = here is not None and here.config.labels.get(PROJECT_LABEL) == name
    network = next(iter(here.network_settings.networks), None) if here and inside else None
    return RunningProject(name, network)
