"""Checks of what a run is given, before anything starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from brownout.errors import UsageError

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import Threshold

DEFAULT_OUT = Path("results/runs")
"""Where run folders go, below the working folder."""


def check_url(target: str | None) -> None:
    """Raises UsageError for a target that is no URL."""
    if target and not re.match(r"https?://[^/]", target):
        raise UsageError(f'"{target}" is not a URL such as http://127.0.0.1:8000', "--target")


def check_disturbances(faults: Sequence[object], kill: str | None, injectors: Sequence[str]) -> None:
    """Raises UsageError for a fault or a kill that meets nothing, since with --target nothing is started."""
    if kill:
        raise UsageError(
            f'"{kill}" is a service of a fleet, and with --target nothing is started. Leave out --target to '
            "load brownout's own services, or kill yours with an action of an --experiment",
            "--kill",
        )
    if faults and not injectors:
        raise UsageError(
            "with --target there is no backend of brownout's to set it on. Name a service of yours that has "
            "the FaultInjector, as in: --injector http://127.0.0.1:8000",
            "--fault",
        )


def check_baseline(thresholds: Sequence[Threshold], baseline: Path | None) -> None:
    """Raises UsageError for a relative threshold without a baseline, or a baseline without one."""
    relative = [one for one in thresholds if one.is_relative]
    decisive = [one for one in relative if not one.report_only]
    if decisive and baseline is None:
        raise UsageError(
            f'"{decisive[0]}" is relative to a baseline, and there is none. Name a run folder, or a file '
            "that brownout pin made: --baseline RUN",
            "--threshold",
        )
    if baseline is not None and not relative:
        raise UsageError(
            f'nothing is compared with "{baseline}", since no threshold is relative. Add one, as in: '
            '--threshold "p95 <= baseline * 1.1"',
            "--baseline",
        )


def check_locustfile(path: Path) -> Path:
    """Return the path of a file of Python. Raises UsageError for one with a syntax error."""
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        text = f"\n\n    {error.text.strip()}" if error.text else ""
        raise UsageError(
            f'SyntaxError in line {error.lineno} of "{path}": {error.msg}{text}', "--locustfile"
        ) from error
    return path
