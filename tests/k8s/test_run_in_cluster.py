"""`brownout run --fleet k8s --workers N`: real Locust processes as the pods of a playground, under the rights
of the Roles; the folder comes here, and nothing stays there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from brownout.cluster.agent import WORKERS_S
from brownout_results.read import run_folder
from brownout_terms.exits import Exit
from tests.commands.cli import ONE_EACH, Command, run, started
from tests.k8s.playing import Cluster, playground
from tests.servers import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LOAD = ("run", "--fleet", "k8s", "--workers", "2", "--arrival-rate", "40")
WHOLE_RUN_S = 150.0
"""On a machine that does a lot besides."""

OWN_USERS = """
import brownout.locust
from locust import FastHttpUser, task


class Mine(FastHttpUser):
    @task
    def fetch(self):
        self.client.get("/fetch", name="mine")
"""

NOT_ON_WORKER_1 = """
import os

if os.environ["HOME"].endswith("worker-1"):
    raise SystemExit("no licence for this machine")
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with playground(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def as_runner(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands have the rights of brownout-outside and brownout-run."""
    act_as("run", cluster, tmp_path, monkeypatch)


def act_as(account: str, cluster: Cluster, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands have the rights of this account."""
    for name, value in cluster.variables(account, home).items():
        monkeypatch.setenv(name, value)


def finished(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Run a command whose load is made in the cluster; the exit code, and what it printed."""
    with started(*arguments, cwd=cwd) as command:
        return command.process.wait(WHOLE_RUN_S), command.output


def await_load(command: Command) -> None:
    """Wait until the load runs; several processes have to start for that."""
    until(lambda: "users " in command.output or command.process.poll() is not None, "the load", WHOLE_RUN_S)
    assert command.process.poll() is None, command.output


def folder_in(out: Path) -> Path:
    """The only run folder."""
    (manifest,) = (out / "results" / "runs").glob("*/run.json")
    return manifest.parent


@pytest.mark.usefixtures("as_runner")
def test_a_run_s_folder_is_the_same_wherever_it_ran_and_only_its_own_pods_go(
    cluster: Cluster, tmp_path: Path
) -> None:
    before = cluster.pods()
    settings = ("--run-time", "5s", "--threshold", "ok_ratio >= 0.9", "--target", cluster.client)
    code, output = finished(*LOAD, *settings, cwd=tmp_path)
    assert code == 0, output
    folder = folder_in(tmp_path)
    here = tmp_path / "here"
    here.mkdir()
    code, output = run("run", *ONE_EACH, "--arrival-rate", "40", "--run-time", "3s", cwd=here)
    assert code == 0, output
    assert {path.name for path in folder.iterdir()} == {path.name for path in folder_in(here).iterdir()}
    result = run_folder.read(folder)
    assert result.ended_by_itself
    assert sum(counts.sum() for counts in result.counts().values()) == 200
    manifest = json.loads((folder / "run.json").read_text())
    assert len(manifest["workers"]) == 2
    assert sum(worker["requests"] for worker in manifest["workers"]) == 200
    assert {sample.replica for sample in result.samples} == set(before)
    assert cluster.pods() == before


@pytest.mark.usefixtures("as_runner")
def test_users_of_one_s_own_run_on_the_workers_beside_an_experiment_that_kills_a_pod(
    cluster: Cluster, tmp_path: Path
) -> None:
    """The locustfile and the experiment are on this machine only."""
    before = cluster.pods("app=backend")
    users = tmp_path / "my_users.py"
    users.write_text(OWN_USERS)
    own = ("--locustfile", str(users), "--experiment", "pod-kill", "--target", cluster.client)
    with started(*LOAD, *own, cwd=tmp_path) as command:
        command.await_event((tmp_path / "results" / "runs").is_dir, "its output folder")
        assert command.process.wait(WHOLE_RUN_S) == 0, command.output
    folder = folder_in(tmp_path)
    verdict = json.loads((folder / "verdict.json").read_text())
    assert verdict["word"] == "passed", verdict
    assert (folder / "journal.json").exists()
    after = cluster.pods("app=backend")
    assert len(set(before.values()) - set(after.values())) == 1
    assert len(after) == 2
    assert "mine" in (folder / "locust_stats.csv").read_text()
    cluster.await_no_pods_of_runs()


@pytest.mark.usefixtures("as_runner")
def test_ctrl_c_ends_the_run_brings_what_there_is_and_deletes_the_pods(
    cluster: Cluster, tmp_path: Path
) -> None:
    with started(*LOAD, "--run-time", "60s", "--target", cluster.client, cwd=tmp_path) as command:
        await_load(command)
        command.note_family()
        command.interrupt()
        assert command.process.wait(WHOLE_RUN_S) == 130, command.output
        command.await_family_gone()
    result = run_folder.read(folder_in(tmp_path))
    assert json.loads((result.folder / "run.json").read_text())["how_ended"] == "interrupted"
    cluster.await_no_pods_of_runs()


@pytest.mark.usefixtures("as_runner")
@pytest.mark.parametrize("moment", ["starting", "running"])
def test_a_harness_that_is_killed_leaves_no_pods(cluster: Cluster, tmp_path: Path, moment: str) -> None:
    with started(*LOAD, "--run-time", "60s", "--target", cluster.client, cwd=tmp_path) as command:
        if moment == "running":
            await_load(command)
        else:
            command.await_event(lambda: cluster.pods("app=brownout-run"), "the first pod")
        command.note_family()
        command.process.kill()
        command.wait()
        command.await_family_gone()
    cluster.await_no_pods_of_runs()


@pytest.mark.usefixtures("as_runner")
def test_an_image_that_is_not_there_is_said_and_nothing_is_left(cluster: Cluster, tmp_path: Path) -> None:
    code, output = finished(*LOAD, "--image", "missing:1", "--target", cluster.client, cwd=tmp_path)
    assert code == Exit.UNABLE
    assert 'Its image is "missing:1"' in output
    assert "ErrImagePull" in output
    cluster.await_no_pods_of_runs()


@pytest.mark.usefixtures("as_runner")
def test_a_worker_that_ends_before_the_load_begins_is_named_with_its_last_words_and_not_waited_for(
    cluster: Cluster, tmp_path: Path
) -> None:
    users = tmp_path / "my_users.py"
    users.write_text(OWN_USERS + NOT_ON_WORKER_1)
    began = time.monotonic()
    code, output = finished(*LOAD, "--locustfile", str(users), "--target", cluster.client, cwd=tmp_path)
    assert code == Exit.UNABLE
    assert re.search(r"could not begin: the pod brownout-\w+-worker-1 ended: Error \(exit code 1\)", output)
    assert "no licence for this machine" in output
    assert time.monotonic() - began < WORKERS_S
    cluster.await_no_pods_of_runs()


@pytest.mark.usefixtures("as_runner")
def test_a_master_that_somebody_deletes_is_missed_at_once(cluster: Cluster, tmp_path: Path) -> None:
    with started(*LOAD, "--run-time", "60s", "--target", cluster.client, cwd=tmp_path) as command:
        await_load(command)
        (master,) = (name for name in cluster.pods("app=brownout-run") if name.endswith("-master"))
        cluster.delete(master)
        assert command.process.wait(WHOLE_RUN_S) == Exit.UNABLE, command.output
        assert f"is lost: the pod {master} ended: " in command.output
    cluster.await_no_pods_of_runs()


@pytest.mark.usefixtures("as_runner")
def test_why_locust_there_could_not_start_is_said_here(cluster: Cluster, tmp_path: Path) -> None:
    code, output = finished(*LOAD, "--target", cluster.client, "--", "--no-such-option", cwd=tmp_path)
    assert code == 2
    assert "unrecognized arguments: --no-such-option" in output
    cluster.await_no_pods_of_runs()


def test_who_may_not_make_pods_is_told_so_and_nothing_is_left(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as("outside", cluster, tmp_path, monkeypatch)
    code, output = finished(*LOAD, "--target", cluster.client, cwd=tmp_path)
    assert code == Exit.UNABLE
    assert 'cannot create resource "pods"' in output
    assert not cluster.pods("app=brownout-run")


def test_the_overlay_s_workers_are_scaled_by_whoever_may(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as("brownout", cluster, tmp_path, monkeypatch)
    assert run("workers", "5", cwd=tmp_path) == (0, "5 workers wanted, 5 there\n")
    assert run("workers", cwd=tmp_path) == (0, "5 workers wanted, 5 there\n")
    act_as("watch", cluster, tmp_path, monkeypatch)
    code, output = run("workers", "2", cwd=tmp_path)
    assert code == Exit.UNABLE
    assert "deployments/scale" in output
