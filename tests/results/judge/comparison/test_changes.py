"""Which changes are large, judged or not, and the one word that they come to."""

from __future__ import annotations

import math

import pytest

from brownout_results.judge.comparison.changes import changes, overall, size_of, told_first
from brownout_results.judge.comparison.difference import Difference
from brownout_results.judge.comparison.failures import bare_reason, other_failures, withheld
from brownout_results.judge.comparison.sections import Section
from brownout_results.report.comparison_sentences import sentences


def of(before: float | None, after: float | None, unit: str = "ms") -> Difference:
    """A difference without an interval."""
    is_known = before is not None and after is not None
    return Difference(
        before=before,
        after=after,
        is_log=unit in ("ms", "/s"),
        unit=unit,
        absolute=after - before if before is not None and after is not None else None,
        relative=(after - before) / before if is_known and before and after is not None else None,
    )


RATE_UP, RATE_DOWN = of(73, 100, "/s"), of(100, 73, "/s")
SLOWER, FASTER, SAME = of(34, 4400), of(350, 82), of(100, 100)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"goodput": (RATE_UP, "better"), "p95": (SLOWER, "not in the files")}, "mixed"),
        ({"goodput": (RATE_UP, "better"), "p95": (FASTER, "not in the files")}, "better"),
        ({"goodput": (RATE_UP, "better"), "p95": (SAME, "not in the files")}, "better"),
        ({"goodput": (RATE_UP, "better"), "p95": (of(100, 110), "too wide")}, "better"),
        ({"goodput": (RATE_DOWN, "worse"), "p95": (FASTER, "too few")}, "mixed"),
        ({"goodput": (RATE_DOWN, "worse"), "p95": (FASTER, "better")}, "mixed"),
        ({"goodput": (RATE_DOWN, "worse"), "p95": (SLOWER, "too few")}, "worse"),
        (
            {"goodput": (of(100, 100.5, "/s"), "equal"), "p95": (SLOWER, "not in the files")},
            "not in the files",
        ),
        ({"goodput": (of(100, 100.5, "/s"), "equal"), "p95": (SAME, "not in the files")}, "equal"),
        ({"goodput": (of(100, 104, "/s"), "too wide"), "p95": (SAME, "equal")}, "too wide"),
        ({"goodput": (of(100, 100.5, "/s"), "too few")}, "too few"),
        ({"recovery time": (of(2, math.inf, "s"), "too few"), "p95": (SAME, "equal")}, "too few"),
        ({"open ratio": (of(0, 0.5, "%"), "")}, ""),
        ({}, ""),
    ],
)
def test_no_large_change_contradicts_the_word(told: dict[str, tuple[Difference, str]], word: str) -> None:
    differences = {name: one for name, (one, _) in told.items()}
    assert overall([(differences, {name: verdict for name, (_, verdict) in told.items()})]) == word


def test_other_failures_are_neither_a_gain_nor_nothing() -> None:
    same = ({"p95": SAME}, {"p95": "equal"})
    up = ({"goodput": RATE_UP}, {"goodput": "better"})
    down = ({"goodput": RATE_DOWN}, {"goodput": "worse"})

    assert [overall([one], has_other_failures=True) for one in (same, up, down)] == [
        "mixed",
        "mixed",
        "worse",
    ]


def test_the_largest_change_comes_first_whatever_its_unit_and_whether_it_was_judged() -> None:
    differences = {
        "goodput": RATE_UP,
        "availability": of(0.99, 0.90, "%"),
        "p50": of(34, 40),
        "p95": SLOWER,
        "p99": of(34, 4500),
    }
    words = dict.fromkeys(differences, "too few") | {"goodput": "better", "availability": "worse"}

    found = told_first(changes(differences, words))

    assert [(one.figure, one.is_gain) for one in found] == [
        ("p95", False),
        ("availability", False),
        ("goodput", True),
        ("p99", False),
    ]


def test_a_headline_of_ten_changes_names_the_largest_of_each_kind_and_counts_the_rest() -> None:
    differences = {
        "goodput": RATE_UP,
        "throughput": RATE_UP,
        "availability": of(0.99, 0.90, "%"),
        "p50": of(34, 80),
        "p90": SLOWER,
        "p95": SLOWER,
        "p99": of(34, 4500),
        "mean": of(34, 400),
        "open ratio": of(0.5, 0.1, "%"),
        "retry amplification": of(1.9, 1.1, ""),
    }
    words = dict.fromkeys(differences, "worse") | dict.fromkeys(("goodput", "throughput"), "better")
    words |= {"p99": "too few", "open ratio": "too few", "retry amplification": "too few"}
    section = Section("total", "", [{}, {}], [differences], [words])

    first, _ = sentences([section], ["before", "after"], "")

    assert "is worse in p95 (34.0 ms → 4,400 ms" in first
    assert "is better in goodput (73.0/s → 100/s, +37.0 %) and 1 more" in first
    assert "seems better in " in first
    assert len(first.split()) <= 60
    assert " in  and" not in first


def test_of_many_runs_the_headline_counts_them_and_names_the_largest_loss_and_gain() -> None:
    sides = [{"goodput": of(100, rate, "/s")} for rate in (120, 80, 30, 300, 100.5)]
    words = [{"goodput": word} for word in ("better", "worse", "worse", "better", "equal")]
    section = Section("total", "", [{}] * 6, sides, words)

    first, _ = sentences([section], ["base", *"abcde"], "")

    assert first == (
        "Compared with base, of 5 runs 2 are worse, 2 are better and 1 is equal; the largest loss is c's in "
        "goodput (100/s → 30.0/s, −70.0 %); the largest gain is d's in goodput (100/s → 300/s, 3.00×)."
    )


def test_one_failure_of_a_thousand_and_more_is_no_large_change_and_a_tenth_is() -> None:
    assert size_of(of(37_218 / 37_219, 1.0, "%")) == 0
    assert size_of(of(1.0, 0.9, "%")) > size_of(of(100, 300))
    assert size_of(of(0.0, 30.0, "/s")) > size_of(of(1, 500, "/s"))


def test_what_fails_at_once_is_no_shorter_duration() -> None:
    """82 % connection refused: p50 73 → 2 ms."""
    differences = {
        "availability": of(0.999, 0.18, "%"),
        "throughput": of(80, 292, "/s"),
        "goodput": of(79, 52, "/s"),
        "p50": of(73, 2),
        "p99": of(300, 900),
    }
    words = dict.fromkeys(differences, "better") | {
        "goodput": "worse",
        "availability": "worse",
        "p99": "worse",
    }

    found, told = withheld(differences, words)

    assert told == words | {"throughput": "", "p50": "not in the files"}
    assert found["p50"].withheld == (
        "82.0 % of the requests failed, and their durations are in this figure: "
        "those of successes alone are not in the files"
    )
    assert found["throughput"].withheld == "82.0 % of the requests failed, and throughput counts them too"
    assert [one.figure for one in changes(found, told) if one.is_gain] == []
    assert overall([(found, told)]) == "worse"


def test_durations_of_successes_decide_where_they_are_known() -> None:
    failing = {"availability": of(0.99, 0.5, "%")}
    one = of(73, 2)

    slower, faster = (
        withheld(
            failing | {"p50": Difference(**vars(one) | {"apart": apart})},
            {"availability": "worse", "p50": "better"},
        )
        for apart in ((73.0, 90.0), (73.0, 40.0))
    )

    assert slower[1]["p50"] == ""
    assert slower[0]["p50"].withheld.endswith("of successes alone it went from 73.0 ms to 90.0 ms")
    assert (faster[1]["p50"], faster[0]["p50"].withheld) == ("better", "")


def test_few_failures_take_nothing_away() -> None:
    differences = {"availability": of(0.99, 0.98, "%"), "p50": of(73, 2)}
    words = {"availability": "worse", "p50": "better"}

    assert withheld(differences, words) == (differences, words)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"503": 100}, {"refused": 100}, ("503", "refused")),
        ({"503": 100, "timeout": 20}, {"503": 10, "timeout": 20, "refused": 90}, ("503", "refused")),
        ({"503": 100}, {"503": 104}, None),
        ({"503": 100}, {}, None),
        ({"503": 5}, {"refused": 5}, None),
        ({"503": 100, "timeout": 20}, {"503": 110, "timeout": 10}, None),
    ],
)
def test_other_reasons_at_the_same_share_are_named(
    before: dict[str, int], after: dict[str, int], found: tuple[str, str] | None
) -> None:
    told = other_failures(before, 1000, after, 1000)

    assert (told and (told.gone, told.come)) == found


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("HTTPError('503 Server Error: Unavailable for url: /fetch')", "503 Server Error: Unavailable"),
        ('HTTPError("503 Server Error: Unavailable for url: /fetch")', "503 Server Error: Unavailable"),
        ("503 Server Error: Unavailable for url: http://127.0.0.1:1/fetch", "503 Server Error: Unavailable"),
        ("CatchResponseError('too slow')", "too slow"),
        (
            "ConnectionError(111, 'refused')",
            "ConnectionError(111, 'refused')",
        ),
        ("error: http-503", "error: http-503"),
    ],
)
def test_versions_of_locust_wrap_the_same_reason_differently(text: str, bare: str) -> None:
    assert bare_reason(text) == bare
