"""Reports in a real browser: hostile names stay texts on the page, in its charts, in what is downloaded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from brownout_results.read.locust_csv import read
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import runs_side_by_side
from brownout_results.report.document import Document
from brownout_results.report.html_page import page as page_of
from brownout_results.report.locust_report import report_of_files
from brownout_results.report.run_report import report_of_run
from brownout_results.report.runs import FolderRun
from brownout_results.report.runs_index import write_index
from tests.browser.conftest import Opens
from tests.results.read.locust_csv.files import history, quoted, stats
from tests.results.report.runs import HOSTILE, eventful, hostile

DEADLINE_MS = 90_000
"""A page draws all of its charts before it is ready: on a busy machine that takes its time."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(3 * DEADLINE_MS / 1000)]

LABELS_OUTSIDE = """
    [...document.querySelectorAll(".plot .annotation-text")].filter((label) => {
      const { left, right, width } = label.getBoundingClientRect();
      const plot = label.closest(".plot").getBoundingClientRect();
      return width && (left < plot.left || right > plot.right);
    }).map((label) => label.textContent)
"""

BROKEN_WORDS = """() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(".plot, script, style, option, noscript")) continue;
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}.,%×]+/gu)) {
      if (word[0].length > 30) continue;
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const boxes = [...range.getClientRects()].filter((one) => one.width > 0);
      if (new Set(boxes.map((one) => Math.round(one.top))).size > 1) found.add(word[0]);
    }
  }
  return [...found];
}"""
"""Words of up to 30 letters that are on two lines."""

PAPER_PX = 703
"""The width of A4 without its margins."""

REAL = Path(__file__).parents[1] / "results" / "read" / "locust_csv" / "real"


def hostile_files(folder: Path) -> Document:
    """Locust's files whose endpoints, causes and exceptions are HOSTILE."""
    total = 5 * len(HOSTILE)
    table = stats([*((name, 5, 2) for name in HOSTILE), ("", total, 28)])
    (folder / "x_stats.csv").write_text(table.replace("\nGET,", "\n,"))  # a name comes first in its cell
    rows = [
        (second, name, second * (1 if name else len(HOSTILE)), 0)
        for second in range(6)
        for name in (*HOSTILE, "")
    ]
    (folder / "x_stats_history.csv").write_text(history(rows).replace(",GET,", ",,"))
    causes = "".join(f"GET,{quoted(name)},{quoted(name)},3\r\n" for name in HOSTILE)
    (folder / "x_failures.csv").write_text(f"Method,Name,Error,Occurrences\r\n{causes}")
    messages = "".join(f"3,{quoted(name)},{quoted(name)},local\r\n" for name in HOSTILE)
    (folder / "x_exceptions.csv").write_text(f"Count,Message,Traceback,Nodes\r\n{messages}")
    return report_of_files(read(folder / "x"), HOSTILE[0])


MADE: dict[str, Callable[[Path], Document]] = {
    "files": hostile_files,
    "comparison": lambda folder: report_of_comparison(
        runs_side_by_side([FolderRun(hostile(folder / name)) for name in ("before", "after")]), HOSTILE[0], []
    ),
    "run folder": lambda folder: report_of_run(hostile(folder / "run"), HOSTILE[0]),
}


def opened(opens: Opens, document: Document, folder: Path, width: int = 1280) -> Page:
    path = folder / "report.html"
    path.write_text(page_of(document), "utf-8")
    page = opens("about:blank", viewport={"width": width, "height": 800})
    page.set_default_timeout(DEADLINE_MS)
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector("html[data-ready=yes]", state="attached")
    return page


@pytest.mark.parametrize("kind", MADE)
def test_hostile_names_are_texts_and_nothing_of_them_runs(kind: str, opens: Opens, tmp_path: Path) -> None:
    page = opened(opens, MADE[kind](tmp_path), tmp_path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    for number in range(page.locator(".plot").count()):
        page.locator(".plot").nth(number).hover()
    for number in range(page.locator("select").count()):
        chosen = page.locator("select").nth(number)
        for option in chosen.locator("option").all_text_contents()[:6]:
            chosen.select_option(option)

    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main iframe, main a, main script").count() == 0
    assert page.get_by_text("<script>window.hacked = 1</script>").count() > 0
    assert not [url for url in asked if not url.startswith(("data:", "blob:"))]


@pytest.mark.parametrize("kind", MADE)
def test_no_download_holds_a_formula(kind: str, opens: Opens, tmp_path: Path) -> None:
    page = opened(opens, MADE[kind](tmp_path), tmp_path)
    buttons = page.locator("[data-download], [data-save=csv]")

    seen = 0
    for number in range(buttons.count()):
        with page.expect_download() as download:
            buttons.nth(number).click()
        text = Path(download.value.path()).read_text("utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                seen += cell.startswith("'")
                assert not re.match(r"\s*[=+\-@\t\r]", cell) or re.fullmatch(r"-?[\d.e+-]+", cell), cell
    assert seen >= 5 or kind != "files", "no name was guarded: the download has no hostile name in it"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["0.9.0", "2.2.1-full", "2.47.0-full"])
def test_a_report_of_locust_s_files_fits_a_phone_and_a_screen(
    name: str, width: int, opens: Opens, tmp_path: Path
) -> None:
    page = opened(opens, report_of_files(read(REAL / name), "now"), tmp_path, width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    plots = page.locator(".plot")
    assert plots.count() == page.locator(".plot .main-svg:first-child").count() > 0


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Five runs side by side, of which the timeline is taller than a page."""
    folder = tmp_path_factory.mktemp("runs")
    names = [f"release-candidate-{number}-of-the-pool-with-a-long-name" for number in range(5)]
    return report_of_comparison(
        runs_side_by_side([FolderRun(eventful(folder / name, name)) for name in names]), "now"
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_a_comparison_of_several_fits_a_phone_and_a_screen(
    width: int, several: Document, opens: Opens, tmp_path: Path
) -> None:
    page = opened(opens, several, tmp_path, width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cells = "[...document.querySelectorAll('.judged-table td')]"
    cut = "filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
    assert page.evaluate(f"{cells}.{cut}") == []
    assert page.evaluate(LABELS_OUTSIDE) == []


def test_a_page_is_printed_light_and_open_with_a_chart_a_page_and_without_buttons(
    several: Document, opens: Opens, tmp_path: Path
) -> None:
    page = opened(opens, several, tmp_path)
    page.emulate_media(media="print", color_scheme="dark")

    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    size = page.evaluate(
        "(({width, height}) => [width, height])(document.querySelector('.plot')._fullLayout)"
    )
    assert size[0] == 680
    assert size[1] <= 940
    assert page.locator("button:visible").count() == 0
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 32, 36)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0
    assert page.evaluate("document.querySelector('.plot')._fullLayout.width") > 1000


@pytest.mark.parametrize("kind", ["several", "2.47.0-full", "0.9.0"])
def test_no_word_is_broken_on_paper(kind: str, several: Document, opens: Opens, tmp_path: Path) -> None:
    document = several if kind == "several" else report_of_files(read(REAL / kind), "now")
    page = opened(opens, document, tmp_path, PAPER_PX)
    page.emulate_media(media="print")

    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.evaluate(BROKEN_WORDS) == []


def test_a_page_is_drawn_again_when_its_width_changes(
    several: Document, opens: Opens, tmp_path: Path
) -> None:
    page = opened(opens, several, tmp_path)

    page.set_viewport_size({"width": 390, "height": 800})

    drawn = page.locator(".plot .main-svg").first
    expect(drawn).to_have_attribute("width", re.compile(r"3\d\d(\.\d+)?"), timeout=DEADLINE_MS)


def test_the_index_is_searched_by_every_word_typed(opens: Opens, tmp_path: Path) -> None:
    for label in ("main", "main-slow"):
        eventful(tmp_path / label, label)
    page = opens(write_index(tmp_path).as_uri())

    page.get_by_label("Search").fill("slow MAIN")

    assert page.locator("tbody tr:visible").count() == 1
    assert page.get_by_role("status").text_content() == "1 of 2 entries"
