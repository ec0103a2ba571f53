"""A dependency whose process dies, or that is cut off by a firewall."""

from brownout_faults import effects
from brownout_faults.fault import Fault
from brownout_faults.registry import register


@register
class Reset(Fault, tag="reset"):
    """Reset the connection: the caller sees ECONNRESET in place of an answer."""

    label = "resets"

    def effect(self, _draw: float) -> effects.Break:
        return effects.Break()
