"""What every kind of fault has in common."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from .call import Call
from .effects import Effect
from .match import Match

Unit = Literal["share", "ms", "s"]
"""What a field counts: a share of 1, milliseconds, seconds."""


def setting(
    label: str,
    help_text: str,
    *,
    unit: Unit | None = None,
    suggested: Any = None,
    usual_max: float | None = None,
    only_with: str | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
) -> msgspec.Meta:
    """Describe a field of a fault, as metadata of its type: `Annotated[int, setting("status", …, ge=400)]`.

    `suggested` is what a form starts with, where that is not the default. `usual_max` is where a slider ends,
    where few values are near the largest. `only_with` names another field of the kind, without which this one
    means nothing. The bounds are those of msgspec: `ge` and `le` belong to what is allowed, `gt` does not.
    """
    about = {"unit": unit, "suggested": suggested, "usual_max": usual_max, "only_with": only_with}
    bounds: dict[str, Any] = {"ge": ge, "gt": gt, "le": le}
    meta: msgspec.Meta = msgspec.Meta(title=label, description=help_text, extra=about, **bounds)
    return meta


Rate = Annotated[float, setting("share", "Share of the requests that are hit.", unit="share", ge=0, le=1)]
"""Share of the requests, from 0 (none) to 1 (all)."""


class Fault(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True, kw_only=True):
    """A kind of fault: its settings are the fields, what it does is `effect`, its description the rest.

    The first line of a kind's docstring is its help text.
    """

    rate: Rate = 1.0

    match: Match | msgspec.UnsetType = msgspec.UNSET
    """The requests that it is for, of which `rate` are hit; unset: all."""

    label: ClassVar[str] = ""
    """A heading for the kind, in lower case; "": its name."""

    phrase: ClassVar[str] = ""
    """One such fault in a few words, see `writing.py`; "": the share and the label."""

    main_field: ClassVar[str] = "rate"
    """The field whose value is written right after the kind, as in `latency=200ms`."""

    form: ClassVar[Literal["slider", "more", "none"]] = "more"
    """Where a form shows the kind: with a slider for its main field, among further ones, or nowhere."""

    example: ClassVar[dict[str, Any]] = {"rate": 0.05}
    """Fields of an example for documentation."""

    answers: ClassVar[bool] = True
    """True: the fault answers in the application's place, and one such fault does for a request. False: it
    delays, or otherwise leaves the request to go on."""

    needs_connection: ClassVar[bool] = False
    """True: its `inject` closes the connection, which not every server lets an application do. Of an `effect`
    that is known."""

    def effect(self, draw: float) -> Effect | None:
        """Return what happens to one request; None: nothing. Pure: executors of all kinds carry it out.

        `draw` is the request's random number for this fault, uniform in [0, 1). The type of the effect may
        not depend on it.
        """
        raise NotImplementedError

    def inject(self, call: Call) -> Iterable[bytes] | None:
        """Do to one request what no effect says. Returns the answer's body, or None to let the request go on.

        Only the WSGI middleware can do that: every other executor refuses a kind that defines this.
        """
        raise NotImplementedError

    @classmethod
    def is_of_wsgi(cls) -> bool:
        """Whether the kind defines `inject`."""
        return cls.inject is not Fault.inject

    @classmethod
    def kind(cls) -> str:
        """The name of this kind in a document."""
        return str(cls.__struct_config__.tag)
