"""The report of one run: its figures, its phases side by side, and its events."""

from __future__ import annotations

import math
from collections.abc import Sequence

from brownout_results.judge.experiment_verdict import verdict_on
from brownout_results.judge.locust_verdict import ABORTED, locust_verdict
from brownout_results.measure import absences, harness
from brownout_results.measure.book import book_of
from brownout_results.measure.figures import FIGURES
from brownout_results.measure.left_out import requests_left_out
from brownout_results.measure.period import Period
from brownout_results.measure.phases import follow_from_faults, load_seconds, phases
from brownout_results.measure.validity import why_no_result
from brownout_results.read.failures import read_failures
from brownout_results.read.run_folder import Run, RunState
from brownout_results.report.charts.data import ChartData
from brownout_results.report.charts.folder_data import chart_data
from brownout_terms.numbers import amount, clock, count
from brownout_terms.outcomes import DEGRADED
from brownout_terms.texts import listed, short

from .book_table import book_grid
from .causes import SHOWN, causes
from .document import Chart, Document, Download, Grid, RunCard
from .figure_meanings import meanings
from .run_grids import exceptions_of, extremes
from .run_settings import policy_of, recorded, settings

MANY_FAILURES = 0.05
"""From this share on, the report tells the durations of answered requests apart: many others fail at once."""

LONGEST_REASON = 400
"""Letters of an experiment's verdict that are shown."""

ENDPOINTS = 50
"""Endpoints on the page: those with most requests; the download has all."""


def report_of_run(run: Run, made: str) -> Document:
    """The report. `made` says by what and when."""
    whole = Period.of(run)
    name = name_of(run)
    shown = chart_data(run, name)
    said = headline(sentences(whole, shown), why_no_result(run), whole.requests())
    wrong = causes([(read_failures(run.folder), whole.requests())])
    _, shared = settings([recorded(run)])
    totals = _totals(run, whole)
    return Document(
        title=short(name),
        sentences=said,
        tone="",
        made=made,
        runs=[card(run, is_baseline=False)],
        notices=[notice for notice in notices(run) if notice not in said],
        meanings=meanings(row[0] for row in totals.rows) if totals else [],
        grids=[
            grid
            for grid in (
                totals,
                _endpoints(run, whole),
                extremes(run, whole),
                exceptions_of(run),
                book_grid(run),
            )
            if grid
        ],
        charts=charts([shown]),
        causes=wrong[:SHOWN],
        causes_note=_causes_note(len(wrong), whole),
        shared=shared,
        methods=METHODS,
        limits=limits(run),
        downloads=[_download(run, whole)],
    )


INVALID = "The run is invalid: {}."
PHASES_OF_FAULTS = (
    "The phases are those before, during and after the faults that were set; marks take their place."
)
ONE_RUN = "One run says nothing about how much another run of the same kind would differ."
MOST_ENDPOINTS = "The {} endpoints with most requests, of {}; the download has all."

METHODS = [
    "Rates cover the whole seconds of load; the first and the last second, which are partial, are left out.",
    "Counts and ratios cover everything that was recorded.",
    "Latency is measured from the intended start of a request to its end.",
    "Percentiles come from merged HdrHistograms with three significant digits and are never averaged.",
    "A phase consists of the whole seconds between its mark and the next.",
    "A run has recovered when goodput has stayed for 5 s at 95 % or more of its value before the fault.",
]


def charts(tracks: Sequence[ChartData]) -> list[Chart]:
    """All charts that there is something to show in."""
    from brownout_results.report.charts.latency_charts import latency_charts  # Plotly takes a while
    from brownout_results.report.charts.mean_charts import endpoint_means
    from brownout_results.report.charts.timeline_chart import timeline

    over_time = [timeline(tracks), endpoint_means(tracks)]
    return [*(chart for chart in over_time if chart), *latency_charts(tracks)]


def name_of(run: Run) -> str:
    """The run's label; its folder's name if it has none."""
    return str(run.manifest.get("label") or run.folder.resolve().name)


def card(run: Run, *, is_baseline: bool, name: str | None = None) -> RunCard:
    """The run at the top of the page."""
    whole = Period.of(run)
    started = str(run.manifest.get("started", "")).replace("T", " ").partition(".")[0]
    load = run.manifest.get("load") or {}
    rate = load.get("arrival_rate")
    offered = f"{amount(rate, '/s')} offered" if rate else f"{load['users']} users" if "users" in load else ""
    facts = [
        ("started", f"{started} UTC" if started else ""),
        ("lasted", clock(len(run.seconds))),
        ("requests", count(whole.requests())),
        ("load", ", ".join(part for part in (offered, str(load.get("shape") or "")) if part)),
        ("policy", policy_of(run)),
        ("target", short(str(run.manifest.get("target") or ""))),
        ("experiment", short(str(verdict_on(run) or ""), LONGEST_REASON)),
    ]
    return RunCard(
        name=short(name or name_of(run)),
        is_baseline=is_baseline,
        facts=[(label, value) for label, value in facts if value],
        path=short(str(run.folder)),
    )


def notices(run: Run) -> list[str]:
    """What to know before believing a figure of the run."""
    invalid = why_no_result(run)
    state = {
        RunState.RUNNING: "The run is still going on: these are the figures so far.",
        RunState.CUT_OFF: "The run was cut off: its last two seconds may be missing.",
    }.get(run.state)
    how = str(run.manifest.get("how_ended") or "completed")
    tunnel = Period.everything(run).outcomes()["tunnel"]
    experiment = verdict_on(run)
    expected = "stopped" if experiment and experiment.word != "aborted" else ""  # the load ends with it
    told = [
        f"THE EXPERIMENT IS {experiment.word.upper()}: {experiment.reason}."
        if experiment and not experiment.passed
        else "",
        INVALID.format(invalid) if invalid else "",
        state or "",
        f"The run did not end by itself: {how}." if how not in ("completed", "None", expected) else "",
        f"Locust's verdict is a failure: {verdict.reason}."
        if how != ABORTED and (verdict := locust_verdict(run))
        else "",
        f"The load ended early: {run.manifest['ended_because']}."
        if run.manifest.get("ended_because")
        else "",
        f"{count(tunnel)} requests failed in the forwarder or at a limit of the load generator, not in the "
        "service; they count neither as ok nor as error."
        if tunnel
        else "",
        f"The first {_left_out(run)} s are left out, as requested." if run.uncut else "",
        "The phases are those that were requested, not those that were marked." if run.named_phases else "",
        *absences.sentences(run),
        " ".join(harness.sentences(run)),
        *(
            f"The book: {finding}."
            for finding in book_of(run).unbalanced
            if str(finding) not in (invalid or "")
        ),
        *(f"{problem}." for problem in run.problems),
    ]
    return [sentence for sentence in told if sentence]


def _left_out(run: Run) -> int:
    """Seconds of load."""
    return len(load_seconds(run.uncut or run)) - len(load_seconds(run))


def limits(run: Run) -> list[str]:
    """What one run can't tell."""
    return [*limits_of(run), ONE_RUN]


def limits_of(run: Run) -> list[str]:
    """What the run's files can't tell."""
    told = []
    if said := requests_left_out(run):
        told.append(said)
    if run.manifest.get("forwarded"):
        told.append(
            "The load went through a port-forward, so its figures include the way through the API server. "
            "For publication, make the load inside the cluster (--workers)."
        )
    if not phases(run):
        told.append("No fault was set and no phase was marked, so there are no figures for parts of the run.")
    if not run.samples:
        told.append("No replica was sampled, so nothing is known about breakers and retries.")
    return told


def headline(told: list[str], invalid: str | None, requests: int) -> list[str]:
    """The two sentences, of which the first one says so if the run says nothing about its target."""
    return [INVALID.format(invalid), told[0]] if invalid and requests else told


def sentences(whole: Period, shown: ChartData) -> list[str]:
    """What the users saw, in two sentences."""
    outcomes = whole.outcomes()
    total = outcomes.total()
    if not total:
        return ["No request ended in this run.", "There is nothing to show."]
    fallback = (
        f", {amount(whole.ratio(None, 'fallback'), '%')} got a fallback" if outcomes["fallback"] else ""
    )
    p95 = amount(whole.percentile_ms(95, None, "latency"), "ms")
    answered = whole.histogram(outcomes=DEGRADED)
    if answered.count and answered.count < (1 - MANY_FAILURES) * total:
        p95 += f", and of those that were answered {amount(answered.percentile_us(95) / 1000, 'ms')}"
    first = (
        f"Of {count(total)} requests, {amount(whole.ratio(None, 'ok'), '%')} succeeded{fallback}; "
        f"95 % took at most {p95}."
    )
    return [first, _events(shown)]


def _events(shown: ChartData) -> str:
    labels = list(dict.fromkeys(band.label for band in shown.bands))
    kills = sum(moment.kind == "kill" for moment in shown.moments)
    if not labels and not kills:
        return "No fault was set and no replica was killed."
    events = " and ".join(
        part
        for part in (
            f"faults ({listed(labels, 3)})" if labels else "",
            f"{count(kills)} kill{'s' * (kills != 1)}" if kills else "",
        )
        if part
    )
    recovered = [one for one in shown.recoveries if one.seconds is not None]
    if not shown.recoveries:
        after = "the run does not show whether it recovered"
    elif len(recovered) < len(shown.recoveries):
        after = "goodput did not recover within the run"
    else:
        after = _back(max(one.seconds or 0.0 for one in recovered), len(recovered))
    return f"The run had {events}; {after}."


def _back(longest_s: float, faults: int) -> str:
    if not longest_s:
        return f"goodput was back as soon as {'the fault' if faults == 1 else 'each fault'} ended"
    of = "the fault" if faults == 1 else "a fault"
    return f"goodput was back {'' if faults == 1 else 'at most '}{amount(longest_s, 's')} after {of} ended"


def _totals(run: Run, whole: Period) -> Grid | None:
    parts = {"whole run": whole} | {name: Period.of(run, spans) for name, spans in phases(run).items()}
    rows = []
    for figure in FIGURES:
        values = [figure.measure(part, None) for part in parts.values()]
        if any(value is not None for value in values):
            rows.append([f"{figure.name}", *(amount(value, figure.unit) for value in values)])
    rows.append(["requests", *(count(part.requests()) for part in parts.values())])
    return (
        Grid(
            title="Figures",
            header=["figure", *map(short, parts)],
            rows=rows,
            note=PHASES_OF_FAULTS if follow_from_faults(run) else "",
        )
        if whole.requests()
        else None
    )


def _endpoints(run: Run, whole: Period) -> Grid | None:
    if len(run.endpoints) < 2:
        return None
    most = sorted(run.endpoints, key=lambda endpoint: -whole.requests(endpoint))[:ENDPOINTS]
    chosen = [figure for figure in FIGURES if figure.name in ("goodput", "availability", "p50", "p95", "p99")]
    return Grid(
        title="Endpoints",
        header=["endpoint", "requests", *(figure.name for figure in chosen)],
        rows=[
            [
                short(" ".join(endpoint)),
                count(whole.requests(endpoint)),
                *(amount(figure.measure(whole, endpoint), figure.unit) for figure in chosen),
            ]
            for endpoint in most
        ],
        note=MOST_ENDPOINTS.format(ENDPOINTS, count(len(run.endpoints)))
        if len(run.endpoints) > ENDPOINTS
        else "",
    )


def _causes_note(causes_seen: int, whole: Period) -> str:
    outcomes = whole.outcomes()
    failed = outcomes.total() - outcomes["ok"]
    if causes_seen > SHOWN:
        return f"The {SHOWN} most frequent of {count(causes_seen)}; causes.csv has all."
    if not causes_seen and failed:
        return f"{count(failed)} requests did not succeed; causes.csv doesn't say why."
    return "" if causes_seen else "Every request succeeded."


def _download(run: Run, whole: Period) -> Download:
    rows: list[list[str | float | None]] = []
    for endpoint in [None, *run.endpoints]:
        name = "all requests" if endpoint is None else short(" ".join(endpoint))
        rows += [
            [name, figure.name, value, figure.unit or None]
            for figure in FIGURES
            if (value := figure.measure(whole, endpoint)) is not None and math.isfinite(value)
        ]
    return Download(
        name="brownout-figures.csv",
        title="Figures as CSV",
        header=["endpoint", "figure", "value", "unit (% is a share of 1)"],
        columns=[list(column) for column in zip(*rows, strict=True)],
    )
