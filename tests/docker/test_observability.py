"""Prometheus as docker-compose.yml has it, on real replicas, and every query of the dashboard on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.docker.containers import compose, docker, ids, somebodys_project
from tests.servers import ROOT, until

DASHBOARD = json.loads((ROOT / "observability/grafana/dashboards/brownout.json").read_text("utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
IMAGE = "brownout-test-prometheus:latest"
WAIT_S = 90.0
FAULTS = {
    "faults": [{"kind": "error", "rate": 0.5, "status": 503}, {"kind": "latency", "rate": 0.2, "ms": 20}]
}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Debian's program in place of the image that the Compose file names, where no registry is at hand."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("there is no prometheus on PATH; on Debian: apt install prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    shutil.copy(program, folder / "prometheus")
    (folder / "Dockerfile").write_text(
        'FROM python:3.11-slim\nCOPY prometheus /bin/prometheus\nENTRYPOINT ["/bin/prometheus"]\n'
    )
    subprocess.run(
        ["docker", "build", "-q", "-t", IMAGE, str(folder)],
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
        stdout=subprocess.DEVNULL,
        timeout=120,
        check=True,
    )
    yield {"PROMETHEUS_IMAGE": IMAGE, "PROMETHEUS_PORT": "0", "POLICY": "full"}
    docker("rmi", "-f", IMAGE)


class Watched:
    """A project with its Prometheus."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.prometheus = "http://" + compose(
            project, "--profile", "observability", "port", "prometheus", "9090"
        )

    def urls(self, service: str) -> list[str]:
        """The URLs of a service's replicas."""
        return [f"http://{compose(self.project, 'port', '--index', i, service, '5000')}" for i in "12"]

    def ask(self, query: str) -> list[dict[str, Any]]:
        """What Prometheus answers to a query now; raises if it does not understand it."""
        answer = requests.get(f"{self.prometheus}/api/v1/query", params={"query": query}, timeout=10).json()
        assert answer["status"] == "success", f"{query}: {answer}"
        return list(answer["data"]["result"])

    def is_up(self) -> bool:
        """Whether Prometheus answers at all."""
        try:
            return requests.get(f"{self.prometheus}/-/ready", timeout=5).ok
        except requests.ConnectionError:
            return False


@pytest.fixture(scope="module")
def watched(image: dict[str, str]) -> Iterator[Watched]:
    """Two clients and two backends that fail half of the calls, and their Prometheus."""
    with somebodys_project("backend", "client", "prometheus", env=image) as project:
        watched = Watched(project)
        until(watched.is_up, "Prometheus", WAIT_S)
        yield watched


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> None:
    """The project is shared by all tests of this module, and goes after the last."""


def test_every_replica_is_scraped_by_itself_and_its_return_is_noticed(watched: Watched) -> None:
    until(lambda: len(watched.ask("up == 1")) == 4, "four replicas to be scraped", WAIT_S)
    jobs = sorted(str(one["metric"]["job"]) for one in watched.ask("up"))
    assert jobs == ["backend", "backend", "client", "client"]
    container = ids(watched.project, "label=com.docker.compose.service=backend")[0]
    docker("kill", container)
    until(lambda: len(watched.ask("up == 1")) == 3, "three replicas to be left", WAIT_S)
    docker("start", container)
    until(lambda: len(watched.ask("up == 1")) == 4, "the fourth to be back", WAIT_S)


def test_every_query_of_the_dashboard_has_an_answer_while_the_backends_fail(watched: Watched) -> None:
    clients, backends = watched.urls("client"), watched.urls("backend")
    for url in backends:
        assert requests.put(f"{url}/faults", json=FAULTS, timeout=10).ok
    missing = list(QUERIES)

    def all_answered() -> bool:
        for url in clients * 5:
            requests.get(f"{url}/fetch", timeout=20)
        missing[:] = [query for query in missing if not watched.ask(query)]
        return not missing

    try:
        until(all_answered, "every query to have an answer", WAIT_S)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {missing}") from error
    assert len(QUERIES) >= 15


def test_the_dashboard_asks_the_data_source_that_is_provisioned() -> None:
    folder = ROOT / "observability/grafana/provisioning"
    assert "uid: prometheus" in (folder / "datasources/prometheus.yml").read_text("utf-8")
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"prometheus"}
    mounted = "./observability/grafana/dashboards:/var/lib/grafana/dashboards:ro"
    assert mounted in (ROOT / "docker-compose.yml").read_text("utf-8")
    assert "path: /var/lib/grafana/dashboards" in (folder / "dashboards/brownout.yml").read_text("utf-8")
