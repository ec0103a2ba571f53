"""The fault set as one JSON document."""

import functools
from typing import Annotated, Any, Union

import msgspec
from msgspec import Meta

from .fault import Fault
from .registry import kinds

MAX_FAULTS = 32
"""Faults in one set; each costs every request a random number."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exact."""


class FaultDocument(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A fault set as it is sent; it replaces the one that was there."""

    faults: Annotated[tuple[Fault, ...], Meta(max_length=MAX_FAULTS)]
    """Their order matters: see `selection.select`."""

    seed: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] | None = None
    """The same seed and the same order of requests give the same faults; None: the injector's own seed, and
    without one, chance."""

    revision: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] | None = None
    """A number that the writer gives this set, to recognise it by; None: one more than the present one."""

    lease_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    """Seconds after which the set ends by itself unless it is sent again; None: it stays until changed."""


def document_type() -> type[FaultDocument]:
    """Return the type to read a document as: one whose faults are of the kinds that there are now."""
    made: type[FaultDocument] = _document_type(kinds())
    return made


@functools.cache
def _document_type(known: tuple[type[Fault], ...]) -> Any:
    any_fault: Any = Union[known]  # noqa: UP007 - of a tuple that is known only now
    faults = Annotated[tuple[any_fault, ...], Meta(max_length=MAX_FAULTS)]
    return msgspec.defstruct("FaultDocument", [("faults", faults)], bases=(FaultDocument,), kw_only=True)
