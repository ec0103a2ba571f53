"""What goes between here and the agent in the cluster."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

State = Literal["waiting", "starting", "running", "ended", "failed"]


class Order(msgspec.Struct, frozen=True):
    """What the agent shall run. Files come with their content: the cluster has none of ours."""

    locust: list[str]
    label: str
    run_time_s: float | None
    target: str
    """The service's URL as the workers see it."""
    workers: int
    client_selector: str
    backend_selector: str
    port: int
    locustfile: str | None = None
    experiment: tuple[str, dict[str, Any]] | None = None
    """Name and document, which was checked."""


class News(msgspec.Struct, frozen=True):
    """How it goes. `lines` are the progress lines from the one asked for on."""

    state: State
    lines: list[msgspec.Raw]
    panel: bool = False
    experiment: str | None = None
    """The experiment's name on the panel."""
    folder: str | None = None
    """The run folder's name."""
    code: int = 0
    words: str = ""
    """Why it failed, or the end of what Locust has printed."""


def key_of(token: str) -> str:
    """What a pod's manifest may show of a token: who can read it can't call the agent."""
    return hashlib.sha256(token.encode()).hexdigest()
