"""A dependency that takes the request and never answers."""

from typing import Annotated, ClassVar

from brownout_faults import effects
from brownout_faults.fault import Fault, setting
from brownout_faults.registry import register

Limit = Annotated[
    float,
    setting(
        "for at most",
        "Time after which the connection is closed, so that hung requests can't pile up for ever.",
        unit="s",
        gt=0,
        le=3600,
    ),
]


@register
class Hang(Fault, tag="hang"):
    """Keep the caller waiting, then close the connection without an answer."""

    limit_s: Limit = 60.0

    label = "hangs"
    example: ClassVar = {"rate": 0.1, "limit_s": 5}

    def effect(self, _draw: float) -> effects.Silence:
        return effects.Silence(self.limit_s)
