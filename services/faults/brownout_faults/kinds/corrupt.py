"""A dependency that answers 200 with something else than was agreed on."""

from brownout_faults.effects import Reply
from brownout_faults.fault import Fault
from brownout_faults.registry import register

BODY = b'["Injected corruption",null,{"data":-1}]\n'


@register
class Corrupt(Fault, tag="corrupt"):
    """Answer 200 with valid JSON of the wrong shape, in the application's place."""

    label = "corrupt answers"

    def effect(self, _draw: float) -> Reply:
        return Reply(200, BODY)
