"""What Locust's exports say, whatever their format."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .history_file import Key, is_total
from .run import Floats
from .written_numbers import LARGEST


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export says about one endpoint."""

    requests: int
    failed: int
    mean_ms: float | None
    min_ms: float | None
    max_ms: float | None
    size: float | None = None
    """Mean content size in bytes."""

    rate: float | None = None
    """Requests per second of the whole run."""

    histogram: Mapping[float, int] = field(default_factory=dict)
    percentiles_ms: Mapping[float, float] = field(default_factory=dict)
    answered: Mapping[int, int] = field(default_factory=dict)
    """Requests that ended, by second since the epoch."""
    failed_in: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class ExportedHistory:
    """What an HTML report draws: a row every five seconds, each a mean of about the ten before it."""

    stamps: Floats
    """Seconds since the epoch, ascending, from 1970 on if the date is not known."""

    users: Floats
    rates: Floats
    """Requests per second."""

    failure_rates: Floats
    percentiles_ms: Mapping[float, Floats]


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an export says."""

    endpoints: Mapping[Key, Exported]
    target: str | None = None
    failures: Sequence[Failure] = ()
    exceptions: Sequence[UserException] = ()
    history: ExportedHistory | None = None
    began: float | None = None
    """Seconds since the epoch of the start and of the last request, as far as they are known."""

    ended: float | None = None
    is_dated: bool = True
    """Whether they are UTC; if not, they are a local time of nobody knows where."""

    def counted(self) -> tuple[int, int]:
        """How many requests it counts, and how many of them failed."""
        total = [one for key, one in self.endpoints.items() if is_total(*key)]
        counted = total[:1] or list(self.endpoints.values())
        return sum(one.requests for one in counted), sum(one.failed for one in counted)


def percentile_of(histogram: Mapping[float, int], percent: float) -> float:
    """Return a percentile as Locust computes it."""
    count = sum(histogram.values())
    left = math.floor(count * (100 - percent) / 100 + 1e-9)
    for duration in sorted(histogram, reverse=True):
        left -= histogram[duration]
        if left < 0:
            return duration
    return min(histogram)


def history_of(
    stamps: Sequence[float],
    columns: Mapping[str, Sequence[float]],
    percentiles: Mapping[float, Sequence[float]],
    began: float | None,
) -> ExportedHistory | None:
    """Return the rows after the start, the last of each moment; None if there is none."""
    moments = np.array(stamps, np.float64)
    good = np.isfinite(moments) & (moments >= (-np.inf if began is None else began))
    good &= np.append(np.diff(moments) != 0, np.ones(min(len(moments), 1), bool))
    rows = np.flatnonzero(good)
    rows = rows[np.argsort(moments[rows], kind="stable")]
    if not len(rows):
        return None
    return ExportedHistory(
        stamps=moments[rows],
        users=_column(columns["user_count"], rows),
        rates=np.nan_to_num(_column(columns["current_rps"], rows)),
        failure_rates=np.nan_to_num(_column(columns["current_fail_per_sec"], rows)),
        percentiles_ms={percent: _column(values, rows) for percent, values in sorted(percentiles.items())},
    )


def _column(values: Sequence[float], rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    return np.array(values, np.float64)[rows]


def number(value: object) -> float | None:
    """A finite number, from what a report has in its place; None if it is none."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, list):
        value = value[-1] if value else None
    try:
        found = float(value)  # type: ignore[arg-type] # what it is not is an error that is caught
    except (TypeError, ValueError):
        return None
    return found if abs(found) < LARGEST else None


def whole(value: object) -> int:
    """A count. Raises ValueError for what is none, such as a negative one, and TypeError."""
    found = float(value)  # type: ignore[arg-type] # what it is not is an error that is caught
    if not 0 <= found < LARGEST:
        raise ValueError(f"{value} is not a count")
    return int(found)


def numbers(values: Sequence[object]) -> list[float]:
    """The same of many; NaN for what is none."""
    return [math.nan if (one := number(value)) is None else one for value in values]
