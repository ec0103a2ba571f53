"""The way to an injector's control URLs, by what its URL says it is."""

from __future__ import annotations

from brownout_panel.replica_http import Link
from brownout_panel.toxiproxy import SCHEME, ToxiproxyLink

AnyLink = Link | ToxiproxyLink


def link_to(url: str) -> AnyLink:
    """Return a link to the control URLs at `url`; a context manager."""
    return ToxiproxyLink(url) if url.startswith(f"{SCHEME}:") else Link(url)
