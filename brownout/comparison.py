"""Runs compared: what `brownout compare` shows and writes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from brownout.errors import NotComparableError, UsageError

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import Threshold, ThresholdVerdict
    from brownout_results.report.comparison_report import ComparedSide
    from brownout_results.report.document import Document
    from brownout_results.report.runs import AnyRun

MOST = 40
"""Runs, or groups of repeats, in a comparison."""

LONGEST = 200
"""Letters of a folder's name."""


def document_of(runs: Sequence[AnyRun], *, repeats: bool, notices: Sequence[str] = ()) -> Document:
    """Return the report that compares runs with the first of them, or a single run's phases.

    With `repeats` the runs of one label count as one. Raises UsageError.
    """
    from brownout.reporting import made_by
    from brownout_results.report.comparison_report import report_of_comparison

    sides, known = sides_of(runs, repeats=repeats)
    if not 2 <= len(sides) <= MOST:
        raise UsageError(_wrong_number(len(runs), len(sides), repeats))
    return report_of_comparison(sides, made_by(), [*known, *notices])


def write_comparison(folders: Sequence[Path], out: Path, *, repeats: bool = False) -> tuple[Path, list[str]]:
    """Compare run folders with the first; report.html, summary.json, junit.xml and summary.md go to `out`.

    Returns the page's path and the verdict in two sentences. Raises NotThisSourceError, UsageError, OSError.
    """
    from brownout_results.report.report_files import write
    from brownout_results.report.runs import FolderRun
    from brownout_results.report.runs_index import write_index

    runs = [FolderRun.read(folder) for folder in folders]
    document = document_of(runs, repeats=repeats, notices=incomparable(runs, anyway=True))
    page = write(out, document, runs, [])
    with suppress(OSError):  # the report is there, whether or not a list has it
        write_index(folders[0].resolve().parent)
    return page, list(document.sentences)


def sides_of(runs: Sequence[AnyRun], *, repeats: bool) -> tuple[list[ComparedSide], list[str]]:
    """Return what is compared, and what the reader should know about it."""
    from brownout_results.report import comparison_sides as sides

    if len(runs) == 1:
        return sides.phases_side_by_side(runs[0]), []
    if not repeats:
        return sides.runs_side_by_side(runs), []
    return sides.repeats_side_by_side(runs), sides.not_interleaved(runs)


def _wrong_number(runs: int, sides: int, repeats: bool) -> str:
    if runs == 1:
        return (
            f"A comparison takes two runs, or a run of two phases or more; this one has {sides or 'none'}."
            "\n\nName another run behind it, or phases by their seconds, such as --phase before=0..30 "
            "--phase after=30..60."
        )
    if repeats and sides < 2:
        return "All runs have the same label: there is nothing to compare.\n\nLeave out --repeats."
    return (
        f"{sides} runs are too many: a comparison takes 2 to {MOST}. Group those that repeat with --repeats."
    )


def incomparable(runs: Sequence[AnyRun], *, anyway: bool) -> list[str]:
    """Return what the report says about runs that differ too much.

    Raises NotComparableError unless `anyway`.
    """
    from brownout_results.judge.comparable import differing, is_sweep, label, refusal, sweep_label

    found = differing([run.facts for run in runs])
    if is_sweep(found):
        return [sweep_label(found)]
    if found and not anyway:
        raise NotComparableError(refusal(found))
    return [label(found)] if found else []


def verdicts_of(
    runs: Sequence[AnyRun], thresholds: Sequence[Threshold], *, repeats: bool = False
) -> list[ThresholdVerdict]:
    """Judge each run but the first, which is the baseline, and those that repeat it. Raises UsageError."""
    from brownout_results.judge.thresholds import ThresholdError, judge
    from brownout_results.report.comparison_sides import distinct

    if not thresholds:
        return []
    try:
        figures = [run.figures() for run in runs]
    except ThresholdError as error:
        raise UsageError(str(error)) from error
    baseline = figures[0]
    if len(runs) == 1:
        return judge(baseline, thresholds, baseline)
    judged = [number for number in range(1, len(runs)) if not repeats or runs[number].name != runs[0].name]
    names = distinct([runs[number].name for number in judged]) if len(judged) > 1 else [""]
    return [
        replace(verdict, run=name)
        for name, number in zip(names, judged, strict=True)
        for verdict in judge(figures[number], thresholds, baseline)
    ]


def default_out(runs: Sequence[Path]) -> Path:
    """Return the folder of a comparison's report: beside the folder of runs, named by the runs."""
    from brownout_results.report.comparison_list import COMPARISONS

    folders = [path.resolve() for path in runs]
    first, last = (path.name if path.is_dir() else path.stem for path in (folders[0], folders[-1]))
    more = f"-and-{len(folders) - 2}-more" if len(folders) > 2 else ""
    name = first if len(folders) == 1 else f"{first}--{last}{more}"
    return folders[0].parent.parent / COMPARISONS / name[:LONGEST]
