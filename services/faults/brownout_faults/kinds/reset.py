"""A dependency whose process dies, or that is cut off by a firewall."""

from brownout_faults.call import Call
from brownout_faults.connection import close
from brownout_faults.fault import Fault
from brownout_faults.registry import register


@register
class Reset(Fault, tag="reset"):
    """Reset the connection: the caller sees ECONNRESET in place of an answer."""

    label = "resets"
    needs_connection = True

    def inject(self, call: Call) -> None:
        close(call.environ, abruptly=True)
