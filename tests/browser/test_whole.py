"""The page before the real thing: `brownout up`, from the first click to all faults cleared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.browser.test_page import ERRORS, drag
from tests.commands.cli import FREE_PORTS, started

pytestmark = pytest.mark.browser

FLEET = ("--backends", "2", "--clients", "2", "--policy", "full", "--restart-delay", "0.5")
SLOW_MS = 25_000


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The panel's URL of a running `brownout up`."""
    with started("up", *FREE_PORTS, *FLEET, "--web-port", "0", cwd=tmp_path) as command:
        command.await_text("Locust is ready")
        address = re.search(r"Locust is ready: (http://[\d.:]+)", command.output)
        assert address
        yield f"{address[1]}/panel/"
        command.note_family()
        command.interrupt()
        command.wait()
        command.await_family_gone()


def await_chart(page: Page, condition: str) -> None:
    """Wait until the chart's last second fulfils a condition on `good` and `all`, both per second."""
    page.wait_for_function(
        f"""() => {{
          const [, throughput, goodput] = document.getElementById('charts').data ?? [];
          const good = goodput?.y.at(-1); const all = throughput?.y.at(-1);
          return all > 0 && ({condition});
        }}""",
        timeout=SLOW_MS,
    )


def test_an_operator_breaks_watches_kills_reloads_and_clears(opens: Opens, url: str) -> None:
    page = opens(url)
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    expect(page.locator("#replicas-count")).to_have_text("4 of 4 ready")
    page.locator("#load-form [name=users]").fill("10")
    page.locator("#load-form [name=spawn_rate]").fill("10")
    page.get_by_role("button", name="Start", exact=True).click()
    await_chart(page, "good > 0.9 * all")

    drag(page, page.get_by_label(f"{ERRORS}, slider"), 20, 20)
    expect(page.locator("#faults-status")).to_have_text("✓ applied 2 of 2")
    await_chart(page, "good < 0.5 * all")
    tile = page.locator("#breaker-tiles li").first
    expect(page.locator("#breaker-tiles li[data-state=open]")).not_to_have_count(0, timeout=SLOW_MS)

    page.get_by_role("button", name="Kill backend-0").click()
    page.locator("#kill-confirm").click()
    expect(page.locator("#events li", has_text="kill backend-0")).to_have_count(1)
    row = page.locator("#replica-rows tr", has_text="backend-0")
    expect(row.locator(".restarts")).to_have_text("1", timeout=SLOW_MS)
    expect(row.locator(".replica-status")).to_contain_text("✓ faults", timeout=SLOW_MS)

    shown = page.locator("#events li", has_text="open:").count()
    page.reload()
    expect(page.get_by_label(ERRORS, exact=True)).to_have_value("100")
    expect(page.locator("#events li", has_text="kill backend-0")).to_have_count(1)
    assert page.locator("#events li", has_text="open:").count() >= shown

    page.get_by_role("button", name="Clear all faults").click()
    expect(page.get_by_label(ERRORS, exact=True)).to_have_value("0", timeout=SLOW_MS)
    expect(tile).to_have_attribute("data-state", "closed", timeout=SLOW_MS)
    await_chart(page, "good > 0.9 * all")
    page.get_by_role("button", name="Stop load").click()
    expect(page.locator("#load-state")).not_to_contain_text("running", timeout=SLOW_MS)
