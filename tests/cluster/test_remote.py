"""A run is given up as soon as a pod that it can't do without has ended, with that pod's own words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brownout.cluster.agent import Agent
from brownout.cluster.agent_http import serving
from brownout.cluster.order import Order, key_of
from brownout.cluster.remote import SILENCE_S, RemoteLocust
from brownout_fleet.model import FleetError
from brownout_k8s.load_pods_config import LoadPodsUp, PodEnded

TOKEN = "only-we-know"
ORDER = Order([], "a", 5.0, "http://clientservice:5000", 2, "app=client", "app=backend", 5000)
OOM = "OOMKilled (exit code 137)"
WORKER = PodEnded("w-1", "Error (exit code 1)", "No User class found!")

pytestmark = pytest.mark.timeout(SILENCE_S)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    """One that takes an order, and never gets further than that."""
    with serving(Agent(key_of(TOKEN), tmp_path, 0, 0), 0) as port:
        yield f"http://127.0.0.1:{port}"


def remote(agent: str, *ended: PodEnded) -> RemoteLocust:
    """A run whose agent is there, after these have ended."""
    return RemoteLocust(LoadPodsUp(agent, agent, "lab", "m", ["w-0", "w-1"]), TOKEN, ended, last_word_s=0.1)


def test_a_worker_that_ended_before_the_load_began_is_not_waited_for(agent: str) -> None:
    with pytest.raises(FleetError) as told:
        remote(agent, WORKER).order(ORDER)
    assert str(told.value) == (
        "the load could not begin: the pod w-1 ended: Error (exit code 1). The end of its log:\n\n"
        "No User class found!"
    )


def test_the_same_while_locust_runs_and_no_folder_is_there_yet(agent: str) -> None:
    locust = remote(agent, WORKER)
    assert [*locust.progress()] == []
    with pytest.raises(FleetError, match="the pod w-1 ended"):
        locust.wait()


def test_a_master_that_ended_is_not_waited_for_and_said_to_have_ended(agent: str) -> None:
    nobody = "http://127.0.0.1:1"
    with pytest.raises(FleetError, match="the pod m ended: OOMKilled"):
        remote(nobody, PodEnded("m", OOM)).order(ORDER)
    locust = remote(nobody, PodEnded("m", OOM))
    assert [*locust.progress()] == []
    with pytest.raises(FleetError) as told:
        locust.wait()
    assert str(told.value) == f"the run in the cluster is lost: the pod m ended: {OOM}"
