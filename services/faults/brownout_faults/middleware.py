"""The injector: WSGI middleware around the application that is to be faulty."""

import time
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from .call import Call
from .capacity import Capacity
from .control import control, describe_kinds
from .state import FaultState

EXEMPT = ("/healthz", "/readyz", "/metrics")
"""Paths that are never faulted unless told otherwise: those that orchestrators and monitoring ask."""


class FaultInjector:
    """Inject faults into the requests of `app`: `app.wsgi_app = FaultInjector(app.wsgi_app)`.

    It serves the fault set itself, at `control_path`, and what kinds of fault there are below it, at `/kinds`
    (see the package's documentation). `exempt` are paths
    that are never faulted; one that ends in "/*" stands for all below it. `seed` is for fault sets that name
    none: an integer makes the faults repeatable, None leaves them to chance. `capacity` limits how many
    requests are served at once, faulty ones included; None: nothing does. `clock` gives seconds and never
    goes back; leases are measured with it.

    It works under threads, and under gevent once the standard library is monkey-patched, as a server for
    gevent does.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        control_path: str = "/faults",
        exempt: Iterable[str] = EXEMPT,
        seed: int | None = None,
        capacity: Capacity | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = FaultState(seed=seed, clock=clock, capacity=capacity)
        self._app = app
        self._capacity = capacity
        self._control_path = control_path
        self._kinds_path = f"{control_path}/kinds"
        paths = tuple(exempt)
        self._exempt = frozenset(path for path in paths if not path.endswith("/*"))
        self._exempt_below = tuple(path.removesuffix("*") for path in paths if path.endswith("/*"))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in self._exempt or path.startswith(self._exempt_below):
            return self._app(environ, start_response)
        if path == self._control_path:
            return control(self.state, environ, start_response)
        if path == self._kinds_path:
            return describe_kinds(environ, start_response)
        state = self.state
        state.started.add()
        try:
            if self._capacity is not None:
                return self._capacity.serve(self._inject, environ, start_response)
            if not state.active.faults:
                return self._app(environ, start_response)
            return self._inject(environ, start_response)
        finally:
            state.finished.add()

    def _inject(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the request be hit by what is in force now; once that ends, it is served as if nothing was."""
        active, hits = self.state.select()
        call = Call(self._app, environ, start_response, active.sleep)
        for fault, call.draw in hits:
            answer = fault.inject(call)
            if call.released:
                break
            if answer is not None:
                return answer
        return self._app(environ, start_response)
