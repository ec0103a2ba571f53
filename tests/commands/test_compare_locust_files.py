"""`brownout compare` of Locust's own files: what changed most is said first, judged or not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from brownout.cli import cli

PERCENTS = ("50", "66", "75", "80", "90", "95", "98", "99", "99.9", "99.99", "100")
HEADER = (
    f"Timestamp,User Count,Type,Name,Requests/s,Failures/s,{','.join(f'{one}%' for one in PERCENTS)},"
    "Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
    "Total Min Response Time,Total Max Response Time,Total Average Content Size"
)
STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s," + ",".join(f"{one}%" for one in PERCENTS)
)


def made(
    prefix: Path, totals: Sequence[int], failed: Sequence[int] | None = None, percentile: int = 20
) -> Path:
    """A history with a row a second, as the issues of this project write one."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    failures = failed or [0] * len(totals)
    rows = [
        f"{1_700_000_000 + second},10,,Aggregated,0,0,{','.join([str(percentile)] * 11)},{total},{bad},"
        "20,22.5,5.1,90.2,100.0"
        for second, (total, bad) in enumerate(zip(totals, failures, strict=True))
    ]
    prefix.with_name(f"{prefix.name}_stats_history.csv").write_text("\n".join([HEADER, *rows, ""]))
    return prefix


class Said(NamedTuple):
    """What a comparison says."""

    sentence: str
    word: str
    page: str
    output: str


def compared(out: Path, *runs: str | Path) -> Said:
    done = CliRunner().invoke(cli, ["compare", *map(str, runs), "--anyway", "--out", str(out)])
    assert done.exit_code == 0, done.output
    verdict = json.loads((out / "summary.json").read_text("utf-8"))["verdict"]
    page = (out / "report.html").read_text("utf-8")
    texts = (
        page,
        done.output,
        (out / "summary.md").read_text("utf-8"),
        (out / "junit.xml").read_text("utf-8"),
    )
    assert not any("no difference" in text.lower() for text in texts)
    return Said(verdict["sentences"][0], verdict["word"], page, done.output)


def test_failures_in_one_burst_are_worse_and_shares_stay_where_they_can_be(tmp_path: Path) -> None:
    ok = made(tmp_path / "ok", [150 * i for i in range(20)])
    totals = [0, 260, *range(400, 570, 10)]
    burst = made(tmp_path / "burst", totals, [0, 260, *[396] * 17])

    said = compared(tmp_path / "out", ok, burst)

    assert said.word == "worse"
    assert re.search(r"burst is worse in availability \(100.00 % → [\d.]+ %, −[\d.]+ pp\)", said.sentence)
    differences = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["differences"]
    (share,) = [one for one in differences if one["figure"] == "availability"]
    assert -1 <= share["low"] <= share["high"] < 0


def test_a_burst_that_is_gone_is_better(tmp_path: Path) -> None:
    """20 s: 10/s ok, and 200 failures/s in the last 2 s; then 100/s ok."""
    totals = [10 * i + 200 * max(i - 18, 0) for i in range(1, 21)]
    before = made(tmp_path / "before", totals, [200 * max(i - 18, 0) for i in range(1, 21)])
    after = made(tmp_path / "after", [100 * i for i in range(1, 21)])

    said = compared(tmp_path / "out", before, after)

    assert said.word == "better"
    assert "after is better in availability" in said.sentence


def test_the_largest_change_is_in_the_first_sentence_and_nothing_green_beside_it(tmp_path: Path) -> None:
    """73/s with percentiles of 34 ms, then 100/s with 4400."""
    a = made(tmp_path / "a", [73 * i for i in range(1, 121)], percentile=34)
    b = made(tmp_path / "b", [100 * i for i in range(1, 121)], percentile=4400)

    there, back = compared(tmp_path / "out", a, b), compared(tmp_path / "back", b, a)

    assert there.word == back.word == "mixed"
    assert there.sentence.startswith(
        "Compared with a, b seems worse in p95 (34.0 ms → 4,400 ms, 129×) and 4 more ("
    )
    assert "; it is better in goodput (73.0/s → 100/s, +37.0 %)" in there.sentence
    assert back.sentence.startswith("Compared with b, a seems better in p95 (4,400 ms → 34.0 ms, −99.2 %) ")
    assert 'data-tone="mixed"' in there.page
    assert "data-unjudged-loss" in there.page.split("<tbody>")[0].split("</style>")[-1]
    assert "data-unjudged-loss" not in back.page.split("</style>")[-1]


def test_refused_connections_are_no_answers(tmp_path: Path) -> None:
    """82 % connection refused: 292/s came to an end, and p50 went from 73 to 2 ms."""
    a = made(tmp_path / "a", [80 * i for i in range(1, 121)], percentile=73)
    b = made(
        tmp_path / "b", [292 * i for i in range(1, 121)], [round(292 * 0.82) * i for i in range(1, 121)], 2
    )

    said = compared(tmp_path / "out", a, b)
    alone = CliRunner().invoke(cli, ["report", str(b), "--out", str(tmp_path / "report")]).output

    assert "95 % took at most 2.00 ms, failures included." in alone
    assert re.search(r"292/s, of which 5[23].\d/s succeeded", alone)
    assert said.word == "worse"
    assert "better" not in said.sentence
    assert re.search(r"p95 \(73.0 ms → 2.00 ms\) is no gain: 8[12].\d % of the requests failed", said.output)


def test_repeats_of_files_with_a_history_are_compared(tmp_path: Path) -> None:
    runs = [
        made(tmp_path / folder / name, [rate * i for i in range(1, 61)], list(range(1, 61)))
        for folder, name, rate in (("a", "m", 50), ("b", "n", 80), ("d", "n", 81), ("c", "m", 51))
    ]

    said = compared(tmp_path / "out", "--repeats", *runs)

    assert said.word == "better"
    assert "n is better in goodput" in said.sentence


def test_one_failure_of_many_is_never_rounded_away(tmp_path: Path) -> None:
    """1 failure of 37,219."""
    totals = [313 * i for i in range(1, 119)] + [37_219]
    one = made(tmp_path / "one", totals, [*[0] * 118, 1])
    none = made(tmp_path / "none", totals)

    said = compared(tmp_path / "out", one, none)
    report = CliRunner().invoke(cli, ["report", str(one), "--out", str(tmp_path / "report")])

    assert "99.997 %" in said.page
    assert "+0.003 pp" in said.page
    assert "99.997 % succeeded" in report.output
    assert "Of 37,219 requests, 100" not in report.output


def test_the_same_run_with_and_without_its_failures_is_compared_without_more_ado(tmp_path: Path) -> None:
    for name in ("a", "b"):
        made(tmp_path / name / "x", [50 * i for i in range(1, 61)], list(range(1, 61)))
        row = f",Aggregated,3000,60,20,22.5,5.1,90.2,100,50,1,{','.join(['20'] * 11)}"
        (tmp_path / name / "x_stats.csv").write_text(f"{STATS}\n{row}\n")
    (tmp_path / "a" / "x_failures.csv").write_text(
        "Method,Name,Error,Occurrences,First Seen,Last Seen\n"
        "GET,/,503,60,2026-01-01T00:00:00Z,2026-01-01T00:01:00Z\n"
    )

    done = CliRunner().invoke(
        cli, ["compare", *(str(tmp_path / name / "x") for name in "ab"), "--out", str(tmp_path / "out")]
    )

    assert done.exit_code == 0, done.output


def test_what_fails_otherwise_at_the_same_share_is_named(tmp_path: Path) -> None:
    for name, error in (
        ("a", "HTTPError('503 Server Error for url: /x')"),
        ("b", "ConnectionRefusedError(111)"),
    ):
        made(tmp_path / name, [50 * i for i in range(1, 61)], [5 * i for i in range(1, 61)])
        (tmp_path / f"{name}_failures.csv").write_text(
            f'Method,Name,Error,Occurrences\nGET,/x,"{error}",300\n'
        )

    said = compared(tmp_path / "out", tmp_path / "a", tmp_path / "b")

    assert said.word == "mixed"
    assert re.search(
        r"b fails for other reasons: ConnectionRefusedError\(111\) \(0.00 % → 10.00 % of the requests\) "
        r"instead of HTTPError\('503 .*\) \(10.00 % → 0.00 % of the requests\)",
        said.sentence,
    )


@pytest.mark.parametrize("rate", [100, 104])
def test_runs_alike_are_equal_where_that_is_shown(rate: int, tmp_path: Path) -> None:
    a = made(tmp_path / "a", [100 * i for i in range(1, 121)])
    b = made(tmp_path / "b", [rate * i for i in range(1, 121)])

    said = compared(tmp_path / "out", a, b)

    assert said.word == ("equal" if rate == 100 else "better")
    if rate == 100:
        assert said.sentence.startswith("b is equal to a: the intervals of goodput, throughput, availability")


@pytest.mark.parametrize("is_slow_before", [False, True])
def test_one_endpoint_s_large_change_is_said_though_all_requests_hide_it(
    is_slow_before: bool, tmp_path: Path
) -> None:
    """9 of 10 requests are as they were, and the tenth takes 40 times as long."""
    for name, is_slow in (("a", is_slow_before), ("b", not is_slow_before)):
        p95 = 800 if is_slow else 20
        made(tmp_path / name, [100 * i for i in range(1, 61)])
        rows = [
            f"GET,/many,5400,0,20,22.5,5,90,100,90,0,{','.join(['20'] * 11)}",
            f"GET,/few,600,0,20,22.5,5,90,100,10,0,{','.join([str(p95)] * 11)}",
            f",Aggregated,6000,0,20,22.5,5,90,100,100,0,{','.join(['20'] * 11)}",
        ]
        (tmp_path / f"{name}_stats.csv").write_text("\n".join([STATS, *rows, ""]))

    said = compared(tmp_path / "out", tmp_path / "a", tmp_path / "b")

    way, change = ("better", "800 ms → 20.0 ms") if is_slow_before else ("worse", "20.0 ms → 800 ms")
    assert said.word == "mixed"
    assert f"; endpoint GET /few seems {way} in p95 ({change}" in said.sentence
