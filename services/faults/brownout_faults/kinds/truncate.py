"""A dependency that dies in the middle of its answer."""

from collections.abc import Iterable, Iterator
from wsgiref.types import WSGIEnvironment

from werkzeug.wrappers import Response

from brownout_faults.call import Call
from brownout_faults.connection import close
from brownout_faults.fault import Fault
from brownout_faults.registry import register


@register
class Truncate(Fault, tag="truncate"):
    """Announce the application's whole answer, send half of the body, and close the connection.

    The application runs, and its answer is held in memory. One without a body is sent as it is.
    """

    label = "truncated answers"
    needs_connection = True

    def inject(self, call: Call) -> Iterable[bytes]:
        answer = Response.from_app(call.app, call.environ, buffered=True)
        body = answer.get_data()
        if not body:
            return answer(call.environ, call.start_response)
        answer.headers["Content-Length"] = str(len(body))
        call.start_response(answer.status, answer.headers.to_wsgi_list())
        return _cut_short(body[: len(body) // 2], call.environ)


def _cut_short(part: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield part  # by the time a server asks for more, it has sent this
    close(environ)
