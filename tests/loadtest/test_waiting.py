"""Who gets the next arrival."""

from collections import Counter
from random import Random

from brownout_loadtest.waiting import WaitingRoom


def room(**users: int) -> WaitingRoom[str]:
    """A room with so many users of each class, all of them idle: "a0", "a1", …"""
    made: WaitingRoom[str] = WaitingRoom(Random(1))
    for kind, count in users.items():
        for number in range(count):
            made.enter(kind)
            made.wait(kind, f"{kind}{number}")
    return made


def test_the_user_who_has_waited_least_is_next() -> None:
    waiting = room(a=3)
    assert waiting.call() == "a2"
    waiting.wait("a", "a2")
    assert [waiting.call() for _ in range(4)] == ["a2", "a1", "a0", None]


def test_classes_are_called_in_proportion_to_their_users_however_few_are_idle() -> None:
    """Nine to one, though the users of the second class are most of the idle ones."""
    waiting = room(a=90, b=10)
    for number in range(85):
        waiting.give_up("a", f"a{number}")
    called = Counter[str]()
    for _ in range(10_000):
        turn = waiting.call()
        assert turn is not None
        called[turn[0]] += 1
        waiting.wait(turn[0], turn)
    assert 8_800 < called["a"] < 9_200


def test_an_arrival_of_a_class_whose_users_are_all_busy_finds_nobody() -> None:
    waiting = room(a=1, b=1)
    calls = [waiting.call() for _ in range(50)]
    assert sorted(turn for turn in calls if turn) == ["a0", "b0"]


def test_users_who_are_not_here_yet_count_and_a_class_of_which_none_is_yet_gets_nothing() -> None:
    """As many of "late" as of "a", one of them here: it gets half of the arrivals. None of "last" is."""
    waiting = room(a=50)
    for _ in range(50):
        waiting.enter("late")
        waiting.enter("last")
    assert waiting.call() == "a49"
    waiting.wait("a", "a49")
    waiting.wait("late", "late0")
    called = Counter[str]()
    for _ in range(1000):
        turn = waiting.call()
        assert turn is not None
        called[turn.rstrip("0123456789")] += 1
        waiting.wait(turn.rstrip("0123456789"), turn)
    assert 440 < called["late"] < 560
    assert called.total() == 1000


def test_a_user_who_has_left_is_not_counted_and_one_who_gave_up_is_not_called() -> None:
    waiting = room(a=1, b=1)
    assert waiting.give_up("a", "a0")
    waiting.leave("a")
    assert waiting.call() == "b0"
    assert not waiting.give_up("b", "b0")


def test_nobody_is_called_in_an_empty_room() -> None:
    assert room().call() is None
