"""A fleet of a user's own processes: any command, supervised, and nothing of it left behind."""

import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from brownout_fleet.command_fleet import CommandFleet
from brownout_fleet.config import Command, CommandService, Dependency, FleetConfig, Supervision
from brownout_fleet.free_port import free_port
from brownout_fleet.launch import FleetProcess
from brownout_fleet.model import FleetError, Replica, ReplicaPhase
from brownout_fleet.roster import Roster
from tests.fleet.aio import Caller, asynchronous, eventually, http, upstream
from tests.servers import until

HERE = Path(__file__).parent
QUICK = Supervision(restart_delay_s=0.05, probe_interval_s=0.05)

SERVE = [sys.executable, "-S", str(HERE / "own_service.py"), "{port}"]


def shop(command: list[str] = SERVE, **more: Any) -> CommandService:
    """A shop that is ready when /healthz answers."""
    return CommandService("shop", command, **{"ready": "/healthz", **more})


@asynccontextmanager
async def running(
    log_dir: Path, settings: Command, rules: Supervision = QUICK
) -> AsyncIterator[CommandFleet]:
    """A fleet that has started; stopped at the end."""
    fleet = CommandFleet(settings, Roster(), log_dir, rules)
    try:
        await fleet.start()
        yield fleet
    finally:
        await fleet.stop()


async def get(port: int, path: str) -> Any:
    """The JSON at this path."""
    caller = await Caller.connect(port)
    try:
        return json.loads((await caller.get(path))[2])
    finally:
        await caller.close()


def one(fleet: CommandFleet, name: str) -> Replica:
    """The replica of that name."""
    return next(each for each in fleet.replicas() if each.name == name)


def is_back(fleet: CommandFleet, killed: Replica) -> bool:
    """Whether a replica lives again."""
    now = one(fleet, killed.name)
    return now.phase is ReplicaPhase.READY and now.uid != killed.uid


def have_ended(pids: list[int]) -> bool:
    """Whether none of them runs."""
    return not any(map(_runs, pids))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def refusal(log_dir: Path, settings: Command, rules: Supervision = QUICK) -> str:
    """Why a fleet does not start."""
    with pytest.raises(FleetError) as refused:
        async with running(log_dir, settings, rules):
            pass
    return str(refused.value)


@asynchronous
async def test_a_command_is_asked_for_its_readiness_and_its_output_is_in_its_log(tmp_path: Path) -> None:
    async with running(tmp_path, Command(shop(replicas=2, breaker="/metrics"))) as fleet:
        first, second = fleet.replicas()
        assert (first.name, first.service, first.contract, first.breaker) == (
            *("shop-0", "client", "own"),
            "/metrics",
        )
        assert second.phase is ReplicaPhase.READY
        assert (await get(first.address[1], "/pid")) != (await get(second.address[1], "/pid"))
    assert f"the shop opens {first.address[1]}" in (tmp_path / "shop-0.log").read_text()


@asynchronous
async def test_a_kill_by_the_service_s_name_takes_all_that_it_started_and_it_returns_on_its_port(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, Command(shop())) as fleet:
        before = one(fleet, "shop-0")
        pids = await get(before.address[1], "/pid")
        killed = await fleet.kill("shop")
        assert killed.uid == before.uid
        assert have_ended(pids)
        await eventually(lambda: is_back(fleet, killed), "the next life")
        after = one(fleet, "shop-0")
        assert (after.url, after.restarts) == (before.url, 1)
        assert after.uid != before.uid


@asynchronous
async def test_a_command_that_is_killed_by_others_is_said_to_be_and_started_again(tmp_path: Path) -> None:
    async with running(tmp_path, Command(shop())) as fleet:
        pids = await get(one(fleet, "shop-0").address[1], "/pid")
        os.kill(pids[0], signal.SIGKILL)
        async for event in fleet.watch():
            if event.kind == "gone":
                assert event.replica.reason == "ended by SIGKILL"
                break
        await eventually(lambda: have_ended(pids), "what it had started to end")


@asynchronous
async def test_a_service_finds_its_dependency_behind_the_proxy(tmp_path: Path) -> None:
    async with upstream(http(b'{"cup": 3}')) as port:
        settings = Command(
            shop(environment={"PRICES_URL": "{prices}/all"}),
            {"prices": Dependency(url=f"http://127.0.0.1:{port}/v1")},
        )
        async with running(tmp_path, settings) as fleet:
            proxy = one(fleet, "prices")
            assert (proxy.service, proxy.dependency, proxy.contract) == ("backend", "prices", "lab")
            assert await get(one(fleet, "shop-0").address[1], "/prices") == {"cup": 3}


@pytest.mark.slow
@asynchronous
async def test_a_killed_proxy_returns_at_once_unless_the_kill_was_asked_for(tmp_path: Path) -> None:
    rules = Supervision(restart_delay_s=4.0)
    async with upstream(http(b"{}")) as port:
        settings = Command(None, {"prices": Dependency(url=f"http://127.0.0.1:{port}")})
        async with running(tmp_path, settings, rules) as fleet:
            told = fleet.watch()
            os.kill(int(one(fleet, "prices").uid.partition("@")[0]), signal.SIGKILL)
            lives = [event async for event in _until_ready(told, 1)]
            gone, again = (next(e.at for e in lives if e.kind == kind) for kind in ("gone", "appeared"))
            killed = time.time()
            await fleet.kill("prices")
            back = [event.at async for event in _until_ready(told, 2)][-1]
    appeared = [event.at for event in lives if event.kind == "appeared"][-1]
    assert appeared - gone < 3.9, again
    assert back - killed > 3.9


async def _until_ready(events: AsyncIterator[Any], restarts: int) -> AsyncIterator[Any]:
    async for event in events:
        yield event
        if event.kind == "ready" and event.replica.restarts == restarts:
            return


@asynchronous
async def test_a_dependency_with_a_command_is_a_process_of_its_own_that_can_be_killed(tmp_path: Path) -> None:
    settings = Command(
        shop(environment={"PRICES_URL": "{prices}/healthz"}),
        {"prices": Dependency(command=SERVE, ready="/healthz")},
    )
    async with running(tmp_path, settings) as fleet:
        assert {each.name: each.service for each in fleet.replicas()} == {
            "prices": "dependency",
            "prices-proxy": "backend",
            "shop-0": "client",
        }
        assert await get(one(fleet, "shop-0").address[1], "/prices") == {}
        pids = await get(one(fleet, "prices").address[1], "/pid")
        killed = await fleet.kill("prices")
        assert killed.name == "prices"
        assert have_ended(pids)
        await eventually(lambda: is_back(fleet, killed), "the dependency's return")
        assert await get(one(fleet, "shop-0").address[1], "/prices") == {}


@asynchronous
async def test_a_program_that_is_not_there_is_named_before_anything_starts(tmp_path: Path) -> None:
    told = await refusal(tmp_path, Command(shop(["no-such-program", "--port", "{port}"])))
    assert 'shop-0 can\'t start: there is no program "no-such-program"' in told
    assert not os.listdir(tmp_path)


@asynchronous
async def test_programs_beside_our_python_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    async with running(tmp_path, Command(shop([Path(sys.executable).name, *SERVE[1:]]))) as fleet:
        assert one(fleet, "shop-0").phase is ReplicaPhase.READY


@asynchronous
async def test_a_command_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "import sys; print('no database'); sys.exit(3)"]
    told = await refusal(tmp_path, Command(shop(command)))
    assert "shop-0 exited with code 3 before it was ready" in told
    assert told.endswith("no database")


@asynchronous
async def test_a_command_on_another_port_than_its_own_is_told_so(tmp_path: Path) -> None:
    elsewhere = free_port()
    told = await refusal(tmp_path, Command(shop([*SERVE[:-1], str(elsewhere)], start_timeout_s=4.0)))
    assert "shop-0 not ready after 4 s: nothing listens on port" in told
    assert f"it listens on port {elsewhere} instead. Write {{port}}" in told


@asynchronous
async def test_a_readiness_path_that_answers_something_else_is_told(tmp_path: Path) -> None:
    told = await refusal(tmp_path, Command(shop(ready="/nope", start_timeout_s=4.0)))
    assert "GET /nope on port" in told
    assert "answers 404" in told


@asynchronous
async def test_without_a_path_a_service_is_ready_when_its_port_accepts(tmp_path: Path) -> None:
    async with running(tmp_path, Command(shop(ready=None))) as fleet:
        assert one(fleet, "shop-0").phase is ReplicaPhase.READY


@asynchronous
async def test_a_dependency_that_is_down_is_told_before_anything_starts(tmp_path: Path) -> None:
    settings = Command(shop(), {"prices": Dependency(url=f"http://127.0.0.1:{free_port()}")})
    told = await refusal(tmp_path, settings)
    assert 'the dependency "prices" can\'t be reached at http://127.0.0.1:' in told
    assert not os.listdir(tmp_path)


@asynchronous
async def test_a_proxy_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    port = free_port()
    settings = Command(shop(), {"prices": Dependency(url=f"http://localhost:{port}", port=port)})
    assert "go round in a loop" in await refusal(tmp_path, settings)


@pytest.mark.slow
@pytest.mark.parametrize("killed", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_fleet_process_that_ends(tmp_path: Path, killed: signal.Signals) -> None:
    """Neither the command, which ignores SIGTERM, nor its helper in another session, nor the port."""
    command = [*SERVE, "deaf"]
    settings = {"service": {"name": "shop", "command": command, "ready": "/healthz"}}
    fleet = FleetProcess(
        FleetConfig("secret", str(tmp_path), kind="command", client_port=0, api_port=0, settings=settings)
    )
    members = psutil.Process(fleet.pid).children(recursive=True)
    assert len(members) == 3  # guard, command and its helper
    assert [forward.name for forward in fleet.up.forwards] == ["shop"]
    os.kill(fleet.pid, killed)
    until(lambda: have_ended([one.pid for one in members]), "the processes to end", 15)
    with fleet:
        pass  # closes its pipes
