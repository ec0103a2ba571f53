"""Builds a run from Locust's files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .archives import is_archive, unpacked
from .contradictions import Counted, Rank, agreement, failures_told
from .errors import LocustCsvError
from .events_beside import events_beside
from .exported import Export
from .exports import REMEDY, read_export
from .find_files import Found, find
from .headers import Header, Kind
from .history import Counts, OverTime, over_time
from .history_file import Key, is_total, read_history
from .history_parts import parts_of, tidied, told_of
from .merge_exports import merged
from .percentile_windows import are_cumulative
from .respelled import respelled
from .run import Lack, LocustRun, RequestStats
from .tables import Totals, damaged, read_exceptions, read_failures, read_totals


def read(path: Path, part: int | None = None) -> LocustRun:
    """The run of these files: a prefix, a folder, an archive, or one of them. Raises `LocustCsvError`.

    `part` is which run to read of a history that contains several, from 1; the last if it is None.
    """
    try:
        if path.is_file() and is_archive(path):
            return _of_archive(path, part)
        return _of_files(path, part)
    except OSError as error:
        raise LocustCsvError(f'"{path}" can\'t be read: {error.strerror or error}.') from error


def _of_archive(path: Path, part: int | None) -> LocustRun:
    """The run of the files in an archive, which is named in their place."""
    with unpacked(path) as folder:
        try:
            run = _of_files(folder, part)
        except LocustCsvError as error:
            raise LocustCsvError(str(error).replace(str(folder), str(path))) from error
    is_nameless = run.name == folder.resolve().name
    name = path.name.split(".", 1)[0] if is_nameless else run.name
    return replace(run, path=path, name=name, files=[path.parent / one.name for one in run.files])


def _of_files(path: Path, part: int | None) -> LocustRun:
    found = find(path)
    exports, problems = _exports(found)
    history = _history(found, part)
    if history.is_earlier:
        only = {Kind.HISTORY: found.files[Kind.HISTORY]}
        found, exports = replace(found, files=only, exports=[]), {}
    totals = _totals(found)
    agreed = agreement(
        _counted(found, totals, history.over_time, exports), found.named.name if found.named else None
    )
    found, totals, history, exports = _without(agreed.left_out, found, totals, history, exports)
    problems = [*found.problems, *agreed.told, *totals.problems, *history.over_time.problems, *problems]
    run = respelled(_of_tables(path, found, totals, history, agreed.leader, problems))
    for export in exports.values():
        run = merged(run, export)
    if not found.files and not run.total.requests:
        return replace(run, problems=[*run.problems, "the export contains no request"])
    return run


def _exports(found: Found) -> tuple[dict[Path, Export], list[str]]:
    """What can be read of them; beside tables, one that can't is a problem, alone or named it is an error."""
    exports, problems = {}, []
    for path in found.exports:
        try:
            exports[path] = read_export(path)
        except LocustCsvError as error:
            if not found.files or path == found.named:
                raise
            problems.append(str(error).removesuffix(".").replace(f" {REMEDY}".removesuffix("."), ""))
    return exports, problems


def _counted(
    found: Found, totals: Totals, history: OverTime, exports: Mapping[Path, Export]
) -> list[Counted]:
    """How many requests each file counts, of those that count them."""
    counted = []
    if totals.total:
        (path, _) = found.files.get(Kind.STATS) or found.files[Kind.REQUESTS]
        counted.append(Counted(path.name, Rank.TABLE, totals.total.requests, totals.total.failed))
    if history.total is not None:
        (path, _) = found.files[Kind.HISTORY]
        rates = (history.total.ok + history.total.failed) / history.widths
        most = float(rates.max()) if len(rates) else 0.0
        total = history.total
        counted.append(Counted(path.name, Rank.HISTORY, total.requests, total.requests_failed, most))
    counted += [Counted(path.name, Rank.EXPORT, *export.counted()) for path, export in exports.items()]
    return counted


def _without(
    names: Collection[str], found: Found, totals: Totals, history: History, exports: dict[Path, Export]
) -> tuple[Found, Totals, History, dict[Path, Export]]:
    """The same without the files of other runs."""
    files = {kind: one for kind, one in found.files.items() if one[0].name not in names}
    if not {Kind.STATS, Kind.REQUESTS} & files.keys():
        totals = Totals()
        files.pop(Kind.DISTRIBUTION, None)
    if Kind.HISTORY not in files:
        history = History(OverTime())
    exports = {path: export for path, export in exports.items() if path.name not in names}
    if names and not {Kind.STATS, Kind.REQUESTS, Kind.HISTORY} & files.keys():
        files = {}
    return replace(found, files=files, exports=list(exports)), totals, history, exports


def _of_tables(
    path: Path, found: Found, totals: Totals, history: History, leader: Counted | None, problems: list[str]
) -> LocustRun:
    over, cumulative = history.over_time, history.is_cumulative
    total = _part(("", ""), totals.total, over.total, cumulative)
    files = dict(found.files)
    failures, exceptions = _wrong(found, problems, leader)
    if total is None and not files and found.exports:
        total = RequestStats(requests=0, failed=0)
    if total is None:
        raise LocustCsvError(_nothing(found, problems))
    return LocustRun(
        path=path,
        name=found.name,
        files=[path for path, _ in files.values()] + list(found.exports),
        generation=generation_of(files),
        percents=_percents(files),
        total=total,
        endpoints=_endpoints(totals, over, cumulative),
        starts=over.starts,
        widths=over.widths,
        users=over.users,
        began=over.began,
        events=events_beside(path for path, _ in found.files.values()),
        failures=failures,
        exceptions=exceptions,
        lacks=_lacks(files, over, total, cumulative),
        problems=problems,
    )


def _nothing(found: Found, problems: list[str]) -> str:
    names = ", ".join(f'"{path}"' for path, _ in found.files.values()) or f'"{found.name}"'
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
    if main is None:
        return Totals()
    totals = read_totals(*main, found.files.get(Kind.DISTRIBUTION))
    if totals.total is None and totals.parts:
        parts = totals.parts.values()
        totals.problems.append(
            f"{main[0].name}: the row for all requests (Aggregated) is missing, so counts are added up"
        )
        totals.total = RequestStats(
            requests=sum(part.requests for part in parts), failed=sum(part.failed for part in parts)
        )
    return totals


@dataclass(frozen=True)
class History:
    """What the history of the run that is read says."""

    over_time: OverTime
    is_cumulative: bool = False
    is_earlier: bool = False
    """Whether a later run is in the same file: the other files are then of that one."""


def _history(found: Found, part: int | None) -> History:
    source = found.files.get(Kind.HISTORY)
    if source is None:
        _check_part(found, part, 1)
        return History(OverTime())
    path, header = source
    whole = read_history(path, header)
    parts = parts_of(whole)
    _check_part(found, part, len(parts))
    number = len(parts) if part is None else part
    table, problems = tidied(parts[number - 1], path.name)
    cumulative = are_cumulative(
        table.percentiles.get(100.0),
        table.highest,
        generation=generation_of(found.files),
        has_endpoints=not all(is_total(*table.keys[number]) for number in set(table.key_of.tolist())),
    )
    history = over_time(table, path.name, cumulative=cumulative)
    history.problems = [
        *([told_of(parts, number, path.name)] if len(parts) > 1 else []),
        *whole.told,
        *problems,
        *history.problems,
        *damaged(path, whole.bad, whole.last_line),
    ]
    return History(history, cumulative, is_earlier=number < len(parts))


def _check_part(found: Found, part: int | None, parts: int) -> None:
    if part is None or 1 <= part <= parts:
        return
    several = f"{parts} runs, so --part is 1 to {parts}" if parts > 1 else "one run, so leave out --part"
    raise LocustCsvError(f'"{found.name}" has no part {part}: its files contain {several}.')


def _wrong(
    found: Found, problems: list[str], leader: Counted | None
) -> tuple[list[Failure], list[UserException]]:
    """Failures and exceptions; a table of failures of another run is left out and told."""
    exceptions = found.files.get(Kind.EXCEPTIONS)
    raised = read_exceptions(*exceptions, problems) if exceptions else []
    if Kind.FAILURES not in found.files:
        return [], raised
    path, header = found.files[Kind.FAILURES]
    before = len(problems)
    failures = read_failures(path, header, problems)
    is_cut = len(problems) > before
    if told := failures_told(path.name, sum(one.occurrences for one in failures), leader, is_cut=is_cut):
        problems.append(told)
        return [], raised
    return failures, raised


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
        size=whole.size,
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
