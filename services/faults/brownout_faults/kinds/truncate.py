"""A dependency that dies in the middle of its answer."""

from brownout_faults.effects import Cut
from brownout_faults.fault import Fault
from brownout_faults.registry import register


@register
class Truncate(Fault, tag="truncate"):
    """Announce the application's whole answer, send half of the body, and close the connection.

    An answer without a body is sent as it is. The middlewares hold the answer in memory; the proxy does not,
    and cuts one whose length isn't announced within its first piece.
    """

    label = "truncated answers"

    def effect(self, _draw: float) -> Cut:
        return Cut()
