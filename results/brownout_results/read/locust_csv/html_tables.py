"""Locust's HTML report from 1.2 to 2.30: tables, and the charts' data in a script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import unescape

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .exported import Export, Exported, ExportedHistory, history_of, number, numbers, whole
from .history_file import Key
from .moments import moment_of, moments_of_clock

_TABLE = re.compile(r"<table[^>]*>(.*?)</table>", re.DOTALL)
_HEAD = re.compile(r"<th[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_DURING = re.compile(r"During:\s*(<span[^>]*>.*?)</p>", re.DOTALL)
_HOST = re.compile(r"Target Host:\s*<span[^>]*>(.*?)</span>", re.DOTALL)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%ile")
_CHARTED = re.compile(r"var percentile([12]) = ([\d.]+)")
_SERIES = re.compile(
    r'"(time|user_count|current_rps|current_fail_per_sec|response_time_percentile_[\w.]+)":\s*(?=\[)'
)
_OPTION = re.compile(r"(\w+)Chart\.chart\.setOption\(")
_DATA = re.compile(r"data:\s*(\[[^\]]*\])")

PERCENTILE = "response_time_percentile_"

Table = tuple[list[str], list[list[str]]]


def of_tables(text: str) -> Export:
    """Return the export. Raises ValueError and KeyError if it is none."""
    tables = [_table(match[1]) for match in _TABLE.finditer(text)]
    requests = _with(tables, {"Method", "Name", "# Requests", "# Fails"})
    if requests is None:
        raise ValueError("no table of requests")
    times = (
        [_TAG.sub("", part).strip() for part in re.split(r"\s-\s", during[1])]
        if (during := _DURING.search(text))
        else []
    )
    began, ended = (moment_of(one) for one in [*times, "", ""][:2])
    host = _HOST.search(text)
    target = unescape(host[1]).strip() if host else "None"
    return Export(
        endpoints=_endpoints(requests, _with(tables, {"Method", "Name", "50%ile (ms)"})),
        target=None if target in ("None", "") else target,
        failures=_failures(_with(tables, {"Method", "Name", "Error", "Occurrences"})),
        exceptions=_exceptions(_with(tables, {"Count", "Message", "Traceback"})),
        history=_history(text, began),
        began=began,
        ended=ended,
        is_dated="l10n" in text[: text.index("</table>")],
    )


def _table(html: str) -> Table:
    """Its header, and its rows. A name can have tags in it: some versions wrote it as it was."""
    header = [unescape(_TAG.sub("", one)).strip() for one in _HEAD.findall(html)]
    rows = [[unescape(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(html)]
    return header, [row for row in rows if len(row) == len(header)]


def _with(tables: Sequence[Table], columns: set[str]) -> Table | None:
    return next((one for one in tables if columns <= set(one[0])), None)


def _records(table: Table | None) -> list[dict[str, str]]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1]] if table else []


def _key(row: Mapping[str, str]) -> Key:
    return row["Method"].strip(), row["Name"]


def _endpoints(requests: Table, durations: Table | None) -> dict[Key, Exported]:
    percentiles = {_key(row): _percentiles(row) for row in _records(durations)}
    return {
        _key(row): Exported(
            requests=whole(row["# Requests"]),
            failed=whole(row["# Fails"]),
            mean_ms=number(row.get("Average (ms)")),
            min_ms=number(row.get("Min (ms)")),
            max_ms=number(row.get("Max (ms)")),
            size=number(row.get("Average size (bytes)")),
            rate=number(row.get("RPS")),
            percentiles_ms=percentiles.get(_key(row), {}) if whole(row["# Requests"]) else {},
        )
        for row in _records(requests)
    }


def _percentiles(row: Mapping[str, str]) -> dict[float, float]:
    found = {}
    for name, value in row.items():
        match, ms = _PERCENT.match(name), number(value)
        if match and ms is not None:
            found[float(match[1])] = ms
    return dict(sorted(found.items()))


def _failures(table: Table | None) -> list[Failure]:
    return [Failure(*_key(row), row["Error"], whole(row["Occurrences"])) for row in _records(table)]


def _exceptions(table: Table | None) -> list[UserException]:
    return [
        UserException(whole(row["Count"]), row["Message"], row["Traceback"], row.get("Nodes", ""))
        for row in _records(table)
    ]


def _history(text: str, began: float | None) -> ExportedHistory | None:
    series = _series(text) or _options(text)
    times = [str(one) for one in series.pop("time", [])]
    charted = {f"{PERCENTILE}{place}": 100 * float(share) for place, share in _CHARTED.findall(text)}
    percentiles = {
        _percent(name, charted): values
        for name, values in series.items()
        if name.startswith(PERCENTILE) and len(values) == len(times)
    }
    counted = ("user_count", "current_rps", "current_fail_per_sec")
    if not times or any(len(series.get(name, [])) != len(times) for name in counted):
        return None
    return history_of(
        moments_of_clock(times, began),
        {name: numbers(series[name]) for name in counted},
        {percent: numbers(values) for percent, values in percentiles.items()},
        began,
    )


def _percent(name: str, charted: Mapping[str, float]) -> float:
    """`…_95` and `…_0.95` are percentiles, `…_1` is the first of those that the page names."""
    value = float(name.removeprefix(PERCENTILE))
    return round(charted.get(name, value if value > 1 else 100 * value), 4)


def _series(text: str) -> dict[str, list[object]]:
    """The charts' data since 1.3: `var stats_history = {"time": [...], ...}`."""
    begin = text.find("var stats_history = ")
    found: dict[str, list[object]] = {}
    if begin < 0:
        return found
    for match in _SERIES.finditer(text, begin):
        if match[1] not in found:
            found[match[1]], _ = json.JSONDecoder().raw_decode(text, match.end())
    return found


def _options(text: str) -> dict[str, list[object]]:
    """The charts' data of 1.2: arrays with a comma behind the last value, in the options of each chart."""
    names = {
        "rps": ["time", "current_rps", "current_fail_per_sec"],
        "responseTime": ["time", "response_time_percentile_50", "response_time_percentile_95"],
        "users": ["time", "user_count"],
    }
    found: dict[str, list[object]] = {}
    for match in _OPTION.finditer(text):
        arrays = _DATA.findall(text[match.end() : text.find("});", match.end())])
        for name, array in zip(names.get(match[1], []), arrays, strict=False):
            found.setdefault(name, json.loads(re.sub(r",\s*\]", "]", array)))
    return found
