"""A report's charts as files: Kaleido draws each in a browser without a window.

Kaleido and a Chromium are asked for only here: whoever wants no pictures needs neither.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .document import Chart
from .themes import themed

FORMATS = ("png", "svg", "pdf")
WIDTH_PX = 1100
SCALES = {"png": 2}
"""Pixels of a picture for each of a chart; other formats have none."""

DEADLINE_S = 60.0
"""Time for each picture."""


class PicturesError(Exception):
    """No pictures can be made here; the message says what to install."""


def browser() -> str:
    """The path of a Chromium. Raises PicturesError if there is none, or nothing that drives it."""
    try:
        import kaleido  # noqa: F401 - whether it is there
        from choreographer.browsers.chromium import Chromium
    except ImportError as error:
        raise PicturesError(
            "pictures are made by Kaleido, and it is not installed\n\n"
            "Install it: pip install 'brownout[pictures]'"
        ) from error
    found = os.environ.get("BROWSER_PATH") or Chromium.find_browser(skip_local=False)
    if found is None or not os.access(found, os.X_OK):
        missing = f'BROWSER_PATH names none: "{found}"' if found else "no Chromium or Chrome was found"
        raise PicturesError(
            f"pictures are made by a browser, and {missing}\n\n"
            "Install one, on Debian and Ubuntu: apt install chromium; elsewhere: kaleido_get_chrome"
        )
    return found


def save_pictures(charts: Sequence[Chart], folder: Path, formats: Sequence[str]) -> list[Path]:
    """Write every chart into the folder, in each of `formats` (of FORMATS); returns the files.

    Raises PicturesError.
    """
    path = browser()
    import kaleido

    wanted = [(chart, folder / f"brownout-{chart.key}.{form}", form) for form in formats for chart in charts]
    pictures: list[dict[str, Any]] = [
        {
            "fig": (figure := themed(chart.figure)).to_dict(),
            "path": file,
            "opts": {
                "format": form,
                "width": WIDTH_PX,
                "height": figure.layout.height,
                "scale": SCALES.get(form, 1),
            },
        }
        for chart, file, form in wanted
    ]
    settings = {
        "path": path,
        "mathjax": False,
        "timeout": DEADLINE_S,
    }  # MathJax would be asked of the network
    try:
        kaleido.write_fig_from_object_sync(pictures, cancel_on_error=True, kopts=settings)
    except (TimeoutError, kaleido.errors.KaleidoError, kaleido.errors.BrowserFailedError) as error:
        raise PicturesError(f"the browser could not make the pictures: {error}") from error
    return [file for _, file, _ in wanted]
