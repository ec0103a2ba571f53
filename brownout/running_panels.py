"""The control panel of a harness that runs in another terminal."""

from __future__ import annotations

import os

from brownout.errors import NoPanelError
from brownout.panel_client import PanelClient
from brownout_panel.panel_address import TOKEN_VARIABLE, find

NONE_RUNS = """no control panel is running.

Start one: brownout up
Or name one: --panel http://HOST:PORT/panel, with its token in BROWNOUT_PANEL_TOKEN"""


def panel_at(url: str | None) -> PanelClient:
    """Return the panel at this URL, or the only one that runs. Raises NoPanelError."""
    running = find()
    if url:
        known = next((one.token for one in running if one.url == url.rstrip("/")), "")
        return PanelClient(url, os.environ.get(TOKEN_VARIABLE) or known)
    if not running:
        raise NoPanelError(NONE_RUNS)
    if len(running) > 1:
        urls = "\n".join(f"  --panel {one.url}" for one in running)
        raise NoPanelError(f"{len(running)} control panels are running; choose one:\n\n{urls}")
    return PanelClient(running[0].url, running[0].token)
