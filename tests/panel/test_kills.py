"""One kill at a time, and never the last ready replica unless told so."""

import pytest

from brownout_fleet.model import Replica, ReplicaPhase
from brownout_panel import kills
from brownout_panel.errors import KillUnderWayError, LastReadyError
from brownout_panel.kills import BACK_S, Kill


def replica(name: str, phase: ReplicaPhase = ReplicaPhase.READY, life: int = 1) -> Replica:
    """A replica of the service that its name begins with."""
    return Replica(name, name.partition("-")[0], "http://127.0.0.1:1", phase, f"{name}@{life}", 0.0)


A, B, CLIENT = replica("backend-0"), replica("backend-1"), replica("client-0")
PRICES, STOCK = (
    Replica(name, "backend", "http://127.0.0.1:1", ReplicaPhase.READY, name, 0.0, dependency=name)
    for name in ("prices", "stock")
)
A_GONE = replica("backend-0", ReplicaPhase.GONE)
A_STARTING = replica("backend-0", ReplicaPhase.STARTING, life=2)
A_AGAIN = replica("backend-0", life=2)
KILLED_A = Kill(A, at=100.0, ready=2)


def test_one_of_two_ready_replicas_may_be_killed() -> None:
    kills.check(A, [A, B, CLIENT], None, 100, even_last=False)


def test_the_last_ready_one_of_a_service_may_not() -> None:
    with pytest.raises(LastReadyError, match='"backend-1" is the last ready replica of "backend"'):
        kills.check(B, [A_STARTING, B, CLIENT], None, 100, even_last=False)


def test_even_the_last_when_told_so() -> None:
    kills.check(B, [A_STARTING, B, CLIENT], None, 100, even_last=True)


def test_the_only_proxy_of_a_dependency_may_be_killed() -> None:
    kills.check(PRICES, [PRICES, STOCK, CLIENT], None, 100, even_last=False)


def test_the_proxy_of_another_dependency_is_no_replacement() -> None:
    with pytest.raises(KillUnderWayError, match='"prices" was killed and is not back yet'):
        kills.check(STOCK, [STOCK, CLIENT], Kill(PRICES, at=100.0, ready=1), 110, even_last=False)


def test_one_that_is_not_ready_is_not_the_last_ready_one() -> None:
    kills.check(A_STARTING, [A_STARTING, B], None, 100, even_last=False)


@pytest.mark.parametrize("now", [A, A_GONE, A_STARTING], ids=["not noticed", "gone", "starting"])
def test_a_kill_is_under_way_until_the_replica_is_back(now: Replica) -> None:
    with pytest.raises(KillUnderWayError, match='"backend-0" was killed and is not back yet'):
        kills.check(CLIENT, [now, B, CLIENT, replica("client-1")], KILLED_A, 110, even_last=True)


def test_when_it_is_back_another_may_be_killed() -> None:
    kills.check(B, [A_AGAIN, B], KILLED_A, 110, even_last=False)


def test_a_pod_that_comes_back_under_another_name_is_back() -> None:
    kills.check(B, [replica("backend-x7"), B], KILLED_A, 110, even_last=False)


def test_one_that_does_not_come_back_forbids_no_kill_for_ever() -> None:
    kills.check(CLIENT, [A_GONE, B, CLIENT, replica("client-1")], KILLED_A, 100 + BACK_S, even_last=False)
