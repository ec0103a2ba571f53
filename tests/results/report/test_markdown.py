"""summary.md: plain enough for a log, and never mark-up of a run's own."""

import pytest

from brownout_results.report.document import Document
from brownout_results.report.markdown import markdown


def told(sentence: str) -> str:
    """The sentence as summary.md has it."""
    document = Document(title="a", sentences=[sentence], tone="", made="", runs=[])
    return markdown(document, {"runs": [], "thresholds": []}).split("\n\n")[1].strip()


@pytest.mark.parametrize(
    "text",
    [
        "p95 < 300ms, ok_ratio >= 99%, p95 <= baseline * 1.1 or baseline + 20ms",
        "GET /a_b is worse (34.0 ms → 4,400 ms, 129×); 1 & 2!",
        "82.50 % → 100.00 %, +17.50 pp",
        'p95{endpoint="GET /fetch"} < 1s',
    ],
)
def test_what_is_no_mark_up_stays_as_it_is(text: str) -> None:
    assert told(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<script>x</script>", "\\<script>x\\</script>"),
        ("*bold* _it_", "\\*bold\\* \\_it\\_"),
        ("a|b `c`", "a\\|b \\`c\\`"),
        ("![x](y)", "\\!\\[x\\](y)"),
        ("&lt; \\<", "\\&lt; \\\\<"),
        ("# a", "\\# a"),
        ("> a", "\\> a"),
        ("@team #12", "@\u200bteam #\u200b12"),
        ("http://a.b", "http:\u200b//a.b"),
        ("1. x", "1\u200b. x"),
        ("~~x~~", "\\~\\~x\\~\\~"),
    ],
)
def test_what_would_be_mark_up_a_link_or_a_mention_is_escaped(text: str, written: str) -> None:
    assert told(text) == written
