"""The book of a run: witnesses that agree balance, one that lies is told, and an absent one isn't guessed."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from brownout_results.measure.book import Account, AccountVerdict, Book, Statement, book_of
from brownout_results.measure.book.account import Witness
from brownout_results.measure.validity import why_unbalanced
from brownout_results.read.run_folder import Run
from brownout_results.record import Sample
from brownout_results.record.event_log import event_line
from brownout_results.record.table_rows import forwarder_sample
from brownout_results.record.timestamps import iso
from tests.results.folders import START, Answers, failures, load, make, open_load, sample

Numbers = Mapping[str, float]

SECONDS = 10


def account(**more: Any) -> Account[Numbers]:
    """Requests, as two witnesses, `a` and `b`, count them."""

    def of(name: str) -> Witness[Numbers]:
        return Witness(name, lambda told: Statement.exactly(told[name]) if name in told else None)

    witnesses = [of("a"), of("b"), of("c")]
    return Account(name="requests", meaning="requests", unit="requests", witnesses=witnesses, **more)


@pytest.mark.parametrize(
    ("told", "more", "gap", "verdict"),
    [
        ({"a": 100, "b": 100}, {}, 0, AccountVerdict.BALANCES),
        ({"a": 100, "b": 100, "c": 100}, {}, 0, AccountVerdict.BALANCES),
        ({"a": 100, "b": 99}, {}, 1, AccountVerdict.INVALID),
        ({"a": 99, "b": 100, "c": 100}, {"bound_share": 0.01}, 1, AccountVerdict.NOTICE),
        ({"a": 100, "b": 98}, {"bound_share": 0.01}, 2, AccountVerdict.INVALID),
        ({"a": 10, "b": 12}, {"slack": 2}, 0, AccountVerdict.BALANCES),
        ({"a": 10, "b": 12.1}, {"slack": 2}, 2.1, AccountVerdict.INVALID),
        ({"a": 0, "b": 1}, {"bound_share": 0.01}, 1, AccountVerdict.INVALID),
    ],
)
def test_an_account_balances_if_one_number_satisfies_all_witnesses(
    told: Numbers, more: dict[str, float], gap: float, verdict: AccountVerdict
) -> None:
    finding = account(**more).close(told)

    assert finding is not None
    assert (finding.gap, finding.verdict) == (gap, verdict)


@pytest.mark.parametrize("told", [{}, {"a": 5}])
def test_an_account_with_fewer_than_two_witnesses_is_left_out(told: Numbers) -> None:
    assert account().close(told) is None


def test_a_witness_that_states_a_range_agrees_with_every_number_in_it() -> None:
    seen = Witness[Numbers]("range", lambda _: Statement(95, 105))
    counted = Witness[Numbers]("count", lambda told: Statement.exactly(told["n"]))
    both = Account(name="n", meaning="n", unit="n", witnesses=[seen, counted])

    assert [both.close({"n": n}).gap for n in (94, 95, 105, 107)] == [1, 0, 0, 2]  # type: ignore[union-attr]  # two witnesses: never None


def test_the_sentence_says_that_all_balance_or_which_does_not_and_by_how_much() -> None:
    right, wrong = account().close({"a": 5, "b": 5}), account().close({"a": 1_240, "b": 1_238})
    assert right is not None
    assert wrong is not None

    assert Book([right]).sentence == "the figures balance: 1 account (requests)"
    assert Book([right, wrong]).sentence == "requests do not balance by 2: a 1,240, b 1,238"
    assert Book([]).sentence == "no account could be closed: nothing was counted twice"


class Folder:
    """A run folder in which every witness can tell, and all agree; each part can be made to lie."""

    def __init__(self) -> None:
        self.answers = [Answers(second, [5] * 9) for second in range(SECONDS)]
        self.answers += [Answers(second, [5], "error") for second in range(SECONDS)]
        self.load = [
            open_load(second, 11, dropped=1)._replace(users=5, users_asked=5) for second in range(SECONDS)
        ]
        self.samples = [client(second, 10 * second, "client-0") for second in range(SECONDS + 1)] + [
            backend(second, 10 * second, second) for second in range(SECONDS + 1)
        ]
        self.forwarder = [10 * second for second in range(SECONDS + 1)]
        """Answers that the forwarder has counted by each second."""
        self.redirects = self.unreadable = 0
        self.locust = {"Request Count": 100, "Failure Count": 10}
        self.table = {"error: http 503": 10}
        self.raised = 2
        """Exceptions in Locust's table."""
        self.events: list[tuple[float, str, dict[str, Any]]] = [
            (0.0, "run-started", {}),
            (1.0, "fault", {"action": "set", "faults": [{"kind": "error", "rate": 1.0}], "code": "ok"}),
            (4.0, "kill", {"replica": "client-1", "uid": "1", "code": "ok"}),
            (4.1, "replica", {"replica": "client-1", "uid": "1", "change": "gone"}),
            (9.9, "fault", {"action": "cleared", "faults": []}),
            (10.0, "run-ended", {}),
        ]
        self.manifest: dict[str, Any] = {
            "format": 1,
            "started": iso(START),
            "ended": iso(START + SECONDS),
            "how_ended": "stopped",
            "count_as_failure": "error,tunnel",
            "requests": 100,
            "untimed": 0,
            "load": {"arrival_rate": 11.0},
            "locust": {"exceptions": 2},
            "workers": [{"worker": "one", "state": "finished"}, {"worker": "two", "state": "finished"}],
        }

    def write(self, folder: Path) -> Run:
        """The run, read."""
        events = [event_line(kind, START + at, at, fields) for at, kind, fields in self.events]
        folder.mkdir()
        totals = rows(["Type", "Name", *self.locust], ["", "Aggregated", *self.locust.values()])
        (folder / "locust_stats.csv").write_text(totals)
        raised = rows(["Count", "Message", "Traceback", "Nodes"], [self.raised, "'items'", "", "local"])
        (folder / "locust_exceptions.csv").write_text(raised)
        forwarder = [
            forwarder_sample(START + second, "client", count, self.redirects, self.unreadable)
            for second, count in enumerate(self.forwarder)
        ]
        samples = [*self.samples, *forwarder]
        return make(folder, self.answers, self.load, samples, events, self.manifest, failures(self.table))


def rows(*lines: Sequence[object]) -> str:
    """The lines of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


def client(second: int, answered: int, replica: str, boot: str = "a") -> Sample:
    """A client replica that has answered so many requests."""
    return sample(second, answered, answered, replica, boot)._replace(outcomes={"ok": answered})


def backend(second: int, requests: int, injected: int) -> Sample:
    """A backend replica that has injected so many faults."""
    counted = sample(second, requests, None, "backend-0")
    return counted._replace(service="backend", injected={"error": injected})


ALL = [
    "requests",
    "failures",
    "exceptions",
    "arrivals",
    "users",
    "faults",
    "kills",
    "seconds",
    "processes",
]


def test_a_run_in_which_all_agree_balances_in_every_account(tmp_path: Path) -> None:
    run = Folder().write(tmp_path / "run")

    assert book_of(run).sentence == f"the figures balance: 9 accounts ({', '.join(ALL)})"
    assert why_unbalanced(run) is None


def lie(folder: Folder, name: str) -> None:
    """Make one witness say something else."""
    match name:
        case "requests":
            folder.locust["Request Count"] = 110
        case "failures":
            folder.table = {"error: http 503": 3}
        case "arrivals":
            folder.load[3] = folder.load[3]._replace(dropped=0, started=5)
        case "exceptions":
            folder.raised = 1
        case "users":
            folder.load[-1] = folder.load[-1]._replace(users=3)
        case "faults":
            folder.samples = [one._replace(injected={"error": 0}) for one in folder.samples]
        case "kills":
            folder.events = [event for event in folder.events if event[2].get("change") != "gone"]
            folder.events.append((4.1, "replica", {"replica": "client-0", "uid": "0", "change": "ready"}))
        case "seconds":
            folder.manifest["ended"] = iso(START + 3 * SECONDS)
        case "processes":
            folder.manifest["workers"][1]["state"] = "unfinished"


@pytest.mark.parametrize("name", ALL)
def test_each_account_tells_a_witness_that_says_something_else(name: str, tmp_path: Path) -> None:
    folder = Folder()
    lie(folder, name)

    run = folder.write(tmp_path / "run")

    assert [one.account for one in book_of(run).unbalanced] == [name]
    invalid = name != "users"  # which may end themselves
    assert why_unbalanced(run) == (book_of(run).sentence if invalid else None)
    assert book_of(run).is_invalid == invalid


def test_requests_that_the_replicas_did_not_answer_are_told(tmp_path: Path) -> None:
    folder = Folder()
    folder.samples = [client(second, 5 * second, "client-0") for second in range(SECONDS + 1)]

    (finding,) = book_of(folder.write(tmp_path / "run")).unbalanced

    assert str(finding) == (
        "requests do not balance by 50: Locust 100, recorded 100, forwarder 100, client replicas 50"
    )


@pytest.mark.parametrize(
    ("counted", "gap"),
    [(10, 0), (9, 10), (11, 10)],
    ids=["all", "fewer than Locust", "more than Locust"],
)
def test_the_forwarder_is_a_witness_of_its_own(counted: int, gap: int, tmp_path: Path) -> None:
    folder = Folder()
    folder.forwarder = [counted * second for second in range(SECONDS + 1)]

    (finding, *_) = book_of(folder.write(tmp_path / "run")).findings

    assert (finding.account, finding.gap) == ("requests", gap)
    assert "forwarder" in [name for name, _ in finding.statements]


def test_a_redirect_may_be_one_that_the_client_followed(tmp_path: Path) -> None:
    folder = Folder()
    folder.forwarder = [9 * second for second in range(SECONDS + 1)]
    plain = folder.write(tmp_path / "plain")
    folder.redirects = 10  # from the first sample on: they were before the run
    before = folder.write(tmp_path / "before")

    assert [book_of(run).findings[0].gap for run in (plain, before)] == [10, 10]


def test_a_forwarder_that_carries_another_protocol_is_no_witness(tmp_path: Path) -> None:
    folder = Folder()
    folder.forwarder, folder.unreadable = [0] * (SECONDS + 1), 3

    (finding, *_) = book_of(folder.write(tmp_path / "run")).findings

    assert [name for name, _ in finding.statements] == ["Locust", "recorded", "client replicas"]


@pytest.mark.parametrize(
    ("endpoint", "witnesses"),
    [
        (("POST", "/checkout"), ["Locust", "recorded", "forwarder"]),
        (("GET", "checkout"), ["Locust", "recorded"]),
        (("GET", "http://elsewhere/"), ["Locust", "recorded"]),
        (("WS", "/checkout"), ["Locust", "recorded"]),
    ],
)
def test_of_a_service_of_the_user_s_the_forwarder_counts_what_surely_went_through_it(
    endpoint: tuple[str, str], witnesses: list[str], tmp_path: Path
) -> None:
    folder = Folder()
    folder.answers = [one._replace(endpoint=endpoint) for one in folder.answers]
    folder.samples = [one for one in folder.samples if one.service == "backend"]

    (finding, *_) = book_of(folder.write(tmp_path / "run")).findings

    assert [name for name, _ in finding.statements] == witnesses


def test_what_a_killed_replica_did_after_its_last_sample_is_not_missed(tmp_path: Path) -> None:
    folder = Folder()
    before = [client(second, 10 * second, "client-0") for second in range(5)]
    after = [client(second, 10 * (second - 6), "client-0", "b") for second in range(6, SECONDS + 1)]
    folder.samples = [*before, *after]

    book = book_of(folder.write(tmp_path / "run"))

    assert "requests" not in [one.account for one in book.unbalanced]
    assert any(name == "client replicas" for name, _ in book.findings[0].statements)


def test_requests_of_before_the_run_are_not_counted(tmp_path: Path) -> None:
    folder = Folder()
    folder.samples = [client(second, 5_000 + 10 * second, "client-0") for second in range(SECONDS + 1)]

    assert not book_of(folder.write(tmp_path / "run")).unbalanced


def test_requests_that_the_tunnel_lost_need_no_answer(tmp_path: Path) -> None:
    folder = Folder()
    folder.answers = [Answers(second, [5] * 9) for second in range(SECONDS)]
    folder.answers += [Answers(second, [5], "tunnel") for second in range(SECONDS)]
    folder.table = {"tunnel": 10}
    folder.samples = [client(second, 9 * second, "client-0") for second in range(SECONDS + 1)]

    assert not book_of(folder.write(tmp_path / "run")).unbalanced


def test_locust_s_totals_that_were_reset_are_no_witness(tmp_path: Path) -> None:
    folder = Folder()
    folder.locust["Request Count"] = 60
    folder.manifest["command"] = ["locust", "--reset-stats"]

    assert not book_of(folder.write(tmp_path / "run")).unbalanced


def test_a_load_that_goes_elsewhere_is_not_held_against_the_replicas(tmp_path: Path) -> None:
    folder = Folder()
    folder.answers.append(Answers(1, [5] * 10, endpoint=("GET", "/other")))
    folder.locust["Request Count"] += 10
    folder.manifest["requests"] += 10

    assert not book_of(folder.write(tmp_path / "run")).unbalanced


def test_the_book_of_a_run_that_goes_on_or_was_cut_off_is_not_closed(tmp_path: Path) -> None:
    assert book_of(make(tmp_path / "run", load=[load(0, 5)])).findings == ()
