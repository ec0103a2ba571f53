"""The report of one load test by Locust's own files: its figures, and what can't be known from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from brownout_results.measure.cumulative import slowest
from brownout_results.measure.figures import FIGURES, figures_in, figures_of
from brownout_results.measure.locust_changes import proposed, sentence
from brownout_results.measure.locust_counts import BEFORE, bounds_in, has_means, requests_before, requests_in
from brownout_results.measure.validity import why_files_invalid
from brownout_results.read.locust_csv import GENERATIONS, WINDOW_S, Lack, LocustRun, RequestStats, step_ms
from brownout_results.report.charts.locust_data import locust_chart_data
from brownout_terms.numbers import amount, clock, count
from brownout_terms.texts import listed, short

from .causes import SHOWN, causes
from .document import Document, Download, Grid, RunCard, Setting
from .figure_meanings import meanings
from .locust_grids import exceptions_of, more_of, seen_of
from .run_report import ENDPOINTS, INVALID, MANY_FAILURES, MOST_ENDPOINTS, ONE_RUN, charts, headline

UNITS = {figure.name: figure.unit for figure in FIGURES}


def report_of_files(run: LocustRun, made: str) -> Document:
    """The report. `made` says by what and when."""
    wrong = causes([(run.failures, run.total.requests)])
    totals = _totals(run)
    said = headline(sentences(run), why_files_invalid(run), run.total.requests)
    return Document(
        title=short(run.name),
        sentences=said,
        tone="",
        made=made,
        runs=[locust_card(run)],
        notices=[notice for notice in locust_notices(run) if notice not in said],
        meanings=meanings(row[0] for row in totals.rows) if totals else [],
        grids=[
            grid for grid in (totals, _endpoints(run), more_of(run), seen_of(run), exceptions_of(run)) if grid
        ],
        charts=charts([locust_chart_data(run, run.name)]) if run.total.requests else [],
        causes=wrong[:SHOWN],
        causes_note=_causes_note(run, len(wrong)),
        shared=[Setting(name=name, values=[value]) for name, value in locust_settings(run).items()],
        methods=locust_methods(run),
        limits=locust_limits(run),
        downloads=[_download(run)] if run.total.requests else [],
    )


def locust_card(run: LocustRun, *, is_baseline: bool = False, name: str | None = None) -> RunCard:
    """The run at the top of the page."""
    peak = np.nanmax(run.users) if np.isfinite(run.users).any() else None
    facts = [
        ("started", _started(run)),
        ("lasted", "" if run.duration_s is None else clock(run.duration_s)),
        ("requests", count(run.total.requests)),
        ("load", "" if peak is None else f"{peak:,.0f} users at most"),
        ("slowest", _slowest(run)),
        ("target", short(run.target or "")),
        ("files", GENERATIONS[run.generation]),
    ]
    return RunCard(
        name=short(name or run.name),
        is_baseline=is_baseline,
        facts=[(label, value) for label, value in facts if value],
        path=short(str(run.path)),
    )


def _slowest(run: LocustRun) -> str:
    """The slowest request and when it ended; empty if that is not known."""
    if run.total.since is None or not has_means(run, run.total):
        return ""
    found = slowest(run.total.since)
    if not found or found[-1][1] < np.nanmax(run.total.since.max_ms):
        return ""
    row, ms = found[-1]
    return f"{amount(ms, 'ms')}, ended at {clock(float(run.starts[row]))}"


def locust_notices(run: LocustRun) -> list[str]:
    """What to know before believing a figure of the run."""
    invalid = why_files_invalid(run)
    told = [
        INVALID.format(invalid) if invalid else "",
        f"The first {amount(run.skipped_s, 's')} are left out, as requested." if run.skipped_s else "",
        *(f"{lack}." for lack in run.lacks if lack is Lack.PERCENTILES_CUMULATIVE and run.total.requests),
        *(
            f"{problem if _begins_with_a_file(problem) else problem[0].upper() + problem[1:]}."
            for problem in run.problems
        ),
    ]
    return [sentence for sentence in told if sentence]


def _begins_with_a_file(problem: str) -> bool:
    """Whose name is left as it is."""
    return "." in problem.split(" ", maxsplit=1)[0]


def locust_limits(run: LocustRun) -> list[str]:
    """What one run by these files can't tell."""
    return [*locust_limits_of(run), ONE_RUN]


def locust_limits_of(run: LocustRun) -> list[str]:
    """What the files can't tell."""
    told = [f"{lack}." for lack in run.lacks if lack is not Lack.PERCENTILES_CUMULATIVE]
    if not run.phases and len(run.starts):
        none = "The files have no phases; name some with --phase, such as --phase baseline=0..30."
        told.append(sentence(proposed(run)) or none)
    if run.phases:
        told.append(phase_percentiles(run))
    return told


def phase_percentiles(run: LocustRun) -> str:
    """Why there are none."""
    if run.total.percentiles_in:
        return (
            f"Percentiles of a phase are not known: each percentile in the history covers the {WINDOW_S} s "
            f"before its row, and percentiles can be neither averaged nor added up; the timeline shows "
            f"them as they are."
        )
    if Lack.PERCENTILES_CUMULATIVE in run.lacks:
        return (
            "Percentiles of a phase are bounded, where it is a good part of the run until then: those in the "
            "history count from the start of the run."
        )
    return "Percentiles of a phase are not known: the history has none."


def locust_methods(run: LocustRun) -> list[str]:
    """How the figures came about."""
    p95 = run.total.percentiles_ms.get(95.0)
    step = f": {amount(p95, 'ms')} may be {amount(step_ms(p95) / 2, 'ms')} more or less" if p95 else ""
    told = [
        "Counts and ratios cover the whole run, as Locust counted it.",
        f"Percentiles are Locust's own, rounded to two digits{step}.",
        "Latency is measured from the real start of a request; waiting for a free user is not included.",
    ]
    if len(run.starts):
        told.insert(
            0,
            "Rates are differences of Locust's totals over the rows of its history, without the first and "
            "the last unless a burst is in them, as they are partial; Locust's own Requests/s lags behind.",
        )
    if run.total.percentiles_in and not run.total.percentiles_ms:
        told.append(
            "The files have no percentiles of the whole run: they are estimated from those of its moments, "
            "each weighted by its requests."
        )
    if run.total.percentiles_in:
        told.append(f"Latency over time covers the {WINDOW_S} s before each moment, so it lags by as much.")
    return told


def sentences(run: LocustRun) -> list[str]:
    """What the users saw, in two sentences."""
    total = run.total
    if not total.requests:
        return ["No request ended in this run.", "There is nothing to show."]
    figures = figures_of(run, total)
    p95, rate, goodput = (figures.get(name) for name in ("p95", "throughput", "goodput"))
    is_failing = total.failed >= MANY_FAILURES * total.requests
    included = ", failures included" if is_failing else ""
    answered = f"; 95 % took at most {amount(p95, 'ms')}{included}" if p95 is not None else ""
    succeeded = amount(1 - total.failed / total.requests, "%")
    first = (
        f"Of {count(total.requests)} request{'s' * (total.requests != 1)}, {succeeded} succeeded{answered}."
    )
    successes = f", of which {amount(goodput, '/s')} succeeded" if is_failing and rate is not None else ""
    return [
        first,
        f"{_rate_in_words(run, rate)}{successes}; Locust's files do not say what was done to the target.",
    ]


def _rate_in_words(run: LocustRun, rate: float | None) -> str:
    before = requests_before(run, run.total)
    if rate is None:
        return "The request rate is not known"
    if run.total.rate is not None or before <= BEFORE * run.total.requests:
        return f"The average rate was {amount(rate, '/s')}"
    return (
        f"{count(before)} of {count(run.total.requests)} requests came before the first row of the history, "
        f"in a time that is not known; from then on the average rate was {amount(rate, '/s')}"
    )


def summary_of(run: LocustRun) -> dict[str, object]:
    """The run in summary.json."""
    return {
        "label": run.name,
        "folder": str(run.path),
        "state": None,
        "started": None if run.began is None else _moment(run).isoformat().replace("+00:00", "Z"),
        "seconds": None if run.duration_s is None else round(run.duration_s, 3),
        "invalid": why_files_invalid(run),
        "policy": None,
        "requests": run.total.requests,
        "outcomes": {"ok": run.total.requests - run.total.failed, "error": run.total.failed},
        "figures": figures_of(run, run.total),
    }


def _moment(run: LocustRun) -> datetime:
    return datetime.fromtimestamp(run.began or 0.0, UTC)


def _started(run: LocustRun) -> str:
    if run.began is None:
        return ""
    try:
        return f"{_moment(run):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return ""


def _totals(run: LocustRun) -> Grid | None:
    if not run.total.requests:
        return None
    columns = {"whole run": figures_of(run, run.total)}
    columns |= {name: figures_in(run, run.total, name) for name in run.phases}
    names = [name for name in UNITS if any(name in figures for figures in columns.values())]
    bounds = {name: bounds_in(run, run.total, name) for name in run.phases}
    rows = [
        [name, *(_cell(figures, name, bounds.get(column, {})) for column, figures in columns.items())]
        for name in names
    ]
    requests = [run.total.requests, *(requests_in(run, run.total, name) for name in run.phases)]
    return Grid(
        title="Figures",
        header=["figure", *map(short, columns)],
        rows=[*rows, ["requests", *map(count, requests)]],
        note=phase_percentiles(run) if run.phases else "",
    )


def _cell(figures: Mapping[str, float], name: str, bounds: Mapping[float, tuple[float, float]]) -> str:
    """A figure, or the bounds of one that is not known."""
    for percent, (low, high) in bounds.items():
        if name == f"p{percent:g}" and name not in figures:
            return f"{amount(low, 'ms')} to {amount(high, 'ms')}"
    return amount(figures.get(name), UNITS[name])


def _endpoints(run: LocustRun) -> Grid | None:
    if len(run.endpoints) < 2:
        return None
    most = sorted(run.endpoints, key=lambda part: -part.requests)[:ENDPOINTS]
    names = ["goodput", "availability", "p50", "p95", "p99"]
    figures = [figures_of(run, part) for part in most]
    shown = [name for name in names if any(name in one for one in figures)]
    return Grid(
        title="Endpoints",
        header=["endpoint", "requests", *shown],
        rows=[
            [_name(part), count(part.requests), *(amount(one.get(name), UNITS[name]) for name in shown)]
            for part, one in zip(most, figures, strict=True)
        ],
        note=MOST_ENDPOINTS.format(ENDPOINTS, count(len(run.endpoints)))
        if len(run.endpoints) > ENDPOINTS
        else "",
    )


def _causes_note(run: LocustRun, seen: int) -> str:
    if seen > SHOWN:
        return f"The {SHOWN} most frequent of {count(seen)}; the table of failures has all."
    if not seen and run.total.failed:
        return f"{count(run.total.failed)} requests failed; the files don't say why."
    return "" if seen else "Every request succeeded." if run.total.requests else ""


def locust_settings(run: LocustRun) -> dict[str, str]:
    """What the files say of how they were made."""
    peak = np.nanmax(run.users) if np.isfinite(run.users).any() else None
    return ({} if peak is None else {"users at most": f"{peak:g}"}) | {
        "files": listed([path.name for path in run.files], 12),
        "written by": GENERATIONS[run.generation],
        "percentile columns": ", ".join(f"{percent:g} %" for percent in run.percents),
    }


def _name(part: RequestStats) -> str:
    return short(f"{part.method} {part.name}".strip())


def _download(run: LocustRun) -> Download:
    rows: list[list[str | float | None]] = []
    for name, part in [("all requests", run.total), *((_name(part), part) for part in run.endpoints)]:
        rows.append([name, "requests", part.requests, None])
        rows += [
            [name, figure, value, UNITS[figure] or None] for figure, value in figures_of(run, part).items()
        ]
    return Download(
        name="brownout-figures.csv",
        title="Figures as CSV",
        header=["endpoint", "figure", "value", "unit (% is a share of 1)"],
        columns=[list(column) for column in zip(*rows, strict=True)],
    )
