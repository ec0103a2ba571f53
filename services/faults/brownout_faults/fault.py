"""What every kind of fault has in common."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec

from .call import Call

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""Share of the requests, from 0 (none) to 1 (all)."""


class Fault(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True, kw_only=True):
    """A kind of fault: its settings are the fields, its effect is `inject`."""

    rate: Rate = 1.0
    """Share of the requests that are hit."""

    answers: ClassVar[bool] = True
    """True: the fault answers in the application's place, and one such fault does for a request. False: it
    delays, or otherwise leaves the request to go on."""

    needs_connection: ClassVar[bool] = False
    """True: the fault closes the connection, which not every server lets an application do."""

    def inject(self, call: Call) -> Iterable[bytes] | None:
        """Do it to one request. Returns the body of the answer, or None to let the request go on."""
        raise NotImplementedError

    @classmethod
    def kind(cls) -> str:
        """The name of this kind in a document."""
        return str(cls.__struct_config__.tag)
