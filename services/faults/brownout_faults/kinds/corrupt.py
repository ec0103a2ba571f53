"""A dependency that answers 200 with something else than was agreed on."""

from collections.abc import Iterable

from brownout_faults.call import Call
from brownout_faults.fault import Fault
from brownout_faults.registry import register

BODY = b'["Injected corruption",null,{"data":-1}]\n'


@register
class Corrupt(Fault, tag="corrupt"):
    """Answer 200 with valid JSON of the wrong shape, in the application's place."""

    label = "corrupt answers"

    def inject(self, call: Call) -> Iterable[bytes]:
        call.start_response(
            "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
        )
        return [BODY]
