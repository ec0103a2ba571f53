"""Runs of a minute, and what their timelines say of brownout's own parts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from brownout_results.measure.harness import stalled_seconds
from brownout_results.read.run_folder import Run
from brownout_results.record.event_log import event_line
from brownout_results.record.table_rows import Sample
from brownout_results.record.timestamps import iso
from tests.results.folders import START, Answers, load, make

SECONDS = 60
FLEET = "fleet process"


def stall(since: float, seconds: float | None, process: str = FLEET) -> str:
    """The event of a stall that began so many seconds after the start."""
    told_at = since + (seconds or 1.0)
    fields = {"process": process, "since": iso(START + since), "seconds": seconds}
    return event_line("stall", START + told_at, told_at, fields)


def busy(since: float, seconds: float) -> str:
    """The event of a machine that had no time."""
    fields = {"since": iso(START + since), "seconds": seconds}
    return event_line("busy", START + since + seconds, since + seconds, fields)


def run_with(
    folder: Path, *events: str, slow: Iterable[int] = (), ms: float = 3_000, samples: Sequence[Sample] = ()
) -> Run:
    """A minute of ten quick answers a second; in the `slow` ones they took as long as `ms`."""
    slow = set(slow)
    answers = [Answers(second, [ms if second in slow else 5] * 10) for second in range(SECONDS)]
    rows = [load(second, 10) for second in range(SECONDS)]
    ended = {"format": 1, "ended": iso(START + SECONDS), "how_ended": "completed"}
    return make(folder, answers, rows, samples, events, ended)


def left_out(run: Run) -> list[int]:
    """Seconds from the start."""
    return [second - START for span in stalled_seconds(run) for second in span]
