"""A dependency that answers, quickly, that it can't."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta
from werkzeug.http import HTTP_STATUS_CODES

from .call import Call
from .fault import Fault

BODY = b'{"error":"Injected failure"}\n'


class Error(Fault, tag="error"):
    """Answer with an error status in the application's place."""

    status: Annotated[int, Meta(ge=400, le=599)] = 500
    """HTTP status code."""

    retry_after_s: Annotated[int, Meta(ge=0, le=86_400)] | None = None
    """Seconds to put into a `Retry-After` header; None: no such header."""

    def inject(self, call: Call) -> Iterable[bytes]:
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
        if self.retry_after_s is not None:
            headers.append(("Retry-After", str(self.retry_after_s)))
        call.start_response(f"{self.status} {HTTP_STATUS_CODES.get(self.status, 'Injected')}", headers)
        return [BODY]
