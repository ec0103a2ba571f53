"""Applications that are not ours, made faulty in one line, under every server that the faults support."""

import json
import sys
from collections.abc import Iterator
from http.client import IncompleteRead, RemoteDisconnected

import psutil
import pytest
from werkzeug.test import Client

from brownout_faults import FaultInjector
from tests.backend.http import Backend, read
from tests.backend.strangers import ITEMS, respond
from tests.servers import serve, until

STRANGERS = (sys.executable, "-m", "tests.backend.strangers")
GUNICORN = (sys.executable, "-m", "gunicorn", "--bind", "fd://{fd}", "--log-level", "warning")
COMMANDS = {
    "gunicorn-gevent": (*GUNICORN, "-k", "gevent", "tests.backend.strangers:shop()"),
    "gunicorn-gthread": (*GUNICORN, "-k", "gthread", "--threads", "8", "tests.backend.strangers:shop()"),
    "werkzeug": (*STRANGERS, "werkzeug", "{fd}"),
    "pywsgi": (*STRANGERS, "pywsgi", "{fd}"),
    "wsgiref": (*STRANGERS, "wsgiref", "{fd}"),
}


@pytest.fixture(scope="module", params=COMMANDS)
def stranger(request: pytest.FixtureRequest) -> Iterator[Backend]:
    with serve(COMMANDS[request.param], ready="/metrics") as server, Backend(server) as backend:
        yield backend


@pytest.fixture
def shop(stranger: Backend) -> Backend:
    stranger.clear()
    return stranger


def test_an_error_answers_in_the_applications_place(shop: Backend) -> None:
    shop.put({"kind": "error", "status": 503})
    assert shop.send("GET", "/items").status_code == 503
    assert shop.send("GET", "/metrics").status_code == 200


def test_a_delay_ends_when_it_is_cleared(shop: Backend) -> None:
    shop.put({"kind": "latency", "ms": 60_000})
    with shop.asked("/items") as caller:
        caller.settimeout(0.1)
        with pytest.raises(TimeoutError):
            caller.recv(1)
        caller.settimeout(10)
        shop.clear()
        assert read(caller) == (200, ITEMS)


def test_a_reset_is_seen_as_econnreset(shop: Backend) -> None:
    """A RST, not an orderly end: a plain socket's recv raises."""
    shop.put({"kind": "reset"})
    with shop.asked("/items") as caller, pytest.raises(ConnectionResetError):
        caller.recv(65536)


def test_a_truncated_answer_is_seen_as_incomplete(shop: Backend) -> None:
    """The whole length is announced, half of the body comes, then the connection ends in order."""
    shop.put({"kind": "truncate"})
    with shop.asked("/items") as caller, pytest.raises(IncompleteRead) as failure:
        read(caller)
    assert failure.value.partial == ITEMS[: len(ITEMS) // 2]
    assert failure.value.expected == len(ITEMS) - len(ITEMS) // 2


def test_a_hang_ends_at_its_limit_without_an_answer(shop: Backend) -> None:
    shop.put({"kind": "hang", "limit_s": 0.05})
    with shop.asked("/items") as caller, pytest.raises(RemoteDisconnected):
        read(caller)


def test_closed_connections_leave_the_server_whole(shop: Backend) -> None:
    """After 100 resets it serves on, keeps no descriptor open, and has complained of nothing."""
    shop.put({"kind": "reset"})
    before = descriptors(shop)
    for _ in range(100):
        with shop.asked("/items") as caller, pytest.raises(ConnectionResetError):
            caller.recv(65536)
    until(lambda: descriptors(shop) <= before, "the server to close its descriptors")
    shop.clear()
    assert shop.send("GET", "/items").content == ITEMS
    assert "Traceback" not in shop.server.output()


def descriptors(server: Backend) -> int:
    """Descriptors that the server's processes have open."""
    process = psutil.Process(server.server.process.pid)
    return sum(each.num_fds() for each in (process, *process.children()))


@pytest.mark.parametrize("kind", ["hang", "reset", "truncate"])
def test_a_server_without_access_to_connections_refuses_what_needs_it(kind: str) -> None:
    """And it says which servers can, rather than to accept the fault and do something else."""
    client = Client(FaultInjector(respond))
    response = client.put("/faults", json={"faults": [{"kind": kind}]})
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["sent"] == kind
    for server in ("gunicorn", "gevent.pywsgi", "Werkzeug", "wsgiref"):
        assert server in response.json["detail"]
    assert json.loads(client.get("/faults").data)["faults"] == []


def test_an_answer_without_a_body_can_not_be_cut(shop: Backend) -> None:
    """HEAD has no body to truncate: it is answered as it is."""
    shop.put({"kind": "truncate"})
    assert shop.send("HEAD", "/items").status_code == 200
