"""Locust's exports hold more than its tables: the JSON export has each endpoint's durations as a histogram
and its counts by second, the HTML report the target, failures, exceptions and what its charts draw."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .errors import LocustCsvError
from .exported import Export, Exported, number, whole
from .find_files import why_no_export
from .html_args import MARK, of_args
from .html_tables import of_tables
from .opened import read_text
from .respelled import respelled_export
from .written_numbers import LARGEST

LONGEST_S = 10_000_000
"""Seconds of a run that can be: four months."""

_SCRIPT = re.compile(r"""<script[^>]*\ssrc=["']?([^"'\s>]+)""")

REMEDY = "Name the CSV files of the run instead (PREFIX_stats.csv, …)."


def read_export(path: Path) -> Export:
    """The export. Raises `LocustCsvError`."""
    try:
        text = read_text(path)
    except OSError as error:
        raise LocustCsvError(f'"{path}" can\'t be read: {error.strerror or error}.') from error
    try:
        return respelled_export(_parsed(_with_script(path, text)))
    except json.JSONDecodeError as error:
        if told := why_no_export(path):
            raise LocustCsvError(told) from error
        what = f"line {error.lineno} can't be read: {error.msg}; it may be cut off"
        raise LocustCsvError(f'"{path}", {what}. {REMEDY}') from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise LocustCsvError(
            why_no_export(path)
            or f'"{path}" is not one of Locust\'s exports (an HTML report or --json-file). {REMEDY}'
        ) from error


def _with_script(path: Path, text: str) -> str:
    """The page, or the script beside it that has its figures: browsers save scripts as files of their own."""
    if text.lstrip()[:1] != "<" or MARK.search(text) or "<table" in text:
        return text
    for match in _SCRIPT.finditer(text):
        script = path.parent / unquote(unescape(match[1]))
        try:
            is_beside = script.resolve().is_relative_to(path.parent.resolve()) and script.is_file()
            if is_beside and MARK.search(found := read_text(script)):
                return f"<{found}"
        except (OSError, ValueError):
            continue
    if _SCRIPT.search(text) and "templateArgs" not in text and "ocust" in text:
        raise LocustCsvError(
            f'"{path}" has its figures in a script of its own that is not beside it. Save the page as one '
            f"file with the button of Locust's page (Download Report) or with --html. {REMEDY}"
        )
    return text


def _parsed(text: str) -> Export:
    if text.lstrip()[:1] != "<":
        return _of_json(json.loads(text))
    return of_args(text) if MARK.search(text) else of_tables(text)


def _of_json(document: Any) -> Export:
    return Export(
        endpoints={(str(one["method"] or ""), str(one["name"])): _endpoint(one) for one in document}
    )


def _endpoint(one: Mapping[str, Any]) -> Exported:
    histogram = {_duration(ms): whole(count) for ms, count in one["response_times"].items()}
    timed, total = sum(histogram.values()), number(one["total_response_time"])
    return Exported(
        requests=whole(one["num_requests"]),
        failed=whole(one["num_failures"]),
        mean_ms=total / timed if timed and total is not None else None,
        min_ms=_maybe(one.get("min_response_time")),
        max_ms=_maybe(one.get("max_response_time")),
        size=_size(one),
        histogram=histogram,
        answered=_by_second(one["num_reqs_per_sec"]),
        failed_in=_by_second(one["num_fail_per_sec"]),
    )


def _by_second(counts: Mapping[str, Any]) -> dict[int, int]:
    found = {int(float(second)): whole(count) for second, count in counts.items()}
    if found and max(found) - min(found) > LONGEST_S:
        raise ValueError(f"seconds from {min(found)} to {max(found)}")
    return found


def _maybe(value: Any) -> float | None:
    return number(value)


def _duration(text: str) -> float:
    if not 0 <= (ms := float(text)) < LARGEST:
        raise ValueError(f"{text} is not a duration in ms")
    return ms


def _size(one: Mapping[str, Any]) -> float | None:
    size, requests = number(one.get("total_content_length")), whole(one["num_requests"])
    return None if size is None or not requests else size / requests
