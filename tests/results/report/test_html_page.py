"""The page as a file: complete, small, and closed to whatever a name may hold."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from brownout_results.report.document import Document
from brownout_results.report.html_page import page
from brownout_results.report.run_report import report_of_run
from tests.results.folders import make
from tests.results.report.runs import HOSTILE, eventful, hostile


class Tags(HTMLParser):
    """Collects a page's tags, with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[tuple[str, str]] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.blocks.append((self._inside, data))
            self._inside = ""


def data_of(text: str) -> Any:
    """What the page's scripts read."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def length(series: Any) -> int:
    """Length of a list, or of numbers as base64: `f8` has eight bytes a number."""
    if isinstance(series, list):
        return len(series)
    return len(base64.b64decode(series["bdata"])) // int(series["dtype"][1:])


def test_the_page_loads_nothing_and_its_policy_lets_only_its_own_scripts_and_styles_run(
    tmp_path: Path,
) -> None:
    text = page(report_of_run(eventful(tmp_path / "run"), "now"))
    tags = Tags(text)

    policy = next(attrs["content"] for tag, attrs in tags.tags if attrs.get("http-equiv"))
    assert policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for kind, block in tags.blocks:
        if not block.startswith('{"charts"'):
            digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy, f"{kind}: {block[:60]}"
    assert not [tag for tag, attrs in tags.tags if "src" in attrs or (tag == "link")]
    assert not [
        attrs for _, attrs in tags.tags if "style" in attrs or any(key.startswith("on") for key in attrs)
    ]


def test_hostile_names_become_no_tag_and_end_no_script(tmp_path: Path) -> None:
    usual = Tags(page(report_of_run(eventful(tmp_path / "usual"), "now")))
    text = page(report_of_run(hostile(tmp_path / "hostile"), "now"))
    bad = Tags(text)

    assert [tag for tag, _ in bad.tags if tag in ("script", "img", "iframe")] == [
        tag for tag, _ in usual.tags if tag in ("script", "img", "iframe")
    ]
    assert all(str(attrs["href"]).startswith("#") for tag, attrs in bad.tags if tag == "a")
    assert len(text) < 2**20 * 3
    assert HOSTILE[-1] not in text
    data_of(text)


def test_the_data_on_the_page_is_json_without_nan_whatever_the_run_lacks(tmp_path: Path) -> None:
    data = data_of(page(report_of_run(eventful(tmp_path / "run"), "now")))

    assert [chart["key"] for chart in data["charts"]] == ["timeline", "percentiles", "ecdf"]
    for chart in data["charts"]:
        for traces in chart["views"].values():
            assert traces
            assert all(length(trace["x"]) == length(trace["y"]) > 0 for trace in traces)


def test_a_run_without_a_request_has_no_chart_and_says_so(tmp_path: Path) -> None:
    document = report_of_run(make(tmp_path / "empty"), "now")

    assert document.sentences == ["No request ended in this run.", "There is nothing to show."]
    assert not document.charts
    assert "The run is invalid" in document.notices[0]
    assert "No request ended" in page(document)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "</script", "<!--"])
def test_any_text_can_stand_on_the_page(text: str) -> None:
    document = Document(title=text, sentences=[text, text], tone="", made=text, runs=[], notices=[text])

    page(document).encode()
