"""Fault sets that have a name. The panel offers each, and names a set that is one of them."""

from collections.abc import Mapping
from typing import Any

PRESETS: Mapping[str, list[dict[str, Any]]] = {
    "healthy": [],
    "30 % errors": [{"kind": "error", "rate": 0.3, "status": 503}],
    "slow": [{"kind": "latency", "rate": 1.0, "ms": 300, "jitter_ms": 100, "distribution": "normal"}],
    "brownout": [
        {"kind": "error", "rate": 0.3, "status": 503},
        {"kind": "latency", "rate": 1.0, "ms": 200, "jitter_ms": 50, "distribution": "normal"},
    ],
    "outage": [{"kind": "error", "rate": 1.0, "status": 503}],
}
"""Presets by name, in the order in which they are offered."""
