"""What a test orders of the plugin's users."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USERS = Path(__file__).with_name("users.py")
"""The users' locustfile; importing it would patch the process."""

VARIABLE = "BROWNOUT_PYTEST_ORDER"
"""File with the order, which the users read when a load begins."""


@dataclass(frozen=True)
class VisitOrder:
    """A request, and how it is repeated."""

    path: str = "/"
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    think_time_s: float = 0.1
    timeout_s: float = 60.0
