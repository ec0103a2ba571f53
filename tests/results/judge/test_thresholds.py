"""Thresholds: their text is understood or refused with help, and no run passes one that it did not reach."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brownout_results.judge.thresholds import (
    Limit,
    Threshold,
    ThresholdError,
    parse,
    read_file,
)
from brownout_results.judge.thresholds.metrics import find
from brownout_results.measure.figures import METRICS

DOCS = Path(__file__).parents[3] / "docs" / "thresholds.md"

MISTAKES = [
    ("", "ends too early", "begins with a metric"),
    ("< 3ms", 'from "< 3ms" on', "begins with a metric"),
    ("godput > 5/s", 'from "godput > 5/s" on', 'did you mean "goodput"?'),
    ("OK_RATIO > 5%", 'from "OK_RATIO', 'did you mean "ok_ratio"?'),
    ("p0 < 5ms", 'from "p0', "any percentile"),
    ("p100 < 5ms", 'from "p100', "any percentile"),
    ("p95", "ends too early", "< <= > >= =="),
    ("p95 300ms", 'from "300ms" on', "< <= > >= =="),
    ("p95 != 300ms", 'from "!= 300ms" on', "< <= > >= =="),
    ("p95 =< 300ms", 'from "=< 300ms" on', "< <= > >= =="),
    ("p95 <", "ends too early", "300ms"),
    ("p95 < -1ms", 'from "-1ms" on', "300ms"),
    ("p95 < 300", 'from "300" on', "a duration needs its unit"),
    ("p95 < 3m", 'from "3m" on', "a duration needs its unit"),
    ("p95 < 50/s", 'from "50/s" on', "a duration needs its unit"),
    ("goodput > 50", 'from "50" on', "a rate needs its unit"),
    ("goodput > 50ms", 'from "50ms" on', "a rate needs its unit"),
    ("ok_ratio >= 99", 'from "99" on', "0.99 or 99%"),
    ("ok_ratio >= 101%", 'from "101%" on', "0.99 or 99%"),
    ("requests > 5%", 'from "5%" on', "no unit"),
    ("p95 < 300ms or so", 'from "or so" on', "nothing may follow"),
    ("p95{} < 1ms", 'from "} < 1ms" on', 'endpoint="GET /fetch"'),
    ('p95{name="a"} < 1ms', 'from "name=', 'endpoint="GET /fetch"'),
    ("p95{phase=fault} < 1ms", 'from "fault} < 1ms" on', "double quotes"),
    ('p95{phase="fault} < 1ms', 'from ""fault} < 1ms" on', "double quotes"),
    ('p95{phase="a" < 1ms', 'from "< 1ms" on', "closing brace"),
    ('p95{phase="a", phase="b"} < 1ms', 'from "phase="b"} < 1ms" on', "at most once"),
    ('dropped{endpoint="GET /"} == 0', 'from "endpoint="GET /"} == 0" on', "not an endpoint"),
]
"""A text, where it ends to make sense, and what is said to help."""

percentiles = st.decimals(Decimal("0.001"), Decimal("99.999"), places=3)
metrics = st.sampled_from(sorted(METRICS)) | st.builds(
    "{}p{:f}".format, st.sampled_from(["", "service_"]), percentiles
)
numbers = st.decimals(0, 1, places=6) | st.decimals(0, 10**9, places=3) | st.integers(0, 10**9).map(Decimal)


@st.composite
def thresholds(draw: st.DrawFn) -> Threshold:
    """Anything that can be written as a threshold."""
    metric = draw(metrics)
    kind = find(metric).unit_kind
    unit = draw(st.sampled_from(sorted(kind.units)))
    is_ratio = "%" in kind.units
    number = draw(st.decimals(0, 1, places=6) if is_ratio else numbers)
    endpoint = draw(st.none() | st.text()) if find(metric).has_endpoints else None
    sign = draw(st.sampled_from(["<", "<=", ">", ">=", "=="]))
    limit = st.just(Limit(number, unit)) | st.builds(Limit, numbers, change=st.just("*"))
    limit |= st.builds(Limit, st.just(number), st.just(unit), st.sampled_from("+-"))
    limits = tuple(draw(st.lists(limit, min_size=1, max_size=3)))
    return Threshold(metric, sign, limits, endpoint, draw(st.none() | st.text()), draw(st.booleans()))


@given(thresholds())
def test_a_threshold_written_out_and_parsed_again_is_the_same(threshold: Threshold) -> None:
    assert parse(str(threshold)) == threshold


@pytest.mark.parametrize("text", ["p95<=1.5s", "p95 ≤ 1.5s", "  p95  <=  1.5 s  ", "p95 <= 1.5s"])
def test_white_space_and_typographic_operators_make_no_difference(text: str) -> None:
    assert parse(text) == Threshold("p95", "<=", (Limit(Decimal("1.5"), "s"),))


def test_labels_stand_in_any_order_and_may_hold_quotes_and_braces() -> None:
    text = r'p95{phase="fault", endpoint="GET /a\"b\\c{d},e"} < 1ms'

    assert parse(text) == Threshold("p95", "<", (Limit(Decimal(1), "ms"),), 'GET /a"b\\c{d},e', "fault")


def test_limits_are_in_ms_per_second_shares_and_numbers() -> None:
    limits = {
        "p95 < 300ms": 300.0,
        "p95 < 0.07s": 70.0,
        "p95 < 800us": 0.8,
        "p95 < 800µs": 0.8,
        "ok_ratio >= 99.9%": 999 / 1000,
        "ok_ratio >= 0.999": 999 / 1000,
        "goodput > 50/s": 50.0,
        "retry_amplification < 1.5": 1.5,
    }

    assert {
        text: parsed.limits[0].of(parsed.metric, None) for text in limits for parsed in [parse(text)]
    } == limits


def test_an_error_quotes_the_text_and_says_where_it_ends_to_make_sense_and_what_would() -> None:
    def helps(text: str, where: str, hint: str) -> bool:
        with pytest.raises(ThresholdError) as error:
            parse(text)
        said, _, examples = str(error.value).partition("\n\n")
        return said.startswith(f'"{text}" ') and where in said and hint in said and "p95 < 300ms" in examples

    assert [mistake for mistake in MISTAKES if not helps(*mistake)] == []


def test_a_file_has_a_threshold_a_line_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "limits"
    file.write_text('# all\n\np95 < 300ms  # users wait\n  goodput{endpoint="GET /#a"} > 5/s\n')

    assert list(map(str, read_file(file))) == ["p95 < 300ms", 'goodput{endpoint="GET /#a"} > 5/s']


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"p95 < 300ms\n\np95 < 3\n", r'limits, line 3: "p95 < 3" cannot be understood from "3"'),
        (b"# nothing yet\n", "contains no threshold"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
    ],
)
def test_an_error_in_a_file_names_the_file_and_the_line(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "limits"
    file.write_bytes(content)

    with pytest.raises(ThresholdError, match=said):
        read_file(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ThresholdError, match=r'nowhere" can\'t be read: No such file'):
        read_file(tmp_path / "nowhere")


def test_the_documentation_has_every_metric_and_its_file_can_be_read(tmp_path: Path) -> None:
    text = DOCS.read_text("utf-8")
    example = re.search(r"```text\n(.*?)```", text, re.DOTALL)
    assert example

    (tmp_path / "limits").write_text(example[1])

    assert len(read_file(tmp_path / "limits")) > 3
    assert [name for name in METRICS if f"`{name}`" not in text] == []
