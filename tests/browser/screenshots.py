"""Takes the pictures of docs/images from real runs: the panel during a fault, and the demo's comparison.

    make pictures

which is `python -m tests.browser.screenshots [FOLDER]`. It needs Chromium, and takes about three minutes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.commands.cli import FREE_PORTS, started
from tests.servers import ROOT

IMAGES = ROOT / "docs" / "images"
FLEET = ("--backends", "4", "--clients", "2", "--policy", "full", "--web-port", "0")
SIZES: dict[str, Any] = {"wide": {"width": 1440, "height": 1060}, "narrow": {"width": 390, "height": 1500}}
LONG_MS = 60_000
DEMO_S = 300
COMPARISONS: dict[str, tuple[str, Any]] = {
    "wide": ("wide", "light"),
    "narrow": ("narrow", "light"),
    "dark": ("wide", "dark"),
}


def main() -> None:
    """Take every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    the_panel(folder)
    the_comparison(folder)


def the_panel(folder: Path) -> None:
    """A baseline, a brownout, an outage in which the breakers open, a kill; then the pictures."""
    with tempfile.TemporaryDirectory() as cwd, started("up", *FREE_PORTS, *FLEET, cwd=Path(cwd)) as command:
        command.await_text("Control panel:")
        address = re.search(r"Control panel:\s+(\S+)", command.output)
        assert address
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=ARGUMENTS)
            act(browser.new_page(viewport=SIZES["wide"]), address[1])
            for size in SIZES:
                for scheme in ("light", "dark"):
                    take(browser, address[1], size, scheme, folder)
            browser.close()
        command.interrupt()
        command.wait()


def the_comparison(folder: Path) -> None:
    """The demo's report: wide and narrow in the light, wide in the dark."""
    with tempfile.TemporaryDirectory() as cwd:
        command = [sys.executable, "-P", "-m", "brownout", "demo", *FREE_PORTS]
        subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL, timeout=DEMO_S)
        (report,) = Path(cwd).glob("results/comparisons/*/report.html")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=ARGUMENTS)
            for name, (size, scheme) in COMPARISONS.items():
                context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)
                page = context.new_page()
                page.goto(report.as_uri())
                page.locator(".main-svg").first.wait_for()
                page.screenshot(path=folder / f"comparison-{name}.png")
                context.close()
            browser.close()


def act(page: Page, url: str) -> None:
    """What an operator does until the moment of the pictures."""
    page.goto(url)
    page.get_by_label("arrivals", exact=True).check()
    page.locator("#load-form [name=arrival_rate]").fill("60")
    page.get_by_role("button", name="Start", exact=True).click()
    mark(page, "baseline")
    page.wait_for_timeout(15_000)
    mark(page, "fault")
    page.get_by_role("button", name="brownout", exact=True).click()
    page.wait_for_timeout(12_000)
    page.get_by_role("button", name="outage", exact=True).click()
    page.wait_for_timeout(8_000)
    page.get_by_role("button", name="brownout", exact=True).click()
    page.wait_for_timeout(6_000)
    page.get_by_role("button", name="Kill backend-1").click()
    page.locator("#kill-confirm").click()
    row = page.locator("#replica-rows tr", has_text="backend-1")
    expect(row.locator(".replica-status")).to_contain_text("after its restart", timeout=LONG_MS)
    page.wait_for_timeout(3_000)


def mark(page: Page, phase: str) -> None:
    page.get_by_role("button", name="Mark…").click()
    page.keyboard.type(phase)
    page.keyboard.press("Enter")


def take(browser: Browser, url: str, size: str, scheme: Any, folder: Path) -> None:
    """One picture."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)
    page = context.new_page()
    page.goto(url)
    page.locator("#charts .main-svg").first.wait_for()
    expect(page.locator("#experiment-file option")).not_to_have_count(0, timeout=LONG_MS)
    page.wait_for_timeout(1_000)
    page.screenshot(path=folder / f"panel-{size}-{scheme}.png")
    page.screenshot(path=folder / f"whole-{size}-{scheme}.png", full_page=True)
    context.close()


if __name__ == "__main__":
    main()
