"""The injector for WSGI: middleware around the application that is to be faulty."""

import time
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from . import ability, connection
from .active_faults import ActiveFaults
from .call import Call
from .capacity import Capacity
from .control import control
from .course import Close, Ending, course
from .effects import Cut, Reply
from .fault import Fault
from .match import RequestFacts
from .paths import CONTROL_PATH, EXEMPT, Paths
from .selection import Hit
from .state import FaultState
from .throttling import pieces


class FaultInjector:
    """Inject faults into the requests of `app`: `app.wsgi_app = FaultInjector(app.wsgi_app)`.

    It serves the fault set itself, at `control_path`, and what kinds of fault there are below it, at `/kinds`
    (see the package's documentation). `exempt` are paths
    that are never faulted; one that ends in "/*" stands for all below it. `seed` is for fault sets that name
    none: an integer makes the faults repeatable, None leaves them to chance. `capacity` limits how many
    requests are served at once, faulty ones included; None: nothing does. `dependency` is the name by which a
    fault's match may ask for this application. `clock` gives seconds and never goes back; leases are measured
    with it.

    It works under threads, and under gevent once the standard library is monkey-patched, as a server for
    gevent does.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        control_path: str = CONTROL_PATH,
        exempt: Iterable[str] = EXEMPT,
        seed: int | None = None,
        capacity: Capacity | None = None,
        dependency: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = FaultState(seed=seed, clock=clock, capacity=capacity, dependency=dependency)
        self._app = app
        self._capacity = capacity
        self._paths = Paths(control_path, exempt)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if self._paths.is_exempt(path):
            return self._app(environ, start_response)
        if endpoint := self._paths.control(path):
            return control(endpoint, self.state, environ, _ability(environ))(environ, start_response)
        state = self.state
        state.started.add()
        try:
            if self._capacity is not None:
                return self._capacity.serve(self._inject, environ, start_response)
            if not state.active.here:
                return self._app(environ, start_response)
            return self._inject(environ, start_response)
        finally:
            state.finished.add()

    def _inject(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the request be hit by what is in force now; once that ends, it is served as if nothing was."""
        active, hits = self.state.select(_facts(environ))
        steps = course(hits)
        call = Call(self._app, environ, start_response, active.sleep)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Hit):
                    answer = call.inject(step)
                    if answer is not None and not call.released:
                        return answer
                    step = steps.send(not call.released)
                else:
                    step = steps.send(call.wait(step.seconds))
        except StopIteration as stop:
            return _end(stop.value, call, active)


def _end(ending: Ending, call: Call, active: ActiveFaults) -> Iterable[bytes]:
    """Carry out what is left to do after all waits."""
    match ending.effect:
        case Reply() as answer:
            return _respond(answer, call.start_response)
        case Close(abruptly):
            connection.close(call.environ, abruptly=abruptly)
        case Cut() as cut:
            body = _cut_short(call, cut)
        case None:
            body = call.app(call.environ, call.start_response)
    return body if ending.bytes_per_s is None else _throttled(body, ending.bytes_per_s, active.sleep)


def _respond(answer: Reply, start_response: StartResponse) -> Iterable[bytes]:
    reason = HTTP_STATUS_CODES.get(answer.status, "Injected")
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    start_response(f"{answer.status} {reason}", headers)
    return [answer.body]


def _cut_short(call: Call, cut: Cut) -> Iterable[bytes]:
    answer = Response.from_app(call.app, call.environ, buffered=True)
    body = answer.get_data()
    end = len(body) // 2 if cut.after_bytes is None else cut.after_bytes
    if end >= len(body):
        return answer(call.environ, call.start_response)
    answer.headers["Content-Length"] = str(len(body))
    call.start_response(answer.status, answer.headers.to_wsgi_list())
    return _beginning(body[:end], call.environ)


def _beginning(part: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield part  # by the time a server asks for more, it has sent this
    connection.close(environ)


def _throttled(body: Iterable[bytes], bytes_per_s: float, sleep: Callable[[float], bool]) -> Iterator[bytes]:
    """The body, in pieces each of which is sent once its time has come; at once when the faults ended."""
    goes_on = True
    try:
        for whole in body:
            for piece in pieces(whole, bytes_per_s):
                goes_on = goes_on and sleep(len(piece) / bytes_per_s)
                yield piece
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def _facts(environ: WSGIEnvironment) -> RequestFacts:
    def header(name: str) -> str | None:
        key = name.upper().replace("-", "_")
        in_cgi = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        value: str | None = environ.get(in_cgi)
        return value

    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    return RequestFacts(environ["REQUEST_METHOD"], path, header)


def _ability(environ: WSGIEnvironment) -> ability.Ability:
    if connection.accessible(environ):
        return lambda _: None
    server = environ.get("SERVER_SOFTWARE", "")

    def able(fault: Fault) -> str | None:
        return ability.without_connection(fault, server, connection.SERVERS)

    return able
