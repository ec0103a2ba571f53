"""pod-kill-lab: Chaos Toolkit's own terminate_pods of chaosk8s, by the real engine, on an API server.

The lab's proof of a survived kill was a list of pods in which none had been replaced. What kills nobody, and
what is not replaced, is not passed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from brownout_chaos.files import path_of
from tests.chaos.experiments import write
from tests.commands.cli import FREE_PORTS, run
from tests.k8s.playing import Cluster, playground

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LOAD = ("--fleet", "k8s", "--arrival-rate", "20", *FREE_PORTS)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The lab, each pod a process."""
    with playground(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def act(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Cluster], None]:
    """Commands may do in this cluster what k8s/roles/outside.yaml grants."""

    def act(cluster: Cluster) -> None:
        for name, value in cluster.variables("outside", tmp_path).items():
            monkeypatch.setenv(name, value)

    return act


def lab(home: Path, **arguments: Any) -> str:
    """The lab's experiment with other arguments of terminate_pods, and shorter."""
    document = json.loads(path_of("pod-kill-lab").read_text())
    for activity in document["method"]:
        activity.pop("pauses", None)
        if activity["name"] == "terminate-backend-pod":
            activity["provider"]["arguments"] |= arguments
            activity["pauses"] = {"after": 3}
    return str(write(home, document))


def judged(home: Path) -> tuple[str, str]:
    """Word and reason of the only run."""
    (path,) = (home / "results" / "runs").glob("*/verdict.json")
    document = json.loads(path.read_text())
    return document["word"], document["reason"]


def test_the_lab_s_own_kill_is_proven_by_the_pod_that_took_the_place(
    cluster: Cluster, tmp_path: Path, act: Callable[[Cluster], None]
) -> None:
    act(cluster)
    before = cluster.pods("app=backend")
    code, output = run("run", *LOAD, "--experiment", "pod-kill-lab", cwd=tmp_path, deadline_s=150)
    assert code == 0, output
    after = cluster.pods("app=backend")
    (gone,) = before.keys() - after.keys()
    assert len(after) == 2
    (path,) = (tmp_path / "results" / "runs").glob("*/journal.json")
    kills = [one for one in json.loads(path.read_text())["run"] if "terminate" in one["activity"]["name"]]
    assert [one["output"] for one in kills] == [[gone]]
    assert judged(tmp_path)[0] == "passed"


def test_a_selector_that_matches_nothing_is_invalid_though_the_action_succeeds(
    cluster: Cluster, tmp_path: Path, act: Callable[[Cluster], None]
) -> None:
    act(cluster)
    before = cluster.pods()
    path = lab(tmp_path, label_selector="app=backendservice")
    code, output = run("run", *LOAD, "--experiment", path, cwd=tmp_path, deadline_s=150)
    assert code == 3, output
    assert judged(tmp_path) == (
        "invalid",
        'the action "terminate-backend-pod" succeeded and did nothing: its output is empty',
    )
    assert cluster.pods() == before


def test_pods_of_another_namespace_than_the_fleet_s_are_refused_before_any_load(
    cluster: Cluster, tmp_path: Path, act: Callable[[Cluster], None]
) -> None:
    act(cluster)
    path = lab(tmp_path, ns="default")
    code, output = run("run", *LOAD, "--experiment", path, cwd=tmp_path, deadline_s=60)
    assert code == 2, output
    assert 'it ends pods in the namespace "default", and the fleet is in "lab"' in " ".join(output.split())
    assert not (tmp_path / "results" / "runs").exists()


def test_a_pod_that_nobody_replaces_is_no_proven_kill(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, act: Callable[[Cluster], None]
) -> None:
    with playground(tmp_path_factory.mktemp("unreplaced"), "unreplaced") as cluster:
        act(cluster)
        code, output = run("run", *LOAD, "--experiment", lab(tmp_path), cwd=tmp_path, deadline_s=150)
        assert len(cluster.pods("app=backend")) == 1
    assert code == 5, output
    assert judged(tmp_path) == (
        "failed",
        '"terminate-backend-pod" says it deleted 1 pods, and 0 replicas were replaced',
    )
