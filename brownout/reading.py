"""Runs of any source, read from their path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from brownout.errors import NotARunError, UsageError

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import Baseline, Threshold
    from brownout_results.report.runs import AnyRun


def read(path: str | Path, part: int | None = None) -> AnyRun:
    """Read a run folder, or Locust's own files by their prefix, folder, or one file. Raises NotARunError.

    `part` is which run of a history that contains several, from 1; the last if it is None.
    """
    from brownout_results.report.runs import read_run
    from brownout_results.report.runs.any_run import NotThisSourceError, PartError

    try:
        return read_run(Path(path), part)
    except OSError as error:
        raise NotARunError(f'"{path}" can\'t be read: {error.strerror}.', "RUN") from error
    except (NotThisSourceError, PartError) as error:
        raise NotARunError(str(error), "RUN") from error


def read_baseline(path: Path | None) -> Baseline | None:
    """Read the baseline of relative thresholds: a run of any source, or a file that `brownout pin` made.

    Raises UsageError.
    """
    from brownout_results.judge.thresholds import ThresholdError, read_pinned

    if path is None:
        return None
    try:
        return read_pinned(path)
    except ThresholdError as not_pinned:
        try:
            return read(path).figures()
        except NotARunError as error:
            told = not_pinned if path.suffix == ".json" else error
            raise UsageError(str(told), "--baseline") from error


def read_thresholds(path: Path | None) -> list[Threshold]:
    """Read a file of thresholds, one a line. Raises UsageError."""
    from brownout_results.judge.thresholds import ThresholdError, read_file

    try:
        return list(read_file(path)) if path else []
    except ThresholdError as error:
        raise UsageError(str(error), "--thresholds") from error
