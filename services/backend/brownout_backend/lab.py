"""The original lab's two settings, a failure rate and a delay, as a view of the fault set.

They read and write the first `error` and the first `latency` fault of the set; all else in it stays.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType, field, structs

from brownout_faults.fault import Fault, Rate
from brownout_faults.kinds.error import Error
from brownout_faults.kinds.latency import Latency, Milliseconds

F = TypeVar("F", bound=Fault)


class LabConfig(msgspec.Struct, frozen=True):
    """What `GET /config/get` answers; the fields' order is the lab's."""

    failure_rate: float
    status_code: int
    delay_ms: int
    delay_rate: float


class LabForm(msgspec.Struct, forbid_unknown_fields=True):
    """Body of a POST: some fields of one fault, under the lab's names. What is absent keeps its value."""

    initial: ClassVar[Fault]
    """The fault to start from when the set has none of its kind: the lab's defaults."""

    def changes(self) -> dict[str, object]:
        """The fields that the body names."""
        return {name: value for name, value in structs.asdict(self).items() if value is not UNSET}


class FailureForm(LabForm):
    """Body of `POST /config/failure`."""

    rate: Rate | UnsetType = field(default=UNSET, name="failure_rate")
    status: Annotated[int, Meta(ge=400, le=599)] | UnsetType = field(default=UNSET, name="status_code")

    initial = Error(rate=0.0, status=500)


class LatencyForm(LabForm):
    """Body of `POST /config/latency`."""

    ms: Milliseconds | UnsetType = field(default=UNSET, name="delay_ms")
    rate: Rate | UnsetType = field(default=UNSET, name="delay_rate")

    initial = Latency(rate=0.0, ms=0)


def config(faults: Sequence[Fault]) -> LabConfig:
    """The lab's view of a fault set."""
    error = _first(faults, Error) or FailureForm.initial
    latency = _first(faults, Latency) or LatencyForm.initial
    return LabConfig(error.rate, error.status, latency.ms, latency.rate)


def edit(faults: Sequence[Fault], form: LabForm) -> Sequence[Fault]:
    """The fault set with the form's changes made."""
    present = _first(faults, type(form.initial))
    changed = structs.replace(present or form.initial, **form.changes())
    if present is None:
        return (*faults, changed)
    return [changed if fault is present else fault for fault in faults]


def _first(faults: Sequence[Fault], kind: type[F]) -> F | None:
    return next((fault for fault in faults if isinstance(fault, kind)), None)
