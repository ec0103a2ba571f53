"""Builds a run from Locust's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from brownout_results.read.failures import Failure

from .archives import is_archive, unpacked
from .errors import LocustCsvError
from .exports import REMEDY, Export, read_export
from .find_files import Found, find
from .headers import Header, Kind
from .history import Counts, OverTime, over_time
from .history_file import Key, is_total, read_history
from .merge_exports import merged
from .percentile_windows import are_cumulative
from .respelled import respelled
from .run import Lack, LocustRun, RequestStats
from .tables import Totals, damaged, read_exceptions, read_failures, read_totals


def read(path: Path) -> LocustRun:
    """The run of these files: a prefix, a folder, an archive, or one of them. Raises `LocustCsvError`."""
    try:
        if path.is_file() and is_archive(path):
            return _of_archive(path)
        return _of_files(path)
    except OSError as error:
        raise LocustCsvError(f'"{path}" can\'t be read: {error.strerror or error}.') from error


def _of_archive(path: Path) -> LocustRun:
    """The run of the files in an archive, which is named in their place."""
    with unpacked(path) as folder:
        try:
            run = _of_files(folder)
        except LocustCsvError as error:
            raise LocustCsvError(str(error).replace(str(folder), str(path))) from error
    is_nameless = run.name == folder.resolve().name
    name = path.name.split(".", 1)[0] if is_nameless else run.name
    return replace(run, path=path, name=name, files=[path.parent / one.name for one in run.files])


def _of_files(path: Path) -> LocustRun:
    found = find(path)
    exports, problems = _exports(found)
    run = respelled(_of_tables(path, found, problems))
    for export in exports:
        run = merged(run, export)
    if not found.files and not run.total.requests:
        return replace(run, problems=[*run.problems, "the export contains no request"])
    return run


def _exports(found: Found) -> tuple[list[Export], list[str]]:
    """What can be read of them; beside tables, one that can't is a problem, alone it is an error."""
    exports, problems = [], []
    for path in found.exports:
        try:
            exports.append(read_export(path))
        except LocustCsvError as error:
            if not found.files:
                raise
            problems.append(str(error).removesuffix(".").replace(f" {REMEDY}".removesuffix("."), ""))
    return exports, problems


def _of_tables(path: Path, found: Found, problems: list[str]) -> LocustRun:
    generation = generation_of(found.files)
    totals = _totals(found)
    history, cumulative = _history(found, generation)
    total = _total(found, totals, history, cumulative)
    problems = [*found.problems, *totals.problems, *history.problems, *problems]
    failures, exceptions = _wrong(found, problems)
    if total is None and not found.files:
        total = RequestStats(requests=0, failed=0)
    if total is None:
        raise LocustCsvError(_nothing(found, problems))
    return LocustRun(
        path=path,
        name=found.name,
        files=[path for path, _ in found.files.values()] + list(found.exports),
        generation=generation,
        percents=_percents(found.files),
        total=total,
        endpoints=_endpoints(totals, history, cumulative),
        starts=history.starts,
        widths=history.widths,
        users=history.users,
        began=history.began,
        failures=failures,
        exceptions=exceptions,
        lacks=_lacks(found.files, history, total, cumulative),
        problems=problems,
    )


def _nothing(found: Found, problems: list[str]) -> str:
    names = ", ".join(f'"{path}"' for path, _ in found.files.values())
    first = f" ({problems[0]})" if problems else ""
    return (
        f"{names}: there is no count of requests in it{first}. A report needs PREFIX_stats.csv or "
        "PREFIX_stats_history.csv; keep the files of a run together."
    )


def generation_of(files: Mapping[Kind, tuple[Path, Header]]) -> str:
    """Which versions write such files, as far as headers tell."""
    headers = {kind: header for kind, (_, header) in files.items()}
    if Kind.REQUESTS in headers or Kind.DISTRIBUTION in headers:
        return "G0"
    if any(header.is_first_generation for header in headers.values()):
        return "G1"
    if Kind.FAILURES in headers and headers[Kind.FAILURES].has_moments:
        return "G5"
    if Kind.EXCEPTIONS in headers:
        return "G4" if Kind.FAILURES in headers else "G3 to G5"
    if any(99.999 in header.percents for header in headers.values()):
        return "G2"
    if Kind.STATS in headers and Kind.FAILURES in headers:
        return "G3"
    return "G3 to G5" if any(header.percents for header in headers.values()) else "G2 to G5"


def _totals(found: Found) -> Totals:
    main = found.files.get(Kind.STATS) or found.files.get(Kind.REQUESTS)
    return read_totals(*main, found.files.get(Kind.DISTRIBUTION)) if main else Totals()


def _history(found: Found, generation: str) -> tuple[OverTime, bool]:
    source = found.files.get(Kind.HISTORY)
    if source is None:
        return OverTime(), False
    table = read_history(*source)
    cumulative = are_cumulative(
        table.percentiles.get(100.0),
        table.highest,
        generation=generation,
        has_endpoints=not all(is_total(*key) for key in table.keys),
    )
    history = over_time(table, source[0].name, cumulative=cumulative)
    history.problems += damaged(source[0], table.bad, table.last_line)
    return history, cumulative


def _wrong(found: Found, problems: list[str]) -> tuple[list[Failure], list[tuple[int, str]]]:
    failures = found.files.get(Kind.FAILURES)
    exceptions = found.files.get(Kind.EXCEPTIONS)
    return (
        read_failures(*failures, problems) if failures else [],
        read_exceptions(*exceptions, problems) if exceptions else [],
    )


def _total(found: Found, totals: Totals, history: OverTime, cumulative: bool) -> RequestStats | None:
    if totals.total is None and totals.parts:
        parts = totals.parts.values()
        (path, _) = found.files.get(Kind.STATS) or found.files[Kind.REQUESTS]
        totals.problems.append(
            f"{path.name}: the row for all requests (Aggregated) is missing, so counts are added up"
        )
        totals.total = RequestStats(
            requests=sum(part.requests for part in parts), failed=sum(part.failed for part in parts)
        )
    return _part(("", ""), totals.total, history.total, cumulative)


def _endpoints(totals: Totals, history: OverTime, cumulative: bool) -> list[RequestStats]:
    keys = dict.fromkeys([*totals.parts, *history.parts])
    parts = (_part(key, totals.parts.get(key), history.parts.get(key), cumulative) for key in keys)
    return sorted((part for part in parts if part), key=lambda part: (part.method, part.name))


def _part(
    key: Key, whole: RequestStats | None, counts: Counts | None, cumulative: bool
) -> RequestStats | None:
    """Combine the totals of the whole run, or else of the history's last row, with the history's rows."""
    if whole is None and counts is None:
        return None
    if whole is None and counts is not None:
        whole = RequestStats(
            method=key[0],
            name=key[1],
            requests=counts.requests,
            failed=counts.requests_failed,
            mean_ms=counts.since.last_mean_ms,
            percentiles_ms=counts.last_percentiles if cumulative else {},
        )
    assert whole is not None  # noqa: S101 - for mypy: one of both is there
    if counts is None:
        return whole
    return RequestStats(
        method=whole.method,
        name=whole.name,
        requests=whole.requests,
        failed=whole.failed,
        mean_ms=whole.mean_ms,
        min_ms=whole.min_ms,
        max_ms=whole.max_ms,
        rate=whole.rate,
        percentiles_ms=whole.percentiles_ms,
        ok_in=counts.ok,
        failed_in=counts.failed,
        percentiles_in={} if cumulative else counts.percentiles,
        since=counts.since,
    )


def _percents(files: Mapping[Kind, tuple[Path, Header]]) -> list[float]:
    for kind in (Kind.STATS, Kind.HISTORY, Kind.DISTRIBUTION):
        if kind in files and files[kind][1].percents:
            return list(files[kind][1].percents)
    return []


def _lacks(
    files: Mapping[Kind, tuple[Path, Header]], history: OverTime, total: RequestStats, cumulative: bool
) -> list[Lack]:
    has_history = history.total is not None
    lacks = {
        Lack.NO_HISTORY: not has_history,
        Lack.PERCENTILES_CUMULATIVE: cumulative,
        Lack.NO_ENDPOINT_HISTORY: has_history and not history.parts,
        Lack.NO_PERCENTILES: bool(total.requests) and not total.percentiles_ms,
        Lack.NO_FAILURES: bool(total.failed) and Kind.FAILURES not in files,
        Lack.NO_FALLBACKS: True,
    }
    return [lack for lack, is_so in lacks.items() if is_so]
