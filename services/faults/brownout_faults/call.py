"""One request, as a fault gets it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

if TYPE_CHECKING:
    from .selection import Hit


class Call:
    """A request on its way to `app`."""

    def __init__(
        self,
        app: WSGIApplication,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        sleep: Callable[[float], bool],
    ) -> None:
        self.app = app
        self.environ = environ
        self.start_response = start_response
        self.draw = 0.0
        """The random number for the fault that is being injected, uniform in [0, 1)."""
        self.released = False
        """True as soon as the faults were cleared while the request waited: it is to be served normally."""
        self._sleep = sleep

    def wait(self, seconds: float) -> bool:
        """Wait. Returns False, and at once, when the faults are no longer in force."""
        self.released = not self._sleep(seconds)
        return not self.released

    def inject(self, hit: "Hit") -> Iterable[bytes] | None:
        """Let a kind inject itself. Returns its answer; None: the request goes on."""
        self.draw = hit.draw
        return hit.fault.inject(self)
