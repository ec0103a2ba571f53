"""Faults as toxics of Toxiproxy 2: which effect becomes which, and which has none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from brownout_faults import ability
from brownout_faults.effects import Break, Cut, Delay, Silence, Throttle
from brownout_faults.fault import Fault

PREFIX = "brownout-"
"""Begins the names of our toxics: others are left alone."""

ALMOST_1 = 1 - 2**-53


class Toxic(msgspec.Struct, frozen=True):
    """A toxic, as Toxiproxy's API takes it."""

    name: str
    type: str
    toxicity: float
    """Share of the connections that it hits."""
    attributes: dict[str, int]
    stream: str = "downstream"


def toxics_of(faults: Sequence[Fault]) -> list[Toxic]:
    """Return the toxics of faults none of which `why_not` refuses."""
    made = []
    for number, fault in enumerate(faults):
        found = _toxic(fault)
        if found is not None:
            kind, attributes = found
            made.append(Toxic(f"{PREFIX}{number}-{kind}", kind, fault.rate, attributes))
    return made


def why_not(fault: Fault) -> str | None:
    """Why Toxiproxy can't do a fault, as the end of a sentence about it; None: it can."""
    if reason := ability.without_http(fault):
        return reason.replace("this dependency is TCP", "Toxiproxy knows TCP only")
    effect = fault.effect(0.5)
    if isinstance(effect, Delay) and _spread_ms(fault) is None:
        return (
            "spreads its delays in a way that Toxiproxy can't; allowed: distribution constant, or uniform "
            "with a jitter no longer than the delay"
        )
    if isinstance(effect, Throttle) and effect.bytes_per_s < 1000:
        return "is slower than 1 KB/s, which is Toxiproxy's least"
    if effect is None:
        return "does nothing, for which Toxiproxy has no toxic"
    return None


def _toxic(fault: Fault) -> tuple[str, dict[str, Any]] | None:
    match fault.effect(0.5):
        case Delay():
            latency, jitter = _spread_ms(fault) or (0, 0)
            return "latency", {"latency": latency, "jitter": jitter}
        case Silence(seconds):
            return "timeout", {"timeout": max(1, round(seconds * 1000))}  # 0 would mean for ever
        case Break():
            return "reset_peer", {"timeout": 0}
        case Throttle(bytes_per_s):
            return "bandwidth", {"rate": round(bytes_per_s / 1000)}
        case Cut(after_bytes) if after_bytes is not None:
            return "limit_data", {"bytes": after_bytes}
    return None


def _spread_ms(fault: Fault) -> tuple[int, int] | None:
    """Latency and jitter of delays that are spread evenly; None: they are spread in another way."""

    def delay_ms(draw: float) -> float:
        effect = fault.effect(draw)
        return effect.seconds * 1000 if isinstance(effect, Delay) else 0.0

    least, middle, most = delay_ms(0.0), delay_ms(0.5), delay_ms(ALMOST_1)
    evenly = all(abs(delay_ms(at) - least - at * (most - least)) < 0.01 for at in (0.25, 0.5, 0.75))
    return (round(middle), round((most - least) / 2)) if evenly else None
