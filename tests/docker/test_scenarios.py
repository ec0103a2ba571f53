"""The commands on Compose, as a user runs them: demo, kill under load, Ctrl-C, harness in a container."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from brownout_results.read import run_folder
from tests.chaos.experiments import activity, experiment, ready, verdict, write
from tests.commands.cli import FREE_PORTS, Command, started
from tests.commands.test_run import folder_in
from tests.docker.containers import compose, docker, ids, networks, projects, somebodys_project, volumes
from tests.servers import until

COMPOSE = ("--fleet", "compose", *FREE_PORTS)
RUN_S = 300.0
DEMO_S = 500.0
KILL_UNDER_LOAD = [
    activity("set_faults", faults=[{"kind": "error", "rate": 0.3, "status": 503}], seed=1, pause=3),
    activity("kill_replica", service="backend", seed=1, pause=3),
]


@contextmanager
def on_compose(*arguments: str, cwd: Path) -> Iterator[Command]:
    """A command of a user's that leaves neither a process nor a container, nor a network, nor a volume."""
    before = projects() | networks() | volumes()
    with started(*arguments, cwd=cwd) as command:
        yield command
        command.await_family_gone()
    until(lambda: projects() | networks() | volumes() <= before, "all of it to be removed", RUN_S)


def test_the_demo_proves_a_kill_under_load_and_faults_under_each_policy(tmp_path: Path) -> None:
    with on_compose("demo", *COMPOSE, cwd=tmp_path) as command:
        command.note_family()
        assert command.process.wait(DEMO_S) == 0, command.output
    runs = [run_folder.read(path.parent) for path in (tmp_path / "results" / "runs").glob("*/run.json")]
    assert len(runs) == 2
    for run in runs:
        assert {event["kind"] for event in run.events} >= {"fault", "kill", "load"}
        assert {one.replica for one in run.samples} == {"backend-1", "backend-2", "client-1", "client-2"}
        assert verdict(run.folder)[0] == "passed"
    print(command.output)


def test_a_backend_killed_under_load_is_proven_and_judged(tmp_path: Path) -> None:
    path = write(tmp_path, experiment(*KILL_UNDER_LOAD, **{"steady-state-hypothesis": ready()}))
    load = (
        "--arrival-rate",
        "20",
        "--policy",
        "full",
        "--restart-delay",
        "1",
        "--threshold",
        "ok_ratio > 0.5",
    )
    with on_compose("run", *COMPOSE, *load, "--experiment", str(path), cwd=tmp_path) as command:
        printed(command, "action kill_replica")
        assert command.process.wait(RUN_S) == 0, command.output
    assert "1 kill proven" in command.output
    run = run_folder.read(folder_in(tmp_path))
    assert verdict(run.folder)[0] == "passed"
    (kill,) = [event for event in run.events if event["kind"] == "kill"]
    proof = json.loads((run.folder / "journal.json").read_text())["run"][-1]["output"]["kills"][0]
    assert (proof["uid"], proof["name"]) == (kill["uid"], kill["replica"])
    assert proof["new_uid"] != proof["uid"]
    changes = [
        event["change"]
        for event in run.events
        if event.get("replica") == kill["replica"] and "change" in event
    ]
    assert [change for change in changes if change != "unready"][-3:] == ["gone", "appeared", "ready"]
    print(command.output)


@pytest.mark.parametrize("text", ["starting replicas", "Control panel:"])
def test_ctrl_c_leaves_nothing_at_any_moment(tmp_path: Path, text: str) -> None:
    with on_compose("up", *COMPOSE, "--web-port", "0", cwd=tmp_path) as command:
        if text == "starting replicas":
            log = "results/fleet/*/compose.log"
            until(lambda: [*tmp_path.glob(log)], "Compose to be called", RUN_S)
        else:
            printed(command, text)
        command.note_family()
        command.interrupt()
        assert command.process.wait(RUN_S) in (0, 130), command.output


def test_the_harness_in_a_container_kills_its_neighbours_and_answers_only_with_its_token() -> None:
    gid = docker_group()
    with somebodys_project("harness", env={"WEB_PORT": "0", "DOCKER_GID": gid}) as theirs:
        (harness,) = ids(theirs, "label=com.docker.compose.service=harness")
        until(lambda: "Control panel:" in docker("logs", harness), "the panel", RUN_S)
        token = re.search(r"/panel/\?token=(\S+)", docker("logs", harness))
        assert token, docker("logs", harness)
        url = f"http://{compose(theirs, '--profile', 'harness', 'port', 'harness', '8089')}/panel/"
        assert requests.get(url, timeout=10).status_code == 401
        with requests.Session() as session:
            assert session.get(url, params={"token": token[1]}, timeout=10).status_code == 200
        assert "client-1 was killed" in docker("exec", harness, "brownout", "kill", "client-1")
        until(lambda: "starting (restart 1)" in docker("logs", harness), "the next life", RUN_S)
        docker("stop", "-t", "20", harness)
        assert len(ids(theirs, "status=running")) == 4


def printed(command: Command, text: str) -> None:
    """Wait until the command has printed that; raises with its output if it ends before."""

    def has_it() -> bool:
        command.note_family()
        assert text in command.output or command.process.poll() is None, command.output
        return text in command.output

    until(has_it, text, RUN_S)


def docker_group() -> str:
    """The group that may use the engine's socket."""
    return str(Path("/var/run/docker.sock").stat().st_gid)
