"""A dependency that answers 200 with something else than was agreed on."""

from collections.abc import Iterable

from .call import Call
from .fault import Fault

BODY = b'["Injected corruption",null,{"data":-1}]\n'


class Corrupt(Fault, tag="corrupt"):
    """Answer 200 with valid JSON of the wrong shape, in the application's place."""

    def inject(self, call: Call) -> Iterable[bytes]:
        call.start_response(
            "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
        )
        return [BODY]
