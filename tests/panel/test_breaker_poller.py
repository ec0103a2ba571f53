"""Breakers of services of the user's, read over HTTP from real servers."""

import time
from collections.abc import Iterator
from typing import Self

import pytest

from brownout_fleet.model import Replica, ReplicaPhase
from brownout_panel.control import Control
from brownout_panel.model import Circuit, Transition
from tests.panel.fleet import Fleet, Timeline, until
from tests.servers import Server, gunicorn

WATCHED = "tests.panel.watched_shop:app"


def own(server: Server, breaker: str | None) -> Replica:
    """A replica of a service of the user's."""
    return Replica(
        "shop-0",
        "client",
        server.url,
        ReplicaPhase.READY,
        "1",
        time.time(),
        breaker=breaker,
        contract="own",
    )


class Following:
    """A control that follows one service."""

    def __init__(self, replica: Replica) -> None:
        fleet = Fleet()
        fleet.present[replica.name] = replica
        self.note = Timeline()
        self.control = Control(fleet.replicas, None, lambda _: replica, self.note)

    def __enter__(self) -> Self:
        self.control.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.control.stop()

    def circuits(self) -> dict[str, Circuit]:
        (view,) = self.control.views()
        return {one.name: one for one in view.breakers}

    def reason(self) -> str | None:
        (view,) = self.control.views()
        return view.breakers_reason

    def transitions(self) -> list[Transition]:
        return self.control.transitions()


def test_the_breakers_of_two_processes_behind_one_port_are_each_followed() -> None:
    """Each process has its own breaker, and its own transitions once."""
    options = ("-w", "2", "--worker-class", "sync")
    with (
        gunicorn(WATCHED, *options, config="tests.panel.watched_shop", ready="/breaker") as server,
        Following(own(server, "/breaker")) as following,
    ):
        until(lambda: len(following.circuits()) == 2, "both processes to be seen", 30)
        assert set(following.circuits()) == {"prices", "prices #2"}
        told = following.transitions()
        assert [(one.from_, one.to, one.uncertain_s) for one in told] == [("closed", "open", None)] * 2
        assert len({one.boot_id for one in told}) == 2


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A service of one process."""
    with gunicorn(WATCHED, config="tests.panel.watched_shop", ready="/breaker") as server:
        yield server


@pytest.mark.parametrize(
    ("path", "words"),
    [("/nothing", "answers 404 at /nothing"), ("/html", "answers neither JSON"), ("/metrics", "no breaker")],
)
def test_an_endpoint_that_tells_of_no_breaker_says_why(server: Server, path: str, words: str) -> None:
    """The page has one line instead of an empty tile."""
    with Following(own(server, path)) as following:
        until(following.reason, "a reason", 10)
        assert words in str(following.reason())
        assert following.circuits() == {}


def test_a_service_of_the_users_is_asked_for_nothing_but_its_breakers(server: Server) -> None:
    """It has no policy and no counters of ours, and without an endpoint it is left alone."""
    with Following(own(server, "/breaker")) as following:
        until(following.circuits, "its breakers", 10)
        (view,) = following.control.views()
        assert (view.status, view.circuit, following.control.policy) == (None, None, None)
    with Following(own(server, None)) as following:
        assert following.control.breaker_pollers() == []
    assert "/policy" not in server.output()
