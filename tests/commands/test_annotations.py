"""What GitHub shows at the top of a job: annotations of what was missed."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from brownout.step_summary import annotate, annotation_lines
from brownout_results.judge.thresholds import ThresholdVerdict, parse


def verdicts(reason: str) -> list[ThresholdVerdict]:
    missed = parse('p95{endpoint="GET /a:b,c"} < 300ms')
    return [
        ThresholdVerdict(missed, 400.0, False, reason),
        ThresholdVerdict(parse("ok_ratio >= 99%"), 1.0, True, "it is 100%"),
        ThresholdVerdict(parse("report-only p50 < 1ms"), 5.0, False, "it is 5ms", run="a,b"),
    ]


def test_each_missed_threshold_is_an_annotation_and_its_text_comes_back_whole() -> None:
    """A missed threshold is an error, a report-only one a warning, and no text breaks the line."""
    reason = "100 %\r\nof it: a::b, %0A"
    lines = list(annotation_lines([], verdicts(reason)))
    parts = [re.fullmatch(r"::(error|warning) title=([^:,\r\n]+)::([^\r\n]+)", line) for line in lines]
    told = [tuple(map(unquote, part.groups())) for part in parts if part]
    assert told == [
        ("error", "brownout: threshold missed", f'p95{{endpoint="GET /a:b,c"}} < 300ms: {reason}'),
        ("warning", "brownout: threshold noted of a,b", "report-only p50 < 1ms: it is 5ms"),
    ]


@pytest.mark.parametrize(("value", "count"), [("true", 2), ("false", 0), ("", 0)])
def test_annotations_are_printed_only_in_a_job_of_github(
    value: str, count: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal sees no workflow commands."""
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    annotate([], verdicts("it is 400ms"))
    assert capsys.readouterr().out.count("title=brownout") == count
