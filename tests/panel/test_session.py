"""Faults that a process has set end with it; those of a person stay."""

import time
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from brownout_panel.session import HEADER, Session
from tests.panel.test_api import ask, stand

FAULTS = {"faults": [{"kind": "error", "rate": 0.5, "status": 503}]}


class Clock:
    """Seconds, moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def gone() -> list[str]:
    return []


def lost(gone: list[str]) -> list[str]:
    """Who is gone, when somebody is."""
    with gevent.Timeout(5):
        while not gone:
            gevent.sleep(0.02)
    gevent.sleep(0.1)  # nobody else
    return gone


def test_a_process_that_is_silent_is_gone_once(gone: list[str]) -> None:
    session = Session(gone.append, timeout_s=0.05)
    session.set_owner("a")
    assert lost(gone) == ["a"]
    assert not session.renew("a")


def test_a_process_that_sends_requests_keeps_its_faults(gone: list[str]) -> None:
    clock = Clock()
    session = Session(gone.append, timeout_s=0.05, monotonic=clock)
    session.set_owner("a")
    for _ in range(5):
        clock.now += 0.04
        assert session.renew("a")
        gevent.sleep(0.05)
    assert gone == []
    session.set_owner(None)


def test_nobody_is_gone_because_the_panel_itself_was_too_busy_to_hear(gone: list[str]) -> None:
    session = Session(gone.append, timeout_s=0.2)
    session.set_owner("a")
    gevent.sleep(0)  # the watch begins
    time.sleep(0.5)  # all greenlets of this process stand still
    gevent.sleep(0.02)
    assert session.renew("a")
    assert gone == []
    session.set_owner("b")
    gevent.sleep(0)
    time.sleep(0.5)
    assert lost(gone) == ["b"]  # not called afterwards either


def test_whoever_sets_or_clears_faults_after_it_owns_them(gone: list[str]) -> None:
    session = Session(gone.append, timeout_s=0.05)
    session.set_owner("a")
    session.set_owner(None)  # a person's, or none
    assert not session.renew("a")
    gevent.sleep(0.2)
    assert gone == []
    session.set_owner("a")
    session.set_owner("b")
    assert not session.renew("a")
    assert session.renew("b")
    assert not session.renew(None)
    assert lost(gone) == ["b"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


def holds(url: str, session: str) -> Any:
    """What the panel tells a process that beats."""
    return ask(url, "POST", "/api/session", X_Brownout_Session=session).document["holds"]


def test_a_process_is_told_whether_its_faults_are_wanted_still(url: str) -> None:
    assert HEADER == "X-Brownout-Session"
    assert not holds(url, "a")
    assert ask(url, "PUT", "/api/faults", FAULTS, X_Brownout_Session="a").status == 200
    assert holds(url, "a")
    assert not holds(url, "b")
    assert ask(url, "PUT", "/api/faults", FAULTS).status == 200  # the page's: they stay
    assert not holds(url, "a")
    assert ask(url, "PUT", "/api/faults", FAULTS, X_Brownout_Session="a").status == 200
    assert ask(url, "DELETE", "/api/faults").status == 200
    assert not holds(url, "a")
