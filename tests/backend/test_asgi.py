"""The injector as ASGI middleware: the same faults, documents and counts as under WSGI."""

import http.client
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.servers import Server, serve

DEADLINE_S = 20.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve([sys.executable, "-m", "tests.backend.asgi_app", "{fd}"], ready="/healthz") as running:
        yield running


@pytest.fixture
def shop(server: Server) -> Iterator[Server]:
    yield server
    assert put(server).status_code == 200


def put(server: Server, *faults: dict[str, Any], **more: Any) -> requests.Response:
    return requests.put(f"{server.url}/faults", json={"faults": faults, **more}, timeout=DEADLINE_S)


def ask(server: Server, path: str = "/items", body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
    try:
        connection.request("POST" if body else "GET", path, body)
        with connection.getresponse() as answer:
            return answer.status, answer.read()
    finally:
        connection.close()


def test_without_faults_requests_pass_and_the_lifespan_is_the_applications(shop: Server) -> None:
    assert ask(shop) == (200, b"started GET 0")
    assert ask(shop, body=b"x" * 100_000) == (200, b"started POST 100000")


def test_a_fault_answers_for_the_requests_that_it_is_for(shop: Server) -> None:
    report = put(shop, {"kind": "error", "status": 503, "match": {"path": "/it*", "dependency": "items"}})
    assert report.json()["words"] == "100 % errors 503 for /it* to items"
    assert ask(shop) == (503, b'{"error":"Injected failure"}\n')
    assert ask(shop, "/stream") == (200, b"abcde" * 4)
    assert ask(shop, "/healthz")[0] == 200
    assert requests.get(f"{shop.url}/faults", timeout=DEADLINE_S).json()["injected"]["error"] == 1


def test_waits_end_in_time_or_with_the_faults_and_a_kind_of_ones_own_works(shop: Server) -> None:
    put(shop, {"kind": "latency", "ms": 100}, {"kind": "doze", "nap_ms": 100})
    began = time.monotonic()
    assert ask(shop)[0] == 200
    assert 0.2 <= time.monotonic() - began < 5
    put(shop, {"kind": "hang", "limit_s": 60}, lease_s=0.2)
    assert ask(shop)[0] == 200


def test_faults_close_the_connection_and_the_server_lives_on(shop: Server) -> None:
    put(shop, {"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        ask(shop)
    put(shop, {"kind": "hang", "limit_s": 0.1})
    with pytest.raises(http.client.RemoteDisconnected):
        ask(shop)
    for kind, whole in (({"kind": "truncate"}, 10), ({"kind": "cut", "after_bytes": 3}, 3)):
        put(shop, kind)
        with pytest.raises(http.client.IncompleteRead) as cut:
            ask(shop, "/stream")
        assert len(cut.value.partial) == whole
    put(shop, {"kind": "bandwidth", "kb_per_second": 0.1})
    began = time.monotonic()
    assert ask(shop, "/stream") == (200, b"abcde" * 4)
    assert time.monotonic() - began >= 0.15
    assert "Traceback" not in shop.output()


def test_a_wrong_document_is_refused_as_under_wsgi(shop: Server) -> None:
    refused = put(shop, {"kind": "error", "rate": 2})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "faults[0].rate is 2; allowed: a number from 0 to 1"
    assert refused.headers["content-type"] == "application/problem+json"
    kinds = requests.get(f"{shop.url}/faults/kinds", timeout=DEADLINE_S).json()["kinds"]
    assert "doze" in [kind["kind"] for kind in kinds]
