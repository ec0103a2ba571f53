"""The fleet beside the load: `--fleet KIND` starts one, or the environment names one that runs.

The recorder samples its replicas each second, and their ups and downs go to the run's timeline.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import gevent
import msgspec

from brownout_fleet.client import FleetClient
from brownout_fleet.config import FleetConfig, Supervision
from brownout_fleet.fleet_kinds import FLEET_KINDS, settings_of
from brownout_fleet.launch import FleetProcess, new_log_dir, new_token
from brownout_fleet.model import AnswerTotals, FleetError, ReplicaPhase
from brownout_loadtest.fleet_health import FleetHealth, StallNotes
from brownout_loadtest.own_options import ours
from brownout_terms.variables import FLEET_TOKEN, FLEET_URL

logger = logging.getLogger(__name__)

RECONNECT_S = 1.0

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class FleetLink:
    """A fleet process that runs, as the recorder needs it."""

    def __init__(self, client: FleetClient, process: FleetProcess | None = None) -> None:
        self.client = client
        self._process = process
        self._witness = FleetClient(client.url, client.token)
        """For the sampler alone: no call that takes long is in its way."""
        self._known: list[tuple[str, str, str]] = []

    @property
    def target(self) -> str | None:
        """The client service's stable URL, of a fleet that was started here."""
        return self._process.up.target if self._process else None

    @property
    def forwarded(self) -> bool:
        """Whether the load reaches the replicas through a port-forward, which is in its figures then."""
        try:
            return any(forward.tunnelled for forward in self.client.forwards())
        except FleetError:
            return False

    def replicas(self) -> list[tuple[str, str, str]]:
        """Service, name and URL of every replica that runs and has counters of ours; as last known if the
        fleet doesn't answer."""
        try:
            replicas = self.client.replicas()
        except FleetError:
            return self._known
        self._known = [
            (r.service, r.name, r.url)
            for r in replicas
            if r.phase is not ReplicaPhase.GONE and r.contract == "lab"
        ]
        return self._known

    def answers(self, target: str | None, timeout_s: float) -> dict[str, AnswerTotals]:
        """Return what the forwarders have counted that a load on the URL `target` goes through.

        None is one of them where the load goes to the service itself, as in a cluster. Raises FleetError.
        """
        forwards = self._witness.forwards(timeout_s)
        return {one.service: one.answers for one in forwards if same_port(one.url, target or "")}

    def follow(self, recorder: StallNotes, wall: Callable[[float], float]) -> None:
        """Report every change of a replica, and every stall of the fleet process, as an event, for good.

        `wall` gives the run's time of a moment of the monotonic clock.
        """
        gevent.spawn(self._follow, recorder.event)
        gevent.spawn(FleetHealth(self.client, recorder, wall).follow)

    def _follow(self, note: Callable[..., None]) -> None:
        seen = 0
        while True:
            try:
                for event in self.client.watch(since=seen):
                    seen = event.seq
                    note("replica", change=event.kind, **_fields(event.replica))
            except FleetError as error:
                logger.debug("%s", error)
            gevent.sleep(RECONNECT_S)

    def stop(self) -> None:
        """End a fleet that was started here."""
        if self._process:
            self._process.stop()


def same_port(url: str, other: str) -> bool:
    """Whether two URLs name the same port of this machine's loopback interface, with whatever path."""
    parts, others = urlsplit(url), urlsplit(other)
    try:
        ports = {parts.port or 80, others.port or 80}
    except ValueError:  # no port at all, as `http://host:x`
        return False
    return len(ports) == 1 and {parts.hostname, others.hostname} <= LOOPBACK


def _fields(replica: msgspec.Struct) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(replica)
    known = {key: fields[key] for key in ("service", "uid", "restarts", "reason", "url")}
    of = {"dependency": fields["dependency"]} if fields["dependency"] else {}
    return {"replica": fields["name"], **known, **of}


def open_link(options: Any, environ: Mapping[str, str] = os.environ) -> FleetLink | None:
    """The fleet that the environment names, else one that `--fleet` asks for; None without either.

    Raises FleetError.
    """
    if url := environ.get(FLEET_URL):
        return FleetLink(FleetClient(url, environ.get(FLEET_TOKEN, "")))
    if ours(options).fleet == "none":
        return None
    process = FleetProcess(config_of(options))
    link = FleetLink(process.client, process)
    atexit.register(link.stop)
    return link


def config_of(options: Any) -> FleetConfig:
    """The fleet that Locust's options ask for."""
    own = ours(options)
    kind = FLEET_KINDS[own.fleet]
    return FleetConfig(
        token=new_token(),
        log_dir=str(new_log_dir()),
        kind=kind.name,
        supervision=Supervision(start_timeout_s=kind.start_timeout_s),
        settings=settings_of(kind, vars(own)),
    )
