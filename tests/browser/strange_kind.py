"""A kind of fault that the page has never seen, as `GET /faults/kinds` describes it."""

from __future__ import annotations

from typing import Any


def strange_field(name: str, kind: str, default: Any, **more: Any) -> dict[str, Any]:
    """A field as `GET /faults/kinds` describes it."""
    return {
        "name": name, "option": name, "label": name, "help": "", "type": kind, "unit": None, "min": None,
        "max": None, "min_excluded": False, "nullable": False, "choices": [], "default": default,
        "suggested": default, "usual_max": None, "only_with": None, **more,
    }  # fmt: skip


STRANGE: dict[str, Any] = {
    "kind": "drizzle",
    "label": "drizzle",
    "help": "Send the answer drop by drop.",
    "phrase": "{rate} drizzle[ with {drops} drops][ of {size}]",
    "main_field": "rate",
    "form": "more",
    "example": {"kind": "drizzle", "rate": 0.5, "drops": 9},
    "fields": [
        strange_field("rate", "number", 1.0, unit="share", min=0, max=1),
        strange_field("drops", "integer", 3, min=1, max=50),
        strange_field("size", "choice", "small", choices=["small", "large"]),
    ],
}
"""A kind of fault that only a stranger's application knows."""
