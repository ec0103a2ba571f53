"""A dependency behind a narrow line."""

from typing import Annotated, ClassVar

from brownout_faults.effects import Throttle
from brownout_faults.fault import Fault, setting
from brownout_faults.registry import register

KilobytesPerSecond = Annotated[
    float,
    setting("KB/s", "Thousands of bytes a second.", suggested=100, usual_max=1000, ge=0.001, le=1_000_000),
]


@register
class Bandwidth(Fault, tag="bandwidth"):
    """Send the application's answer at so many bytes a second, at most."""

    kb_per_second: KilobytesPerSecond = 100

    label = "narrow lines"
    phrase = "{kb_per_second} KB/s[ on {rate}]"
    main_field = "kb_per_second"
    example: ClassVar = {"kb_per_second": 50, "rate": 0.5}
    answers = False

    def effect(self, _draw: float) -> Throttle:
        return Throttle(self.kb_per_second * 1000)
