"""The roster: the present state, and a log of its changes that can be resumed."""

import pytest

from brownout_fleet.model import ReplicaEvent, ReplicaPhase, UnknownReplicaError
from brownout_fleet.roster import Roster
from tests.fleet.aio import asynchronous, replica


def life(roster: Roster, name: str, uid: str = "1") -> None:
    for phase in (ReplicaPhase.STARTING, ReplicaPhase.READY, ReplicaPhase.GONE):
        roster.put(replica(name, 1, phase, uid))


@asynchronous
async def test_each_change_of_phase_is_one_numbered_event() -> None:
    roster = Roster(clock=lambda: 12.5)
    seen: list[ReplicaEvent] = []
    roster.listen(seen.append)
    life(roster, "web-0")
    roster.put(replica("web-0", 1, ReplicaPhase.GONE))  # nothing new
    life(roster, "web-0", uid="2")
    assert [event.seq for event in seen] == [1, 2, 3, 4, 5, 6]
    assert [event.kind for event in seen] == ["appeared", "ready", "gone"] * 2
    assert {event.at for event in seen} == {12.5}


@asynchronous
async def test_a_watch_resumes_after_the_number_it_is_given() -> None:
    roster = Roster()
    life(roster, "web-0")
    watch = roster.watch(since=1)
    assert [(await anext(watch)).seq for _ in range(2)] == [2, 3]
    roster.put(replica("web-1", 2))
    assert (await anext(watch)).replica.name == "web-1"


@asynchronous
async def test_replicas_are_listed_in_the_order_of_their_numbers() -> None:
    roster = Roster()
    for index in (10, 2, 1):
        roster.put(replica(f"web-{index}", index))
    assert [r.name for r in roster.replicas("web")] == ["web-1", "web-2", "web-10"]
    assert roster.replicas("mail") == []


@asynchronous
async def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    roster = Roster()
    roster.put(replica("web-0", 1))
    with pytest.raises(UnknownReplicaError, match='no replica "web-7"; there are: web-0'):
        roster.get("web-7")


@asynchronous
async def test_a_name_means_a_replica_or_the_first_ready_one_of_a_service() -> None:
    roster = Roster()
    roster.put(replica("shop-0", 1, ReplicaPhase.GONE))
    for index, name in enumerate(("shop-1", "shop-2", "prices"), 2):
        roster.put(replica(name, index))
    meant = {text: roster.meant(text).name for text in ("shop-2", "shop-0", "shop", "prices")}
    assert meant == {"shop-2": "shop-2", "shop-0": "shop-0", "shop": "shop-1", "prices": "prices"}
    with pytest.raises(UnknownReplicaError, match='no replica "sho"'):
        roster.meant("sho")
