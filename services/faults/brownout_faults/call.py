"""One request, as a fault gets it."""

from collections.abc import Callable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


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
