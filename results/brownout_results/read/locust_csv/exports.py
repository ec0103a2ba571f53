"""Locust's exports hold more than its tables: the JSON export has each endpoint's durations as a histogram
and its counts by second, the HTML report the target."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from .errors import LocustCsvError
from .find_files import why_no_export
from .history_file import Key, is_total
from .opened import read_text

MARK = "window.templateArgs = "
REMEDY = "Name the CSV files of the run instead (PREFIX_stats.csv, …)."


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export says about one endpoint."""

    requests: int
    failed: int
    mean_ms: float | None
    min_ms: float | None
    max_ms: float | None
    histogram: Mapping[float, int] = field(default_factory=dict)
    percentiles_ms: Mapping[float, float] = field(default_factory=dict)
    answered: Mapping[int, int] = field(default_factory=dict)
    """Requests that ended, by second since the epoch."""
    failed_in: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Export:
    """What an export says."""

    endpoints: Mapping[Key, Exported]
    target: str | None = None

    def counted(self) -> tuple[int, int]:
        """How many requests it counts, and how many of them failed."""
        total = [one for key, one in self.endpoints.items() if is_total(*key)]
        counted = total[:1] or list(self.endpoints.values())
        return sum(one.requests for one in counted), sum(one.failed for one in counted)


def read_export(path: Path) -> Export:
    """The export. Raises `LocustCsvError`."""
    try:
        text = read_text(path)
    except OSError as error:
        raise LocustCsvError(f'"{path}" can\'t be read: {error.strerror or error}.') from error
    try:
        return _of_page(text) if text.lstrip()[:1] == "<" else _of_json(json.loads(text))
    except json.JSONDecodeError as error:
        if told := why_no_export(path):
            raise LocustCsvError(told) from error
        what = f"line {error.lineno} can't be read: {error.msg}; it may be cut off"
        raise LocustCsvError(f'"{path}", {what}. {REMEDY}') from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise LocustCsvError(
            why_no_export(path)
            or f'"{path}" is not one of Locust\'s exports (2.31 or newer for HTML). {REMEDY}'
        ) from error


def percentile_of(histogram: Mapping[float, int], percent: float) -> float:
    """Return a percentile as Locust computes it."""
    count = sum(histogram.values())
    left = math.floor(count * (100 - percent) / 100 + 1e-9)
    for duration in sorted(histogram, reverse=True):
        left -= histogram[duration]
        if left < 0:
            return duration
    return min(histogram)


def _of_json(document: Any) -> Export:
    return Export({(str(one["method"] or ""), str(one["name"])): _endpoint(one) for one in document})


def _endpoint(one: Mapping[str, Any]) -> Exported:
    histogram = {float(ms): int(count) for ms, count in one["response_times"].items()}
    timed = sum(histogram.values())
    return Exported(
        requests=int(one["num_requests"]),
        failed=int(one["num_failures"]),
        mean_ms=float(one["total_response_time"]) / timed if timed else None,
        min_ms=_maybe(one.get("min_response_time")),
        max_ms=_maybe(one.get("max_response_time")),
        histogram=histogram,
        answered=_by_second(one["num_reqs_per_sec"]),
        failed_in=_by_second(one["num_fail_per_sec"]),
    )


def _of_page(text: str) -> Export:
    begin = text.index(MARK) + len(MARK)
    told, _ = json.JSONDecoder().raw_decode(text, begin)
    percentiles = {_key(row): _percentiles(row) for row in told["response_time_statistics"]}
    endpoints = {}
    for row in told["requests_statistics"]:
        endpoints[_key(row)] = Exported(
            requests=int(row["num_requests"]),
            failed=int(row["num_failures"]),
            mean_ms=_maybe(row.get("avg_response_time")),
            min_ms=_maybe(row.get("min_response_time")),
            max_ms=_maybe(row.get("max_response_time")),
            percentiles_ms=percentiles.get(_key(row), {}),
        )
    host = str(told.get("host") or "None")
    return Export(endpoints, None if host == "None" else host)


def _key(row: Mapping[str, Any]) -> Key:
    """Some versions write names into the page as HTML."""
    return str(row["method"] or ""), unescape(str(row["name"]))


def _percentiles(row: Mapping[str, Any]) -> dict[float, float]:
    found = {}
    for name, value in row.items():
        try:
            found[round(float(name) * 100, 4)] = float(value)
        except (TypeError, ValueError):
            continue
    return dict(sorted(found.items()))


def _by_second(counts: Mapping[str, Any]) -> dict[int, int]:
    return {int(float(second)): int(count) for second, count in counts.items()}


def _maybe(value: Any) -> float | None:
    return None if value is None else float(value)
