"""What a run looks like while it goes."""

import io
from typing import Any

from rich.console import Console

from brownout.progress import log_line, one_every, show_progress, terminal_block


def line(elapsed_s: float, **more: Any) -> dict[str, Any]:
    """A progress line of the recorder's."""
    return {
        "elapsed_s": elapsed_s,
        "users": 10,
        "workers": 2,
        "offered": 50.0,
        "throughput": 49.6,
        "goodput": 40.2,
        "p50_ms": 4.25,
        "p95_ms": 310.0,
        "p99_ms": None,
        "outcomes": {"ok": 400, "error": 100},
        "dropped": 3,
        "breakers": {"client-0": "half-open"},
        **more,
    }


def test_plain_lines_come_every_five_seconds_also_if_the_recorders_are_late_or_double() -> None:
    elapsed = [0.25, 1.25, 4.9, 6.3, 7.3, 10.2, 10.9, 15.01, 29.0]
    assert [one["elapsed_s"] for one in one_every(5, map(line, elapsed))] == [0.25, 6.3, 10.2, 15.01, 29.0]


def test_a_plain_line_has_all_that_the_block_has() -> None:
    assert log_line(line(12.25), 60.0) == (
        "00:12 of 01:00  users 10  offered 50/s  throughput 50/s  goodput 40/s  "
        "p50 4.2 ms  p95 310 ms  p99 –  ok 400 error 100  dropped 3  client-0:half-open"
    )


def test_the_block_has_time_left_load_rates_latency_outcomes_and_breakers() -> None:
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(terminal_block(line(12.25), "label", 60.0))
    text = console.export_text()
    for part in (
        "label",
        "00:47 left",
        "10 users, 2 workers, offered 50/s, dropped 3",
        "throughput 50/s, goodput 40/s",
        "p50 4.2 ms, p95 310 ms, p99 –",
        "ok 400 (80.0%)  error 100 (20.0%)",
        "client-0 half-open",
    ):
        assert part in text


def test_on_a_terminal_the_block_is_updated_in_place_and_gone_at_the_end() -> None:
    screen = io.StringIO()
    show_progress(
        Console(file=screen, force_terminal=True, width=100), [line(1.25), line(2.25)], "label", 60.0
    )
    assert "00:58 left" in screen.getvalue()
    assert "00:57 left" in screen.getvalue()
    assert "\x1b[1A\x1b[2K" in screen.getvalue()  # up, and clear
    assert "\n" not in screen.getvalue().rpartition("\x1b[?25h")[2]  # the cursor is back, the block is not
