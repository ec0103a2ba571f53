"""Whom to kill, and whether a kill is proven."""

import re
from typing import Any

import pytest

from brownout_chaos.kill_targets import NoTargetError, successor, targets


def replica(name: str, uid: str = "1", phase: str = "ready", started_at: float = 0.0) -> dict[str, Any]:
    service = name.partition("-")[0]
    return {"name": name, "service": service, "uid": uid, "phase": phase, "started_at": started_at}


FLEET = [
    replica("client-0"),
    replica("backend-0", started_at=2.0),
    replica("backend-1", started_at=1.0),
    replica("backend-2", started_at=3.0),
    replica("backend-3", phase="starting"),
]


def names(**how: Any) -> list[str]:
    return [one["name"] for one in targets(FLEET, "backend", **how)]


def test_the_same_seed_picks_the_same_replicas_in_whatever_order_they_are_listed() -> None:
    turned = [one["name"] for one in targets(FLEET[::-1], "backend", seed=7, count=2)]
    assert names(seed=7, count=2) == turned
    assert len({tuple(names(seed=seed)) for seed in range(20)}) == 3


@pytest.mark.parametrize(
    ("how", "chosen"),
    [
        ({"name": "client-0"}, ["client-0"]),
        ({"pick": "oldest"}, ["backend-1"]),
        ({"pick": "oldest", "count": 3}, ["backend-1", "backend-0", "backend-2"]),
        ({"pick": "oldest", "percentage": 50}, ["backend-1", "backend-0"]),  # of three that are ready, up
        ({"pick": "oldest", "percentage": 1}, ["backend-1"]),
    ],
)
def test_the_named_one_or_as_many_of_the_ready_ones_as_asked_for(
    how: dict[str, Any], chosen: list[str]
) -> None:
    assert names(**how) == chosen


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"name": "backend-9"}, '"backend-9"; there are: "client-0" (ready)'),
        ({"pick": "youngest"}, "allowed: random, oldest"),
        ({"count": 4}, '4 of 3 ready replicas of "backend"'),
        ({"count": 0}, "0 of 3"),
        ({"percentage": 0}, "0 of 3"),
    ],
)
def test_nobody_to_kill_is_an_error_and_not_an_empty_list(how: dict[str, Any], words: str) -> None:
    with pytest.raises(NoTargetError, match=re.escape(words)):
        names(**how)
    with pytest.raises(NoTargetError, match='no replica of "db" is ready'):
        targets(FLEET, "db")


BEFORE = [replica("backend-0", "a"), replica("backend-1", "b")]


@pytest.mark.parametrize(
    ("now", "proven"),
    [
        (BEFORE, None),  # nothing happened: the proof of the lab's write-up
        ([replica("backend-1", "b")], None),  # gone, and nobody in its place
        ([replica("backend-0", "a", "gone"), replica("backend-1", "b")], None),
        ([replica("backend-0", "c", "starting"), replica("backend-1", "b")], None),
        ([replica("backend-0", "c"), replica("backend-1", "b")], "c"),  # the same name, another process
        ([replica("backend-x", "c"), replica("backend-1", "b")], "c"),  # another pod
        ([replica("backend-0", "a"), replica("backend-1", "d")], None),  # another one was replaced
        ([replica("backend-0", "a"), replica("backend-1", "b"), replica("backend-2", "c")], None),  # scaled
        ([replica("client-0", "c"), replica("backend-1", "b")], None),  # another service
        ([replica("backend-0", "c"), replica("backend-1", "b", "unready")], None),
    ],
)
def test_a_kill_is_proven_by_a_ready_replica_with_a_new_identity(
    now: list[dict[str, Any]], proven: str | None
) -> None:
    found = successor(BEFORE[0], BEFORE, now)
    assert (found["uid"] if found else None) == proven


def own(name: str, uid: str = "", dependency: str | None = None) -> dict[str, Any]:
    """A replica of a service of the user's, or a proxy."""
    role = "backend" if dependency else "client"
    return {**replica(name, uid or name), "service": role, "dependency": dependency}


OWN = [own("shop-0"), own("shop-1"), own("prices", dependency="prices"), own("stock", dependency="stock")]


@pytest.mark.parametrize(
    ("service", "chosen"),
    [("shop", {"shop-0", "shop-1"}), ("client", {"shop-0", "shop-1"}), ("prices", {"prices"})],
)
def test_a_service_is_called_by_its_role_or_its_own_name(service: str, chosen: set[str]) -> None:
    assert {one["name"] for seed in range(20) for one in targets(OWN, service, seed=seed)} == chosen


def test_only_the_proxy_of_the_same_dependency_replaces_a_killed_one() -> None:
    killed = own("prices", dependency="prices")
    others = [one for one in OWN if one["name"] != "prices"]
    assert successor(killed, OWN, [*others, own("new", "2", "stock")]) is None
    back = own("prices", "2", "prices")
    assert successor(killed, OWN, [*others, back]) == back
