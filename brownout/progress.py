"""Progress of a run: a block that updates itself in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from brownout_terms import breakers as breaker_terms
from brownout_terms import outcomes as outcome_terms
from brownout_terms.shares import measured_share
from brownout_terms.styles import Style

LOG_EVERY_S = 5
"""Seconds between two lines where the output is no terminal."""

BREAKERS: Mapping[str, Style] = dict(breaker_terms.STYLES.items())


def show_progress(
    console: Console, lines: Iterable[Mapping[str, Any]], label: str, run_time_s: float | None
) -> None:
    """Show progress lines as they come, until they end."""
    if not console.is_terminal:
        for line in one_every(LOG_EVERY_S, lines):
            console.print(log_line(line, run_time_s), highlight=False, soft_wrap=True)
        return
    with Live(Text("starting the load"), console=console, auto_refresh=False, transient=True) as live:
        for line in lines:
            live.update(terminal_block(line, label, run_time_s), refresh=True)


def one_every(seconds: int, lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the first line of each interval of that many seconds; on a busy machine lines may come late."""
    last = -1
    for line in lines:
        interval = int(line["elapsed_s"]) // seconds
        if interval > last:
            last = interval
            yield line


def clock(seconds: float) -> str:
    """Write minutes and seconds: 03:25."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def milliseconds(value: float | None) -> str:
    """Write a duration with its unit; a dash when nothing was measured."""
    return "–" if value is None else f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def log_line(line: Mapping[str, Any], run_time_s: float | None) -> str:
    """Write progress as one line of a log."""
    outcomes = " ".join(f"{name} {count}" for name, count in line["outcomes"].items())
    left = f" of {clock(run_time_s)}" if run_time_s else ""
    breakers = " ".join(f"{name}:{state}" for name, state in line["breakers"].items())
    return (
        f"{clock(line['elapsed_s'])}{left}  users {line['users']}  offered {line['offered']:.0f}/s  "
        f"throughput {line['throughput']:.0f}/s  goodput {line['goodput']:.0f}/s  "
        f"p50 {milliseconds(line['p50_ms'])}  p95 {milliseconds(line['p95_ms'])}  "
        f"p99 {milliseconds(line['p99_ms'])}  {outcomes}  dropped {line['dropped']}  {breakers}"
    ).rstrip()


def terminal_block(line: Mapping[str, Any], label: str, run_time_s: float | None) -> Group:
    """Return what a terminal shows: time, load, rates, latency, outcomes, breakers."""
    elapsed = line["elapsed_s"]
    time = Table.grid(padding=(0, 1))
    if run_time_s:
        left = max(run_time_s - elapsed, 0)
        bar = ProgressBar(total=run_time_s, completed=min(elapsed, run_time_s), width=24)
        time.add_row(Text(label, "bold"), bar, f"{clock(left)} left")
    else:
        time.add_row(Text(label, "bold"), f"{clock(elapsed)} running")
    workers = f", {line['workers']} workers" if (line["workers"] or 0) > 1 else ""
    rows: list[tuple[str, str | Text]] = [
        (
            "load",
            f"{line['users']} users{workers}, offered {line['offered']:,.0f}/s, dropped {line['dropped']:,}",
        ),
        ("rates", f"throughput {line['throughput']:,.0f}/s, goodput {line['goodput']:,.0f}/s"),
        ("latency", ", ".join(f"{p} {milliseconds(line[f'{p}_ms'])}" for p in ("p50", "p95", "p99"))),
        ("outcomes", outcomes(line["outcomes"])),
    ]
    if line["breakers"]:
        rows.append(("breakers", breakers(line["breakers"])))
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, "dim"), value)
    return Group(time, grid, Text("Ctrl-C ends the run gracefully", "dim"))


def outcomes(counts: Mapping[str, int]) -> Text:
    """Write each outcome with its count and share."""
    total = sum(counts.values())
    parts = [
        (f"{name} {counts[name]:,} ({_share(counts[name] / total)})  ", style.hex)
        for name, style in outcome_terms.STYLES.items()
        if counts.get(name)
    ]
    return Text.assemble(*parts) if parts else Text("none yet", "dim")


def _share(share: float) -> str:
    """Write it as narrow as the block is."""
    return measured_share(share, 1).replace(" ", "")


def breakers(states: Mapping[str, str]) -> Text:
    """Write the state of each replica's breaker, in words and in colour."""
    return Text.assemble(
        *(
            (f"{name} {state}  ", BREAKERS.get(state, BREAKERS["unknown"]).hex)
            for name, state in states.items()
        )
    )
