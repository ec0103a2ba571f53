"""A dependency whose process dies, or that is cut off by a firewall."""

from .call import Call
from .connection import close
from .fault import Fault


class Reset(Fault, tag="reset"):
    """Reset the connection: the caller sees ECONNRESET in place of an answer."""

    needs_connection = True

    def inject(self, call: Call) -> None:
        close(call.environ, abruptly=True)
