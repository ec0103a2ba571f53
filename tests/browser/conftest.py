"""Debian's Chromium, once a module; each test gets a window of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.standin import StandIn, serving

CHROMIUM = "chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DEADLINE_MS = 15_000

Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which(CHROMIUM)
    if path is None:
        pytest.skip("there is no `chromium` on PATH; on Debian: apt install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """`opens(url, **options of the window)`; a test fails when its page complains on the console."""
    complaints: list[str] = []
    contexts = []

    def new_page(url: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(DEADLINE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(url)
        return page

    yield new_page
    for context in contexts:
        context.close()
    # That the panel can't be reached, or refuses something, is what some tests are about.
    mine = [text for text in complaints if "Failed to load resource" not in text and "net::ERR" not in text]
    assert not mine


@pytest.fixture
def panel() -> Iterator[StandIn]:
    with serving() as standin:
        yield standin
