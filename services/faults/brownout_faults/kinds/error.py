"""A dependency that answers, quickly, that it can't."""

from typing import Annotated, ClassVar

import msgspec

from brownout_faults.effects import Reply
from brownout_faults.fault import Fault, setting
from brownout_faults.registry import register

BODY = b'{"error":"Injected failure"}\n'

RetryAfter = Annotated[
    int,
    setting(
        "Retry-After", "Time in a `Retry-After` header; none: no such header.", unit="s", ge=0, le=86_400
    ),
]


@register
class Error(Fault, tag="error"):
    """Answer with an error status in the application's place."""

    status: Annotated[int, setting("status", "HTTP status code.", suggested=503, ge=400, le=599)] = 500
    retry_after_s: RetryAfter | None = None

    label = "errors"
    phrase = "{rate} errors {status}[ (Retry-After {retry_after_s})]"
    form = "slider"
    example: ClassVar = {"rate": 0.3, "status": 503, "retry_after_s": 2}

    def effect(self, _draw: float) -> Reply:
        answer = Reply(self.status, BODY)
        if self.retry_after_s is None:
            return answer
        later = ("Retry-After", str(self.retry_after_s))
        return msgspec.structs.replace(answer, headers=(*answer.headers, later))
