"""Locust's HTML report since 2.21: everything that its page shows is in `window.templateArgs`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .exported import Export, Exported, ExportedHistory, history_of, number, numbers, whole
from .history_file import Key
from .moments import moment_of, moments_of_clock

MARK = re.compile(r"""window(?:\.|\[['"])templateArgs(?:['"]\])?\s*=\s*(?=\{)""")
"""Locust's own scripts use the name as well."""

PERCENTILE = "response_time_percentile_"
LEGACY = {"1": 50.0, "2": 95.0}
"""What the lines of the old page were, unless somebody changed Locust's PERCENTILES_TO_CHART."""


def of_args(text: str) -> Export:
    """Return the export. Raises ValueError, KeyError, TypeError and AttributeError if it is none."""
    mark = MARK.search(text)
    if mark is None:
        raise ValueError("no arguments of the page")
    told, _ = json.JSONDecoder().raw_decode(text, mark.end())
    percentiles = {_key(row): _percentiles(row) for row in told["response_time_statistics"]}
    began, ended = moment_of(str(told.get("start_time"))), moment_of(str(told.get("end_time")))
    host = unescape(str(told.get("host") or "None"))
    return Export(
        endpoints={_key(row): _endpoint(row, percentiles) for row in told["requests_statistics"]},
        target=None if host == "None" else host,
        failures=[_failure(row) for row in told.get("failures_statistics") or []],
        exceptions=[_exception(row) for row in told.get("exceptions_statistics") or []],
        history=_history(told.get("history") or [], began),
        began=began,
        ended=ended,
    )


def _key(row: Mapping[str, Any]) -> Key:
    """Some versions write names into the page as HTML."""
    return unescape(str(row["method"] or "")), unescape(str(row["name"]))


def _endpoint(row: Mapping[str, Any], percentiles: Mapping[Key, Mapping[float, float]]) -> Exported:
    return Exported(
        requests=whole(row["num_requests"]),
        failed=whole(row["num_failures"]),
        mean_ms=number(row.get("avg_response_time")),
        min_ms=number(row.get("min_response_time")),
        max_ms=number(row.get("max_response_time")),
        size=number(row.get("avg_content_length")),
        rate=number(row.get("total_rps")),
        percentiles_ms=percentiles.get(_key(row), {}),
    )


def _percentiles(row: Mapping[str, Any]) -> dict[float, float]:
    found = {}
    for name, value in row.items():
        share, ms = number(name), number(value)
        if share is not None and ms is not None and 0 < share <= 1:
            found[round(share * 100, 4)] = ms
    return dict(sorted(found.items()))


def _failure(row: Mapping[str, Any]) -> Failure:
    return Failure(
        *_key(row),
        unescape(str(row["error"])),
        whole(row["occurrences"]),
        number(row.get("first_seen")),
        number(row.get("last_seen")),
    )


def _exception(row: Mapping[str, Any]) -> UserException:
    message, traceback = (unescape(str(row.get(name) or "")) for name in ("msg", "traceback"))
    return UserException(whole(row["count"]), message, traceback, str(row.get("nodes") or ""))


def _history(rows: Sequence[Mapping[str, Any]], began: float | None) -> ExportedHistory | None:
    rows = [row for row in rows if "time" in row]
    if not rows:
        return None
    stamps = [moment_of(str(row["time"])) for row in rows]
    clock = moments_of_clock([str(row["time"]) for row in rows], began)
    columns = {
        name: numbers([row.get(name) for row in rows])
        for name in ("user_count", "current_rps", "current_fail_per_sec")
    }
    percentiles = {
        percent: numbers([row.get(f"{PERCENTILE}{name}") for row in rows])
        for name, percent in _drawn(rows[-1]).items()
    }
    return history_of(
        [late if early is None else early for early, late in zip(stamps, clock, strict=True)],
        columns,
        percentiles,
        began,
    )


def _drawn(row: Mapping[str, Any]) -> dict[str, float]:
    """The percentiles over time: `…_0.95` is a share, `…_1` and `…_2` are the lines of the old page."""
    found = {}
    for name in (key.removeprefix(PERCENTILE) for key in row if key.startswith(PERCENTILE)):
        share = number(name)
        if name in LEGACY:
            found[name] = LEGACY[name]
        elif share is not None and 0 < share <= 1:
            found[name] = round(100 * share, 4)
        elif share is not None and 1 < share <= 100:
            found[name] = share
    shares = {percent: name for name, percent in found.items() if name not in LEGACY}
    return {name: percent for name, percent in found.items() if shares.get(percent, name) == name}
