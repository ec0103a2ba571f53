"""A pod of ours is deleted for sure, and a port that is closed while it opens leaves the event loop whole."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from brownout_fleet.relay import Upstream
from brownout_k8s.api import Api, ApiError
from brownout_k8s.deletion import delete_surely
from brownout_k8s.listener import PodListener
from tests.fleet.aio import asynchronous, eventually
from tests.k8s.cluster import Cluster, running
from tests.k8s.documents import NAMESPACE, write_kubeconfig
from tests.k8s.playing import api

PATH = f"/api/v1/namespaces/{NAMESPACE}/pods/one"


@asynccontextmanager
async def one_pod(folder: Path) -> AsyncIterator[tuple[Cluster, Api]]:
    """A cluster with the pod "one", and its API."""
    async with (
        running([("one", "client", None)]) as cluster,
        api(write_kubeconfig(folder / "kubeconfig", cluster.port)) as there,
    ):
        yield cluster, there


def uid(cluster: Cluster) -> str:
    return str(cluster.pods["one"]["metadata"]["uid"])


@pytest.mark.parametrize("trouble", [503, 429])
@asynchronous
async def test_an_api_server_in_trouble_is_asked_again(tmp_path: Path, trouble: int) -> None:
    async with one_pod(tmp_path) as (cluster, there):
        cluster.gate = trouble
        deleting = asyncio.create_task(delete_surely(there, PATH, uid(cluster), 0))
        await eventually(lambda: cluster.count("delete") == 2, "the second try")
        assert "one" in cluster.pods
        cluster.gate = None
        await deleting
        assert "one" not in cluster.pods


@asynchronous
async def test_one_that_stays_in_trouble_is_given_up_in_its_own_words(tmp_path: Path) -> None:
    async with one_pod(tmp_path) as (cluster, there):
        cluster.gate = 503
        with pytest.raises(ApiError, match="etcd is not there"):
            await delete_surely(there, PATH, uid(cluster), 0, within_s=0.5)
        assert cluster.count("delete") > 1


@asynchronous
async def test_who_may_not_is_told_at_once(tmp_path: Path) -> None:
    async with one_pod(tmp_path) as (cluster, there):
        cluster.denied.add(("delete", "pods"))
        with pytest.raises(ApiError, match="forbidden"):
            await delete_surely(there, PATH, uid(cluster), 0)
        assert cluster.count("delete") == 1


@asynchronous
async def test_what_is_gone_is_well_and_another_pod_of_that_name_stays(tmp_path: Path) -> None:
    async with one_pod(tmp_path) as (cluster, there):
        await delete_surely(there, PATH, "of a life before", 0)
        assert "one" in cluster.pods
        cluster.remove("one")
        await delete_surely(there, PATH, "any", 0)


async def _refused(_upstream: object) -> Upstream:
    raise ConnectionRefusedError


@pytest.mark.parametrize("steps", range(5))
def test_a_port_that_is_closed_while_it_opens_leaves_nothing_in_the_event_loop(steps: int) -> None:
    """What is left there would make the next connection on a socket of that number fail."""

    async def scenario() -> None:
        listener = PodListener("web-0", _refused)
        numbers = {sock.fileno() for sock in listener._ports._sockets}
        opening = asyncio.create_task(listener.start())
        for _ in range(steps):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        listener.stop()
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        fresh = [socket.socket() for _ in range(8)]
        assert numbers <= {sock.fileno() for sock in fresh}
        try:
            for sock in fresh:
                loop.add_writer(sock, lambda: None)
                loop.remove_writer(sock)
        finally:
            for sock in fresh:
                sock.close()

    asyncio.run(asyncio.wait_for(scenario(), 10))
