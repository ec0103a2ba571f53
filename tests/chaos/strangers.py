"""Somebody else's actions, as an experiment may name them."""

import time
from typing import Any


def terminate_nothing() -> list[str]:
    """What chaosk8s answers when its selector matches no pod."""
    return []


def work() -> str:
    """Something was done."""
    return "done"


def fail() -> None:
    """It can't be done."""
    raise RuntimeError("the stranger broke")


def slow(seconds: float = 60.0) -> dict[str, Any]:
    """Something that takes long, and swallows what interrupts it as far as an action can."""
    started = time.monotonic()
    try:
        time.sleep(seconds)
    except Exception:  # noqa: BLE001 - that is the point
        return {"slept": time.monotonic() - started}
    return {"slept": seconds}
