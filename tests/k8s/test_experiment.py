"""An experiment through the port-forward: a pod is killed under load, with the rights of the Role alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.cli import FREE_PORTS, started
from tests.k8s.playing import Cluster, playground

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

KILL = ("--kill", "client", "--baseline", "4s", "--recovery", "10s")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The lab, each pod a process."""
    with playground(tmp_path_factory.mktemp("cluster")) as found:
        yield found


def act_as(account: str, cluster: Cluster, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands have the rights of this account."""
    for name, value in cluster.variables(account, home).items():
        monkeypatch.setenv(name, value)


def test_a_pod_that_is_killed_mid_run_costs_what_was_in_flight_and_is_proven_by_its_uid(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as("outside", cluster, tmp_path, monkeypatch)
    before = cluster.pods("app=client")
    code, output = experiment(tmp_path, "30")
    assert code == 0, output
    folder = folder_in(tmp_path)
    assert json.loads((folder / "verdict.json").read_text())["word"] == "passed"
    after = cluster.pods("app=client")
    assert len(after) == 2
    (killed,) = set(before.values()) - set(after.values())
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    changes = [(one["change"], one["uid"]) for one in events if one["kind"] == "replica"]
    assert ("gone", killed) in changes
    (new,) = set(after.values()) - set(before.values())
    assert ("ready", new) in changes
    (found,) = json.loads((folder / "summary.json").read_text())["runs"]
    assert found["outcomes"]["ok"] > 0.98 * found["requests"]
    assert "tunnel" not in found["outcomes"]
    assert "The load went through a port-forward" in (folder / "summary.json").read_text()


def test_who_may_not_kill_is_told_so_and_nothing_is_killed(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as("watch", cluster, tmp_path, monkeypatch)
    before = cluster.pods()
    code, output = experiment(tmp_path, "5")
    assert code == 5, output
    verdict = (folder_in(tmp_path) / "verdict.json").read_text()
    assert "pods is forbidden" in verdict
    assert "auth can-i --list" in verdict
    assert cluster.pods() == before


def experiment(home: Path, rate: str) -> tuple[int, str]:
    """A run with the kill of a client; its exit code and what it printed."""
    with started("run", "--fleet", "k8s", *FREE_PORTS, "--arrival-rate", rate, *KILL, cwd=home) as command:
        return command.process.wait(140), command.output


def folder_in(home: Path) -> Path:
    """The only run folder."""
    (manifest,) = (home / "results" / "runs").glob("*/run.json")
    return manifest.parent
