"""A dependency whose connection breaks after a while, as at a limit of a firewall or a load balancer."""

from typing import Annotated, ClassVar

from brownout_faults import effects
from brownout_faults.fault import Fault, setting
from brownout_faults.registry import register

AfterBytes = Annotated[
    int,
    setting(
        "after",
        "Bytes of the answer's body that still arrive; over TCP, bytes of the answer.",
        suggested=1000,
        ge=0,
        le=2**40,
    ),
]


@register
class CutAfter(Fault, tag="cut"):
    """Send so many bytes of the application's answer, then close the connection."""

    after_bytes: AfterBytes = 0

    label = "cut answers"
    phrase = "{rate} answers cut after {after_bytes} bytes"
    example: ClassVar = {"rate": 0.1, "after_bytes": 1000}

    def effect(self, _draw: float) -> effects.Cut:
        return effects.Cut(self.after_bytes)
