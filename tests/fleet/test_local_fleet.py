"""The local fleet: real replicas in real processes."""

import asyncio
import contextlib
import os
import signal
import stat
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from brownout_fleet.config import ServiceSpec, Supervision
from brownout_fleet.local import LocalFleet
from brownout_fleet.model import (
    FleetError,
    NotRunningError,
    Replica,
    ReplicaEvent,
    ReplicaPhase,
    UnknownReplicaError,
)
from brownout_fleet.roster import Roster
from tests.fleet.aio import Caller, asynchronous, eventually, forwarding

ROOT = Path(__file__).parents[2]
QUICK = Supervision(restart_delay_s=0.05, probe_interval_s=0.05, probe_timeout_s=1.0)


def web(replicas: int = 2, unix_socket: bool = True, **env: str) -> ServiceSpec:
    """The service of web_app.py."""
    variables = {"PYTHONPATH": str(ROOT), **env}
    return ServiceSpec(
        *("web", "tests.fleet.web_app:app", "python:brownout_backend.server"),
        *(replicas, variables, unix_socket),
    )


@asynccontextmanager
async def running(
    log_dir: Path, spec: ServiceSpec, supervision: Supervision = QUICK
) -> AsyncIterator[tuple[LocalFleet, Roster]]:
    """A fleet that has started; stopped at the end."""
    roster = Roster()
    fleet = LocalFleet([spec], roster, log_dir, supervision)
    try:
        await fleet.start()
        yield fleet, roster
    finally:
        await fleet.stop()


async def ask(replica: Replica, path: str = "/") -> int:
    """The id of the process that answers at the replica's URL."""
    caller = await Caller.connect(replica.address[1])
    try:
        return int((await caller.get(path))[2])
    finally:
        await caller.close()


async def came_from(port: int) -> str:
    """The address from which the service saw a call to this port come; a Unix socket has none."""
    caller = await Caller.connect(port)
    try:
        return (await caller.get("/from"))[2].decode()
    finally:
        await caller.close()


def alive(process: psutil.Process) -> bool:
    """False once it has ended, also while nobody has reaped it yet."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def pid_of(replica: Replica) -> int:
    return int(replica.uid.partition("@")[0])


@asynchronous
async def test_each_url_reaches_exactly_its_replica(tmp_path: Path) -> None:
    async with running(tmp_path, web(3)) as (fleet, _):
        replicas = fleet.replicas("web")
        assert [r.name for r in replicas] == ["web-0", "web-1", "web-2"]
        assert [await ask(r) for r in replicas] == [pid_of(r) for r in replicas]
        assert {r.phase for r in replicas} == {ReplicaPhase.READY}


@asynchronous
async def test_the_forwarder_reaches_a_replica_by_its_unix_socket_which_goes_with_the_fleet(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, web(1)) as (fleet, roster), forwarding(roster) as forwarder:
        folder = os.path.dirname(str(roster.get("web-0").socket))
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert await came_from(forwarder.port) == ""
        assert await came_from(roster.get("web-0").address[1]) == "127.0.0.1"
        await fleet.kill("web-0")
        await eventually(lambda: roster.get("web-0").restarts == 1, "the restart")
        await eventually(lambda: roster.get("web-0").phase is ReplicaPhase.READY, "readiness")
        assert await came_from(forwarder.port) == ""
    assert not os.path.exists(folder)  # noqa: ASYNC240 - nothing else runs here


@asynchronous
async def test_a_service_whose_resets_matter_is_reached_by_tcp(tmp_path: Path) -> None:
    async with running(tmp_path, web(1, unix_socket=False)) as (_, roster), forwarding(roster) as forwarder:
        assert roster.get("web-0").socket is None
        assert await came_from(forwarder.port) == "127.0.0.1"


@asynchronous
async def test_where_temporary_files_lie_too_deep_for_a_unix_socket_tcp_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    async with running(tmp_path, web(1)) as (_, roster), forwarding(roster) as forwarder:
        assert await came_from(forwarder.port) == "127.0.0.1"


@asynchronous
async def test_a_killed_replica_is_another_process_when_it_comes_back(tmp_path: Path) -> None:
    async with running(tmp_path, web()) as (fleet, roster):
        before = roster.get("web-0")
        killed = await fleet.kill("web-0")
        assert killed.uid == before.uid
        assert not psutil.pid_exists(pid_of(before))
        await eventually(lambda: roster.get("web-0").restarts == 1, "the restart")
        await eventually(lambda: roster.get("web-0").phase is ReplicaPhase.READY, "readiness")
        after = roster.get("web-0")
        assert after.uid != before.uid
        assert await ask(after) == pid_of(after)


@asynchronous
async def test_it_comes_back_after_the_delay_and_not_before(tmp_path: Path) -> None:
    slow = Supervision(restart_delay_s=0.5)
    async with running(tmp_path, web(1), slow) as (fleet, roster):
        await fleet.kill("web-0")
        with pytest.raises(NotRunningError, match="web-0 is not running"):
            await fleet.kill("web-0")
        await eventually(lambda: roster.get("web-0").restarts == 1, "the restart")
        gone, appeared = await _events_of_the_restart(fleet)
        assert appeared.at - gone.at >= 0.5


async def _events_of_the_restart(fleet: LocalFleet) -> tuple[ReplicaEvent, ReplicaEvent]:
    watch = fleet.watch()
    events = [await anext(watch) for _ in range(4)]
    assert [event.kind for event in events] == ["appeared", "ready", "gone", "appeared"]
    return events[2], events[3]


@asynchronous
async def test_a_kill_of_an_unknown_replica_names_the_known_ones(tmp_path: Path) -> None:
    async with running(tmp_path, web(1)) as (fleet, _):
        with pytest.raises(UnknownReplicaError, match="there are: web-0"):
            await fleet.kill("web-9")


@asynchronous
async def test_a_replica_that_stops_answering_its_probe_gets_no_new_connections(tmp_path: Path) -> None:
    async with running(tmp_path, web()) as (_, roster):
        await ask(roster.get("web-0"), "/unready")
        await eventually(lambda: roster.get("web-0").phase is ReplicaPhase.UNREADY, "the probe to fail")
        async with forwarding(roster) as forwarder:
            assert forwarder.status().connections == {"web-1": 0}
        assert "readiness probes failed" in str(roster.get("web-0").reason)


@asynchronous
async def test_a_master_that_dies_alone_takes_its_worker_with_it(tmp_path: Path) -> None:
    async with running(tmp_path, web(1)) as (_, roster):
        master = psutil.Process(pid_of(roster.get("web-0")))
        workers = master.children()
        assert workers
        os.kill(master.pid, signal.SIGKILL)
        await eventually(lambda: roster.get("web-0").restarts == 1, "the restart")
        assert not any(map(alive, workers))


@asynchronous
async def test_a_replica_that_ends_before_it_is_ready_shows_its_log_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        FleetError, match=r"(?s)web-[01] exited with code .*the web service can't find its settings"
    ):
        async with running(tmp_path, web(WEB_FAILS="at-import")):
            raise AssertionError("it must not start")


@asynchronous
async def test_a_replica_that_is_never_ready_is_named_after_the_timeout(tmp_path: Path) -> None:
    impatient = Supervision(start_timeout_s=3.0)
    with pytest.raises(FleetError, match="web-0 not ready after 3 s"):
        async with running(tmp_path, web(1, WEB_FAILS="never-ready"), impatient):
            raise AssertionError("it must not start")


@asynchronous
async def test_stopping_lets_a_request_in_flight_finish(tmp_path: Path) -> None:
    async with running(tmp_path, web(1)) as (fleet, roster):
        request = asyncio.create_task(ask(roster.get("web-0"), "/slow"))
        await asyncio.sleep(0.2)
        await fleet.stop()
        assert await request == pid_of(roster.get("web-0"))


@asynchronous
async def test_a_replica_killed_fifty_times_under_load_leaves_a_whole_fleet_and_no_leak(
    tmp_path: Path,
) -> None:
    me = psutil.Process()
    served: Counter[int] = Counter()
    async with (
        running(tmp_path, web(), Supervision(restart_delay_s=0)) as (fleet, roster),
        forwarding(roster) as forwarder,
        asyncio.TaskGroup() as group,
    ):
        load = [group.create_task(_call_until_cancelled(forwarder.port, served)) for _ in range(8)]
        await _kill_when_ready(fleet, roster)
        await eventually(lambda: roster.get("web-0").phase is ReplicaPhase.READY, "readiness")
        before = (me.num_fds(), me.num_threads(), len(me.children(recursive=True)))
        for times in range(49):
            # Most are killed while they start: that is where something could be forgotten.
            await (_kill_when_ready if times % 10 == 0 else _kill_when_running)(fleet, roster)
        await eventually(lambda: roster.get("web-0").phase is ReplicaPhase.READY, "readiness")
        after = (me.num_fds(), me.num_threads(), len(me.children(recursive=True)))
        for task in load:
            task.cancel()
        assert [r.phase for r in fleet.replicas()] == [ReplicaPhase.READY, ReplicaPhase.READY]
        assert roster.get("web-0").restarts == 50
        assert served[200] > 500
        assert after[1:] == before[1:]
        assert after[0] <= before[0] + 8  # the callers' connections come and go


async def _kill_when_ready(fleet: LocalFleet, roster: Roster) -> None:
    await eventually(lambda: roster.get("web-0").phase is ReplicaPhase.READY, "readiness")
    await _kill_when_running(fleet, roster)


async def _kill_when_running(fleet: LocalFleet, roster: Roster) -> None:
    restarts = roster.get("web-0").restarts
    await fleet.kill("web-0")
    await eventually(lambda: roster.get("web-0").restarts > restarts, "the restart")


async def _call_until_cancelled(port: int, served: Counter[int]) -> None:
    """Call as fast as answers come, on a new connection after a failure; counts answers by status."""
    while True:
        caller = await Caller.connect(port)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    served[(await caller.get())[0]] += 1
                    await asyncio.sleep(0.002)
        finally:
            caller.writer.close()
