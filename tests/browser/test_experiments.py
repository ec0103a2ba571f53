"""Experiments on the page, before a real panel: chosen, followed step by step, stopped, judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.panel.test_api import stand

pytestmark = pytest.mark.browser

SLOW_MS = 30_000
"""Starting an experiment imports its program twice: to check, and to run."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield f"{url}/"


def begin(page: Page, file: str) -> None:
    """Choose an experiment and start it."""
    expect(page.locator("#experiment-file option", has_text=file)).to_have_count(1, timeout=SLOW_MS)
    page.get_by_label("Experiment to start").select_option(file)
    page.get_by_role("button", name="Start experiment").click()


def test_it_needs_a_load_and_then_goes_step_by_step_to_its_verdict(opens: Opens, url: str) -> None:
    page = opens(url)
    expect(page.locator("#experiment-hint")).to_have_text(
        "An experiment needs a running load. Start one first."
    )
    expect(page.locator("#experiment-start")).to_be_disabled()
    page.get_by_role("button", name="Start", exact=True).click()
    begin(page, "three-steps")
    verdict = page.locator("#experiment-verdict")
    expect(verdict).to_have_text("passed: all was well", timeout=SLOW_MS)
    expect(page.locator("#experiment-state")).to_have_text("✓ passed")
    expect(page.locator("#experiment-steps li")).to_have_count(3)
    expect(page.locator("#experiment-steps li").nth(1)).to_contain_text("method: ")
    expect(page.locator("#announcer")).to_contain_text("experiment passed: all was well")
    page.reload()
    expect(verdict).to_have_text("passed: all was well")


def test_stop_everything_ends_it_and_keeps_another_from_starting(opens: Opens, url: str) -> None:
    page = opens(url)
    if page.locator("#load-stop").is_disabled():
        page.get_by_role("button", name="Start", exact=True).click()
    begin(page, "endless")
    expect(page.locator("#experiment-state")).to_have_text("● running", timeout=SLOW_MS)
    expect(page.locator("#experiment-stop")).to_be_enabled()
    expect(page.locator("#experiment-steps li")).to_have_count(2, timeout=SLOW_MS)
    page.get_by_role("button", name="Stop everything").click()
    expect(page.locator("#experiment-verdict")).to_have_text("aborted: it was stopped", timeout=SLOW_MS)
    expect(page.locator("#blocked")).to_contain_text("experiment: stopped")
    expect(page.locator("#experiment-start")).to_be_disabled()
    page.get_by_role("button", name="Release").click()
    expect(page.locator("#blocked")).to_be_hidden()


def test_one_that_can_not_be_run_is_refused_in_words(opens: Opens, url: str) -> None:
    page = opens(url)
    if page.locator("#load-stop").is_disabled():
        page.get_by_role("button", name="Start", exact=True).click()
    begin(page, "bad")
    expect(page.locator("#experiment-problem")).to_contain_text('"bad" has no steady state', timeout=SLOW_MS)
