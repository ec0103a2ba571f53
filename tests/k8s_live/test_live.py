"""The scenario of the demo on a real cluster. `make test-k8s` runs it; nothing else does.

KUBECONFIG says on which. With an admin's, the suite makes a namespace, applies the manifests, and does
everything after that as service accounts that have the Roles of k8s/roles and no more. With
BROWNOUT_K8S_NAMESPACE it makes nothing: that namespace has the lab in it, and KUBECONFIG's user has the Roles
brownout-outside and brownout-run.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from brownout_k8s.access import Credentials
from brownout_k8s.api import Api
from brownout_results.read import run_folder
from brownout_terms.exits import Exit
from tests.commands.cli import FREE_PORTS, Command, run, started
from tests.k8s_live.lab import Lab, admin, await_rollout, made, prepared
from tests.servers import ROOT, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

ON_CLUSTER = ("--fleet", "k8s")
LONG_S = 200.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if os.environ.get("BROWNOUT_TEST_K8S") != "1":
        pytest.skip("needs a Kubernetes cluster, and to be asked for: make test-k8s")
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("KUBECONFIG is not set: it says on which cluster to run, as in KUBECONFIG=~/.kube/config")
    if namespace := os.environ.get("BROWNOUT_K8S_NAMESPACE"):
        yield prepared(namespace)
        return
    with made(tmp_path_factory.mktemp("accounts")) as found:
        yield found


@pytest.fixture
def home(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run commands in, with the rights of brownout-outside and brownout-run."""
    for name, value in lab.variables(tmp_path).items():
        monkeypatch.setenv(name, value)
    for selector in ("app=client", "app=backend"):
        lab.await_ready(selector)
    return tmp_path


@contextmanager
def up(lab: Lab, home: Path) -> Iterator[Command]:
    """`brownout up` with its panel, ended by Ctrl-C."""
    places = (*FREE_PORTS, "--web-port", "0", "--namespace", lab.namespace)
    with started("up", *ON_CLUSTER, *places, cwd=home) as command:
        command.await_text("Control panel:")
        yield command
        command.interrupt()
        assert command.process.wait(LONG_S) == 0, command.output


def folder_in(home: Path) -> Path:
    """The only run folder."""
    (manifest,) = (home / "results" / "runs").glob("*/run.json")
    return manifest.parent


def ordered(*arguments: str, home: Path) -> str:
    """What a command prints that has to succeed."""
    code, output = run(*arguments, cwd=home)
    assert code == 0, output
    return output


def test_up_holds_both_backends_to_the_faults_also_after_a_kill(lab: Lab, home: Path) -> None:
    """The page's job: faults, a kill proven by UID, the faults on the pod that replaces it."""
    before = lab.pods("app=backend")
    with up(lab, home) as command:
        assert "spread over 2 replicas" in command.output
        assert "on 2 of 2 replicas" in ordered("faults", "set", "--error", "0.3", home=home)
        victim = min(before)
        assert before[victim] in ordered("kill", victim, home=home)
        after = lab.await_ready("app=backend")
        assert set(after.values()) & set(before.values()) == set(before.values()) - {before[victim]}
        until(lambda: held(home), "the faults to be on the new pod", LONG_S)
        assert "no faults" in ordered("faults", "clear", home=home)
    assert lab.pods("app=backend") == after


def held(home: Path) -> bool:
    """Whether both backends have the faults."""
    return "on 2 of 2 replicas" in run("faults", "show", cwd=home)[1]


def test_a_pod_kill_under_load_is_survived_and_proven(lab: Lab, home: Path) -> None:
    before = lab.pods("app=backend")
    load = ("--users", "10", "--experiment", "pod-kill", "--namespace", lab.namespace)
    with started("run", *ON_CLUSTER, *FREE_PORTS, *load, cwd=home) as command:
        assert command.process.wait(LONG_S) == 0, command.output
    folder = folder_in(home)
    verdict = json.loads((folder / "verdict.json").read_text())
    assert verdict["word"] == "passed", verdict
    gone = set(before.values()) - set(lab.await_ready("app=backend").values())
    assert len(gone) == 1
    events = run_folder.read(folder).events
    assert any(event["kind"] == "kill" and event.get("uid") in gone for event in events), events
    changes = {
        event["change"] for event in events if event["kind"] == "replica" and event["service"] == "backend"
    }
    assert {"gone", "appeared", "ready"} <= changes


def test_faults_of_a_run_are_on_both_backends_and_on_its_timeline(lab: Lab, home: Path) -> None:
    faults = ("--fault", "latency=150ms", "--baseline", "5s", "--during", "8s", "--recovery", "6s")
    load = ("--arrival-rate", "30", "--namespace", lab.namespace)
    with started("run", *ON_CLUSTER, *FREE_PORTS, *load, *faults, cwd=home) as command:
        code = command.process.wait(LONG_S)
    assert code in (0, 4), command.output  # whether users were in time says the cluster
    result = run_folder.read(folder_in(home))
    late = {one.replica for one in result.samples if one.service == "backend" and one.injected.get("latency")}
    assert late == set(lab.pods("app=backend"))
    faults_seen = [(event["action"], event["applied"]) for event in result.events if event["kind"] == "fault"]
    assert faults_seen[:2] == [("set", 2), ("cleared", 2)]
    assert [event["kind"] for event in result.events].count("phase") >= 3
    assert sum(counts.sum() for counts in result.counts().values()) > 300


def test_a_run_with_workers_is_made_in_the_cluster_and_leaves_nothing_there(lab: Lab, home: Path) -> None:
    """The folder comes here through the port-forward; services and their pods stay as they are."""
    before = lab.pods("")
    load = ("--workers", "2", "--arrival-rate", "40", "--run-time", "8s", "--namespace", lab.namespace)
    target = ("--target", lab.target) if lab.target else ()
    with started("run", *ON_CLUSTER, *load, *target, cwd=home) as command:
        assert command.process.wait(LONG_S) == 0, command.output
    manifest = json.loads((folder_in(home) / "run.json").read_text())
    assert len(manifest["workers"]) == 2
    assert sum(worker["requests"] for worker in manifest["workers"]) == 320
    until(lambda: lab.pods("") == before, "the pods of the run to be gone", LONG_S)


def test_ctrl_c_in_a_run_with_workers_deletes_its_pods(lab: Lab, home: Path) -> None:
    load = ("--workers", "2", "--arrival-rate", "20", "--run-time", "10m", "--namespace", lab.namespace)
    target = ("--target", lab.target) if lab.target else ()
    with started("run", *ON_CLUSTER, *load, *target, cwd=home) as command:
        until(lambda: "users " in command.output or command.process.poll() is not None, "the load", LONG_S)
        command.interrupt()
        assert command.process.wait(LONG_S) == 130, command.output
    until(lambda: not lab.pods("app=brownout-run"), "the pods of the run to be gone", LONG_S)
    assert run_folder.read(folder_in(home)).ended_by_itself


def test_a_forward_spreads_over_both_pods_and_survives_the_kill_of_one(lab: Lab, home: Path) -> None:
    """Unlike kubectl's, which sticks to one pod and dies with it."""
    before = lab.pods("app=client")
    with started("forward", "app=client", ":5000", "--namespace", lab.namespace, cwd=home) as command:
        command.await_text("Ctrl-C ends it.")
        urls = re.findall(r"http://127\.0\.0\.1:\d+", command.output)
        assert len(urls) == 3, command.output
        counts = [served(url) for url in urls[1:]]
        assert fetched(urls[0], 10) == [200] * 20
        assert all(served(url) > count for url, count in zip(urls[1:], counts, strict=True))
        victim = min(before)
        delete(lab, victim)
        until(
            lambda: f"{victim} " in command.output.split("Ctrl-C ends it.")[1], "the end to be told", LONG_S
        )
        assert fetched(urls[0], 10) == [200] * 20
        command.interrupt()
        command.process.wait(LONG_S)
    assert len(set(lab.await_ready("app=client").values()) & set(before.values())) == 1


def fetched(url: str, count: int) -> list[int]:
    """Statuses of two requests on each of so many connections, which are all open at once."""
    sessions = [requests.Session() for _ in range(count)]
    try:
        return [one.get(f"{url}/fetch", timeout=30).status_code for one in (*sessions, *sessions)]
    finally:
        for one in sessions:
            one.close()


def served(url: str) -> float:
    """Requests for /fetch that one client has answered so far."""
    lines = requests.get(f"{url}/metrics", timeout=30).text.splitlines()
    name = "http_request_duration_seconds_count"
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and "/fetch" in line)


def delete(lab: Lab, name: str) -> None:
    """Delete a pod at once, as another operator would."""

    async def ask() -> None:
        credentials = Credentials(None, str(lab.kubeconfig))
        await credentials.open()
        api = Api(credentials)
        try:
            path = f"/api/v1/namespaces/{lab.namespace}/pods/{name}"
            await api.delete(path, {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})
        finally:
            await api.close()

    asyncio.run(ask())


def test_who_may_only_watch_can_not_kill(lab: Lab, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """brownout-watch: everything is seen, and the refusal is a sentence."""
    if lab.watcher is None:
        pytest.skip("no account that may only watch: BROWNOUT_K8S_WATCH_KUBECONFIG names one's kubeconfig")
    for name, value in lab.variables(home, lab.watcher).items():
        monkeypatch.setenv(name, value)
    before = lab.pods("app=backend")
    with up(lab, home):
        code, output = run("kill", min(before), cwd=home)
    assert code == Exit.UNABLE
    assert "delete" in output
    assert lab.pods("app=backend") == before


def test_the_distributed_overlay_has_a_master_with_a_panel_and_workers_that_scale(
    lab: Lab, home: Path
) -> None:
    """Harness, panel and load in the cluster: pods by their own addresses, no forwarding but ours to look."""
    if not lab.ours:
        pytest.skip("applies manifests, which a prepared namespace is not asked to allow")
    admin("apply", "-n", lab.namespace, "-k", str(ROOT / "k8s" / "overlays" / "distributed"))
    for deployment in ("brownout-master", "brownout-worker"):
        await_rollout(lab.namespace, deployment)
    with started(
        "forward", "app=brownout-master", ":8089", "--namespace", lab.namespace, cwd=home
    ) as command:
        command.await_text("Ctrl-C ends it.")
        url = re.findall(r"http://127\.0\.0\.1:\d+", command.output)[0]
        until(lambda: workers_of(url) == 1, "the worker to join", LONG_S)
        replicas = [view["replica"] for view in requests.get(f"{url}/panel/api/replicas", timeout=30).json()]
        assert [one["phase"] for one in replicas] == ["ready"] * 4
        assert not any("127.0.0.1" in one["url"] for one in replicas)
        admin("scale", "deployment/brownout-worker", "--replicas=2", "-n", lab.namespace)
        until(lambda: workers_of(url) == 2, "the second worker to join", LONG_S)
        command.interrupt()
        command.process.wait(LONG_S)
    admin("delete", "-n", lab.namespace, "-k", str(ROOT / "k8s" / "overlays" / "distributed"))
    admin("apply", "-n", lab.namespace, "-k", str(ROOT / "k8s" / "roles" / "in-cluster"))


def workers_of(url: str) -> int:
    """Workers that are connected, as Locust's page has it; -1 while it can't be reached."""
    try:
        return len(requests.get(f"{url}/stats/requests", timeout=30).json()["workers"])
    except requests.RequestException:
        return -1
