"""From the panel to a run's report and to the list of runs, and none of their scripts can push a button."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opens
from tests.commands.cli import FREE_PORTS, started

pytestmark = pytest.mark.browser

FLEET = ("--backends", "1", "--clients", "1", "--policy", "full")
SLOW_MS = 60_000


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The panel's URL of a running `brownout up`."""
    with started("up", *FREE_PORTS, *FLEET, "--web-port", "0", cwd=tmp_path) as command:
        command.await_text("Control panel:")
        address = re.search(r"Control panel:\s+(http://[\d.:]+/panel/)", command.output)
        assert address
        yield address[1]
        command.note_family()
        command.interrupt()
        command.wait()
        command.await_family_gone()


def test_when_a_run_has_ended_its_book_is_closed_and_shown(opens: Opens, url: str, tmp_path: Path) -> None:
    page = opens(url)
    page.locator("#load-form [name=users]").fill("2")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function("() => document.getElementById('charts').data?.[1].y.length > 3", timeout=SLOW_MS)
    expect(page.locator("#run-book")).to_be_hidden()
    page.get_by_role("button", name="Stop load").click()
    expect(page.locator("#run-book")).to_be_visible(timeout=SLOW_MS)
    (book,) = tmp_path.glob("results/runs/*/book.json")
    document = json.loads(book.read_text())
    assert document["accounts"]
    sign = "✓" if document["balances"] else "⚠"
    expect(page.locator("#run-book")).to_have_text(f"{sign} {document['sentence']}")


def test_a_click_makes_the_report_of_the_run_and_the_list_of_runs_leads_to_it(opens: Opens, url: str) -> None:
    page = opens(url)
    expect(page.locator("#report")).to_be_disabled()
    page.locator("#load-form [name=users]").fill("2")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function("() => document.getElementById('charts').data?.[1].y.length > 3", timeout=SLOW_MS)
    page.get_by_role("button", name="Stop load").click()
    expect(page.locator("#load-state")).not_to_contain_text("running", timeout=SLOW_MS)
    with page.context.expect_page(timeout=SLOW_MS) as opened:
        page.get_by_role("button", name="Report").click()
    report = opened.value
    report.wait_for_url(re.compile(r"/panel/runs/[^/]+/report\.html$"), timeout=SLOW_MS)
    expect(report.locator("h1")).to_be_visible()
    expect(report.locator(".main-svg").first).to_be_visible(timeout=SLOW_MS)  # its scripts run
    assert report.evaluate("self.origin") == "null"
    refused = report.evaluate(
        "url => fetch(url, {method: 'POST'}).then(r => String(r.status), e => e.message)",
        f"{url}api/release",
    )
    assert refused in ("403", "Failed to fetch")
    with page.context.expect_page(timeout=SLOW_MS) as listed:
        page.get_by_role("link", name="All runs").click()
    runs = listed.value
    runs.locator(f"a[href='{report.url.split('/')[-2]}/report.html']").first.click()
    expect(runs).to_have_url(report.url)
