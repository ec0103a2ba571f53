"""A report's charts as files: the page's buttons for them are pressed, in a browser without a window.

Playwright and a Chromium are asked for only here: whoever wants no pictures needs neither.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

FORMATS = ("png", "svg")
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DEADLINE_S = 60.0
"""Time for the page to draw all charts, and for each picture."""


class PicturesError(Exception):
    """No pictures can be made here; the message says what to install."""


def browser() -> str:
    """The path of a Chromium. Raises PicturesError if there is none, or nothing that drives it."""
    try:
        import playwright.sync_api  # noqa: F401 - whether it is there
    except ImportError as error:
        raise PicturesError(
            "pictures are made by a browser, which Playwright drives, and Playwright is not installed\n\n"
            "Install it: pip install playwright"
        ) from error
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise PicturesError(
            f"pictures are made by a browser, and none of {', '.join(BROWSERS)} is on PATH\n\n"
            "Install one, on Debian and Ubuntu: apt install chromium"
        )
    return found


def save_pictures(page: Path, formats: Sequence[str]) -> list[Path]:
    """Write every chart of the report `page` beside it, in each of `formats` (of FORMATS); returns the files.

    Raises PicturesError.
    """
    path = browser()
    from playwright.sync_api import Error, sync_playwright

    # Chromium refuses to run as root in its sandbox; the page is a file that we wrote, and loads nothing.
    arguments = ["--disable-gpu", "--disable-background-networking"] + ["--no-sandbox"] * (os.geteuid() == 0)
    written = []
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=arguments)
            view = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
            view.set_default_timeout(DEADLINE_S * 1000)
            view.goto(page.resolve().as_uri())
            view.wait_for_selector("html[data-ready=yes]", state="attached")
            for form in formats:
                for button in view.locator(f'button[data-save="{form}"]').all():
                    with view.expect_download() as download:
                        button.click()
                    written.append(page.parent / download.value.suggested_filename)
                    download.value.save_as(written[-1])
            chromium.close()
    except Error as error:
        raise PicturesError(f"the browser could not make the pictures: {error.message}") from error
    return written
