"""The agent in the master's pod, over HTTP: nothing without the token, one order, and an end without a
caller."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests

from brownout.cluster.agent import Agent
from brownout.cluster.agent_http import LONGEST_ORDER, serving
from brownout.cluster.order import Order, key_of

TOKEN = "only-we-know"
ORDER = Order([], "a", 5.0, "http://clientservice:5000", 2, "app=client", "app=backend", 5000)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serving(Agent(key_of(TOKEN), tmp_path, 0, 0), 0) as port:
        yield f"http://127.0.0.1:{port}"


def ask(method: str, url: str, data: bytes = b"", token: str | None = TOKEN) -> requests.Response:
    """One request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, url, data=data, headers=headers, timeout=10)


@pytest.mark.parametrize("token", [None, "a guess", key_of(TOKEN)])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/news"), ("GET", "/folder"), ("POST", "/order"), ("POST", "/kill")]
)
def test_nothing_is_answered_without_the_token(url: str, method: str, path: str, token: str | None) -> None:
    """Not to who knows the key either, which stands in the pod's manifest."""
    assert ask(method, url + path, msgspec.json.encode(ORDER), token).status_code == 401


def test_an_agent_takes_one_order(url: str) -> None:
    order = msgspec.json.encode(ORDER)
    assert ask("POST", f"{url}/order", order).status_code == 200
    refused = ask("POST", f"{url}/order", order)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "there is an order already; a pod runs one",
    )


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("POST", "/order", b"{}", 400),
        ("POST", "/order", b"no json", 400),
        ("POST", "/order", b" " * (LONGEST_ORDER + 1), 413),
        ("GET", "/folder", b"", 409),
        ("GET", "/news?since=x", b"", 404),
        ("POST", "/else", b"", 404),
    ],
)
def test_what_can_not_be_done_is_a_problem_document(
    url: str, method: str, path: str, data: bytes, status: int
) -> None:
    try:
        refused = ask(method, url + path, data)
    except requests.ConnectionError:  # refused by its length, before all of it was read
        assert status == 413
        return
    assert (refused.status_code, refused.json()["status"]) == (status, status)
    assert ask("GET", f"{url}/news").json()["state"] == "waiting"


def test_an_agent_that_nobody_asks_for_anything_ends_by_itself(tmp_path: Path) -> None:
    """Whoever made its pod is gone."""
    agent = Agent(key_of(TOKEN), tmp_path, 0, 0, lease_s=0.1)
    agent.serve()
    assert agent.progress(0).state == "waiting"
