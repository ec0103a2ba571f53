"""A dependency that takes the request and never answers."""

from typing import Annotated

from msgspec import Meta

from .call import Call
from .connection import close
from .fault import Fault


class Hang(Fault, tag="hang"):
    """Keep the caller waiting, then close the connection without an answer."""

    limit_s: Annotated[float, Meta(gt=0, le=3600)] = 60.0
    """Seconds after which the connection is closed, so that hung requests can't pile up for ever."""

    needs_connection = True

    def inject(self, call: Call) -> None:
        if call.wait(self.limit_s):
            close(call.environ)
