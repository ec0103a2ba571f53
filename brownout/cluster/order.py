"""Messages between this machine and the agent in the cluster."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

RunState = Literal["waiting", "starting", "running", "ended", "failed"]


class Order(msgspec.Struct, frozen=True):
    """The run that the agent must start. Files come with their content: the cluster has none of them."""

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


class RunProgress(msgspec.Struct, frozen=True):
    """How far the run is. `lines` are the progress lines from the requested number on."""

    state: RunState
    lines: list[msgspec.Raw]
    panel: bool = False
    experiment: str | None = None
    """The experiment's name on the panel."""
    folder: str | None = None
    """The run folder's name."""
    code: int = 0
    output: str = ""
    """Why it failed, or the end of what Locust has printed."""


def key_of(token: str) -> str:
    """Hash of a token, for a pod's manifest: whoever reads it can't call the agent with it."""
    return hashlib.sha256(token.encode()).hexdigest()
