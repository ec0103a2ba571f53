"""What a run comes to, in the terminal: figures, causes, thresholds, and where the folder is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from brownout.progress import clock, milliseconds, outcomes
from brownout_results.judge.thresholds import ThresholdVerdict
from brownout_results.measure import harness
from brownout_results.measure.book import Book, book_of
from brownout_results.measure.left_out import requests_left_out
from brownout_results.measure.summary import Summary, summarise
from brownout_results.read.exceptions import told
from brownout_results.read.run_folder import Run
from brownout_terms.shares import measured_share
from brownout_terms.styles import COLOURS
from brownout_terms.verdicts import THRESHOLDS

CAUSES = 5
"""Causes shown, the most frequent first; the folder has all."""


def show_summary(console: Console, run: Run, verdicts: Sequence[ThresholdVerdict]) -> None:
    """Print a run's figures, then each threshold with its value, then the run's folder."""
    grid = Table.grid(padding=(0, 2))
    for name, value in rows(summarise(run)):
        grid.add_row(Text(name, "dim"), value)
    console.print(grid)
    for name, value in [*harness_left_out(run), *untold(run.manifest), *lost_workers(run)]:
        console.print(Text.assemble((f"{name:<12}", "dim"), value), soft_wrap=True)
    if told := harness.sentences(run):
        console.print(
            Text.assemble(("harness     ", "dim"), (" ".join(told), COLOURS["fallback"])), soft_wrap=True
        )
    console.print(book_line(book_of(run)), soft_wrap=True)
    for verdict in verdicts:
        console.print(threshold_line(verdict), soft_wrap=True)
    console.print(Text.assemble(("run folder  ", "dim"), str(run.folder)), soft_wrap=True)


def rows(summary: Summary) -> list[tuple[str, str | Text]]:
    """Name and value of each line of the summary."""
    lines: list[tuple[str, str | Text]] = [
        ("requests", f"{summary.requests:,} in {clock(summary.duration_s)}{offered(summary)}"),
        ("rates", f"throughput {per_second(summary.throughput)}, goodput {per_second(summary.goodput)}"),
        ("availability", availability(summary)),
        ("latency", percentiles(summary)),
        ("outcomes", outcomes(summary.outcomes)),
    ]
    if summary.causes:
        shown = list(summary.causes.items())[:CAUSES]
        more = f", and {len(summary.causes) - CAUSES} more" if len(summary.causes) > CAUSES else ""
        lines.append(("causes", ", ".join(f"{cause}: {count:,}" for cause, count in shown) + more))
    if summary.exceptions:
        lines.append(("exceptions", told(summary.exceptions)))
    if summary.users_alive is not None and summary.users_alive < 1:
        lines.append(
            (
                "users",
                f"only {measured_share(summary.users_alive, 0)} of those asked for were alive at the worst",
            )
        )
    if summary.retry_amplification is not None:
        opened = f"{summary.breaker_openings} breaker opening{'s' * (summary.breaker_openings != 1)}"
        lines.append(("policy", f"retry amplification {summary.retry_amplification:.2f}, {opened}"))
    return lines


def harness_left_out(run: Run) -> Iterator[tuple[str, str]]:
    """The requests of seconds that are the harness's."""
    if said := requests_left_out(run):
        yield "left out", said


def untold(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the figures do not say of all requests: durations that Locust had not, and failures of ours."""
    if reason := manifest.get("ended_because"):
        yield "ended", reason
    if count := manifest.get("untimed"):
        yield "no duration", f"{count:,} of {manifest.get('requests', count):,} requests: in no percentile"
    for failure, count in (manifest.get("recorder_failures") or {}).items():
        yield "recorder", f"failed {count:,} × at {failure}"
    if count := manifest.get("unrecorded"):
        yield "unrecorded", f"{count:,} request{'s' * (count != 1)}, which are in no figure"


def book_line(book: Book) -> Text:
    """Whether what was counted twice is the same."""
    color = "" if not book.unbalanced else COLOURS["error" if book.is_invalid else "fallback"]
    return Text.assemble(("book        ", "dim"), (book.sentence, color))


def lost_workers(run: Run) -> Iterator[tuple[str, str]]:
    """The workers that died or fell silent: what they had not sent by then is unknown, and in no figure."""
    for worker in run.manifest.get("workers") or ():
        if worker["state"] != "finished":
            yield (
                "lost",
                f"worker {worker['worker']}, last heard of at {worker['last_heard']}; the rest is unknown",
            )


def offered(summary: Summary) -> str:
    """The load as it was meant, and what of it was not sent or late."""
    if summary.offered_rate is None:
        return ""
    dropped = f", {summary.dropped:,} dropped" if summary.dropped else ""
    late = summary.lateness_p99_ms
    lateness = f", p99 of lateness {milliseconds(late)}" if late is not None else ""
    return f", offered {per_second(summary.offered_rate)}{dropped}{lateness}"


def availability(summary: Summary) -> str:
    """The shares of requests that were ok, and that got at least a fallback."""
    if summary.availability is None or summary.degraded_availability is None:
        return "–"
    return (
        f"{measured_share(summary.availability)} ok, "
        f"{measured_share(summary.degraded_availability)} with fallbacks"
    )


def percentiles(summary: Summary) -> str:
    """What users waited."""
    named = {"p50": summary.p50_ms, "p95": summary.p95_ms, "p99": summary.p99_ms}
    return ", ".join(f"{name} {milliseconds(value)}" for name, value in named.items())


def per_second(rate: float | None) -> str:
    """A rate with its unit; a dash when the run is too short to have one."""
    return "–" if rate is None else f"{rate:,.1f}/s"


def threshold_line(verdict: ThresholdVerdict) -> Text:
    """A sign, a word, the threshold, and the value that decided, or why there is none."""
    style = THRESHOLDS[verdict.word]
    of = f" of {verdict.run}" if verdict.run else ""
    return Text.assemble(
        (f"{style.sign} {verdict.word:<6}  ", style.hex),
        f"{verdict.threshold}{of}  ",
        (verdict.reason, "dim"),
    )
