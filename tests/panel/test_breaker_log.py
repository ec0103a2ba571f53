"""Nothing in a breaker's numbered log is lost or told twice, however it is asked for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_panel.breaker_log import BreakerLog, BreakerLogEntry, LogPosition, merge
from brownout_panel.model import Transition


def log(boot: str, *numbers: int) -> BreakerLog:
    """An answer with these transitions."""
    entries = [BreakerLogEntry(number, 100.0 + number, "closed", "open", "3 failures") for number in numbers]
    return BreakerLog(boot, "open", 3, entries)


def merged(
    position: LogPosition, since: int, answer: BreakerLog
) -> tuple[list[tuple[str, int, int]], LogPosition]:
    """Boot, number and how many were missed, of each transition that is new."""
    transitions, position = merge(position, since, answer, "client-0")
    return [(one.boot_id, one.seq, one.missed) for one in transitions], position


def test_a_transition_is_told_with_all_that_the_client_says() -> None:
    transitions, _ = merge(LogPosition(), 0, log("a", 1), "client-0")
    assert transitions == [Transition("client-0", "a", 1, 101.0, "closed", "open", "3 failures", missed=0)]


def test_known_transitions_are_not_reported_again() -> None:
    assert merged(LogPosition("a", 2), 0, log("a", 1, 2, 3)) == ([("a", 3, 0)], LogPosition("a", 3))


def test_what_fell_out_of_the_log_is_counted_as_missed() -> None:
    assert merged(LogPosition("a", 2), 2, log("a", 6, 7)) == ([("a", 6, 3), ("a", 7, 0)], LogPosition("a", 7))
    assert merged(LogPosition(), 0, log("a", 501)) == ([("a", 501, 500)], LogPosition("a", 501))


def test_a_new_life_is_followed_from_its_start() -> None:
    assert merged(LogPosition("a", 7), 0, log("b", 1, 2)) == ([("b", 1, 0), ("b", 2, 0)], LogPosition("b", 2))


def test_a_part_of_a_new_life_is_not_taken_but_asked_for_again_from_the_start() -> None:
    assert merged(LogPosition("a", 3), 3, log("b", 4, 5)) == ([], LogPosition("b", 0))


class Client:
    """A breaker's log over several lives, as the client keeps it: a ring, and numbers from 1."""

    def __init__(self) -> None:
        self.life, self.seq = 1, 0
        self.made: list[tuple[str, int]] = []

    def flap(self) -> None:
        self.seq += 1
        self.made.append((str(self.life), self.seq))

    def restart(self) -> None:
        self.life, self.seq = self.life + 1, 0

    def answer(self, since: int) -> BreakerLog:
        since = 0 if since > self.seq else since
        return log(str(self.life), *range(since + 1, self.seq + 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["flap", "flap", "ask", "restart", "reconnect"]), max_size=60))
def test_none_is_lost_or_doubled_over_polls_restarts_and_new_connections(steps: list[str]) -> None:
    """The only ones that nobody can know are those after the last question to a life that has ended."""
    client, position = Client(), LogPosition()
    told: list[tuple[str, int]] = []
    expected: list[tuple[str, int]] = []

    def ask(since: int) -> None:
        nonlocal position
        transitions, position = merge(position, since, client.answer(since), "client-0")
        told.extend((one.boot_id, one.seq) for one in transitions)

    def ask_until_known() -> None:
        ask(position.seq)
        ask(position.seq)
        expected[:] = [one for one in client.made if one in told or one[0] == str(client.life)]

    for step in steps:
        match step:
            case "ask":
                ask_until_known()
            case "reconnect":
                ask(0)
            case _:
                getattr(client, step)()
    ask_until_known()
    assert told == expected
    assert [one for one in told if one[0] == str(client.life)] == [
        (str(client.life), number) for number in range(1, client.seq + 1)
    ]
