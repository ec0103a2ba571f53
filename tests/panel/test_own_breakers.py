"""What services that are not ours say of their breakers: one answer, and answer after answer."""

from pathlib import Path

import msgspec
import pytest

from brownout_panel.breaker_log import BreakerLogEntry
from brownout_panel.model import Transition
from brownout_panel.own_breakers.following import Following
from brownout_panel.own_breakers.reading import UnreadableError, read
from brownout_panel.own_breakers.report import Report, ReportedBreaker, StateCounts
from brownout_terms.breakers import BreakerState

EXPORTED = Path(__file__).parent / "exported"


def exported(name: str) -> Report:
    """What a library's metrics say."""
    return read((EXPORTED / f"{name}.txt").read_bytes())


def states(report: Report) -> dict[str, str | None]:
    return {one.name: one.state for one in report.breakers}


def test_resilience4js_states_are_read_and_its_process_is_told_by_its_start() -> None:
    """A gauge of each state is 0 or 1."""
    report = exported("resilience4j")
    assert states(report) == {"proxyService": "closed"}
    assert report.boot_id == "1640886340.060"


def test_resilience4js_attempts_are_unknown_where_no_breaker_counts_them() -> None:
    """A retry tells how many calls needed one, not how many attempts they took."""
    assert exported("resilience4j").attempts is None


@pytest.mark.parametrize(("calls", "attempts"), [(29, 29), (16, None)])
def test_resilience4js_attempts_are_those_of_the_breaker_inside_the_retry(
    calls: int, attempts: int | None
) -> None:
    """14 calls of which 10 were retried made 24 attempts or more: a breaker that saw fewer is around them."""
    text = (EXPORTED / "resilience4j.txt").read_text()
    text += f'resilience4j_circuitbreaker_calls_seconds_count{{kind="failed",name="bridge"}} {calls}\n'
    report = read(text.encode())
    assert (report.requests, report.attempts) == ((14, attempts) if attempts else (None, None))


def test_envoys_limits_ejections_and_retries_are_read() -> None:
    """A limit that is reached is an open breaker, and an ejected host another."""
    report = exported("envoy")
    assert states(report) == {"backend2015": "open", "outbound|8000||shop.default outliers": "open"}
    assert [one.cause for one in report.breakers] == ["limit of connections", "1 hosts ejected"]
    assert (report.requests, report.attempts) == (100, 130)


def test_pollys_events_are_counts_and_its_attempts_are_read() -> None:
    """Polly exports no state: the counts of its events tell it."""
    report = exported("polly")
    assert [(one.name, one.state, one.steps) for one in report.breakers] == [
        ("prices/CircuitBreaker", None, StateCounts(opened=2, half_opened=1, closed=0))
    ]
    assert (report.requests, report.attempts) == (10, 17)
    following = Following("shop-0", "1")
    following.take(report, at=100.0)
    assert [one.state for one in following.circuits(100.0, 5.0)] == ["open"]


def test_gauges_of_failsafe_gos_users_are_read() -> None:
    """A gauge for each state, or one with the library's own numbers."""
    assert states(exported("failsafe_go")) == {"prices": "open", "stock": "half-open"}


def test_metrics_without_a_breaker_say_nothing() -> None:
    """Metrics of something else are no fault: a breaker may be exported only after its first call."""
    assert read(b"# TYPE http_requests_total counter\nhttp_requests_total 3\n") == Report()


@pytest.mark.parametrize(
    "body",
    [b"<html>no</html>", b"", b"\xff\xfe", b'{"breakers": 3}', b'{"state": "open"}', b'{"breakers": [{}]}'],
)
def test_an_answer_in_no_known_form_is_refused(body: bytes) -> None:
    """What can't be read says so, and nothing else happens."""
    with pytest.raises(UnreadableError):
        read(body)


def test_the_contracts_document_is_read() -> None:
    """Everything but the names and the states may be left out."""
    body = b"""{"boot_id": "a", "breakers": [
        {"name": "prices", "state": "half_open"}, {"name": "x", "state": "odd"},
        {"name": "stock", "state": "open", "seconds_until_half_open": 2.5,
         "transitions": [{"seq": 1, "at": 5.0, "from": "closed", "to": "open", "cause": "OSError"}]}],
        "retries": {"requests": 3, "attempts": 7}}"""
    report = read(body)
    assert states(report) == {"prices": "half-open", "x": "unknown", "stock": "open"}
    assert report.breakers[2].transitions == [BreakerLogEntry(1, 5.0, "closed", "open", "OSError")]
    assert (report.boot_id, report.requests, report.attempts) == ("a", 3, 7)


def says(state: BreakerState | None, boot_id: str = "", steps: StateCounts | None = None) -> Report:
    """An answer about one breaker."""
    return Report(boot_id, [ReportedBreaker("prices", state, steps=steps)])


def path(transitions: list[Transition]) -> list[tuple[str, str]]:
    return [(one.from_, one.to) for one in transitions]


def test_a_transition_between_two_answers_is_derived_with_its_uncertainty() -> None:
    """It is put into the middle, and may have been half the time earlier or later."""
    following = Following("shop-0", "7")
    assert following.take(says("closed"), at=100.0) == []
    assert following.take(says("closed"), at=101.0) == []
    (opened,) = following.take(says("open"), at=102.0)
    assert (opened.replica, opened.breaker, opened.from_, opened.to) == ("shop-0", "prices", "closed", "open")
    assert (opened.at, opened.uncertain_s) == (101.5, 0.5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((1, 0, 0), ["open"]),
        ((1, 1, 0), ["open", "half-open"]),
        ((1, 1, 1), ["open", "half-open", "closed"]),
        ((2, 1, 0), ["open", "half-open", "open"]),
        ((2, 2, 1), ["open", "half-open", "open", "half-open", "closed"]),
        ((1, 0, 1), ["open", "closed"]),  # isolated and closed by hand
        ((0, 0, 0), []),
    ],
)
def test_counts_of_entered_states_tell_the_way_between_two_answers(
    counts: tuple[int, int, int], expected: list[str]
) -> None:
    """All that was counted is walked, each step later than the one before it."""
    following = Following("shop-0", "7")
    following.take(says(None, steps=StateCounts()), at=100.0)
    made = following.take(says(None, steps=StateCounts(*counts)), at=101.0)
    assert [one.to for one in made] == expected
    assert sorted({one.at for one in made}) == [one.at for one in made]


def test_a_breaker_that_first_appears_open_has_opened_since_the_answer_before() -> None:
    """Polly exports a counter with its first event."""
    following = Following("shop-0", "7")
    following.take(Report(), at=100.0)
    assert path(following.take(says(None, steps=StateCounts(1)), at=101.0)) == [("closed", "open")]


def log(*seqs: int, boot_id: str = "a") -> Report:
    """An answer with a log of transitions with these numbers."""
    entries = [BreakerLogEntry(seq, 100.0 + seq, "closed", "open") for seq in seqs]
    return Report(boot_id, [ReportedBreaker("prices", "open", entries)])


def test_a_log_is_taken_once_and_what_it_dropped_is_missed() -> None:
    """What was before the first answer is not missed: nobody has asked for it."""
    following = Following("shop-0", "7")
    assert [(one.seq, one.missed) for one in following.take(log(5, 6), at=200.0)] == [(5, 0), (6, 0)]
    assert following.take(log(5, 6), at=201.0) == []
    assert [(one.seq, one.missed) for one in following.take(log(6, 9), at=202.0)] == [(9, 2)]


def test_processes_behind_one_port_are_told_apart() -> None:
    """Each has a breaker of its own, whose transitions are not the other's."""
    following = Following("shop-0", "7")
    first, second = says("closed", "a"), says("open", "b")
    following.meet([first, second])
    for at in range(100, 104):
        assert following.take(first if at % 2 else second, float(at)) == []
    assert {one.name: one.state for one in following.circuits(104.0, 5.0)} == {
        "prices": "open",
        "prices #2": "closed",
    }


def test_a_process_that_alone_answers_has_replaced_the_one_before() -> None:
    """A restarted worker is no second one."""
    following = Following("shop-0", "7")
    following.take(says("open", "a"), at=100.0)
    following.meet([says("closed", "b")] * 8)
    following.take(says("closed", "b"), at=101.0)
    assert [(one.name, one.state) for one in following.circuits(101.0, 5.0)] == [("prices", "closed")]


def test_calls_are_counted_from_the_first_answer_on_over_all_processes_and_lives() -> None:
    """What a process counted before it was first seen belongs to no run."""
    following = Following("shop-0", "7")
    told = msgspec.structs.replace(says("closed", "a"), requests=100, attempts=300)
    following.take(told, at=100.0)
    following.take(msgspec.structs.replace(told, requests=110, attempts=325), at=101.0)
    following.take(msgspec.structs.replace(told, requests=1, attempts=2), at=102.0)  # it began anew
    following.take(msgspec.structs.replace(told, requests=3, attempts=6), at=103.0)
    assert following.calls() == (12, 29)


def test_a_state_that_was_told_long_ago_is_unknown() -> None:
    """The age of an answer counts, and with several processes each has its turn."""
    following = Following("shop-0", "7")
    following.take(says("closed"), at=100.0)
    assert [one.state for one in following.circuits(104.9, 5.0)] == ["closed"]
    assert [one.state for one in following.circuits(105.1, 5.0)] == ["unknown"]
