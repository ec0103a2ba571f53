"""`brownout compare`: runs against a baseline, or the phases of a run against its first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brownout.commands.report import read_any
from brownout.commands.report_options import Asked, finish, made_by, report_options

if TYPE_CHECKING:
    from brownout_results.report.compared import Shown
    from brownout_results.report.compared_runs import AnyRun
    from brownout_results.thresholds import Threshold, Verdict

MOST = 10
"""Runs, or groups of repeats, in a comparison."""

LONGEST = 200
"""Letters of a folder's name."""


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BEFORE [AFTER]...")
@click.option("--repeats", is_flag=True, help="Runs with the same label repeat each other: compare labels.")
@click.option("--anyway", is_flag=True, help="Compare what is not comparable; the report says so.")
@report_options("comparisons/ beside the runs")
def compare(runs: tuple[Path, ...], repeats: bool, anyway: bool, asked: Asked) -> None:
    """Compare runs with the first of them, or, of a single run, its phases with the first phase.

    A run is a run folder, or Locust's own files: a PREFIX, a folder, or one file of them.

    Makes report.html, summary.json, junit.xml and summary.md. A threshold is about every run but the first,
    which is its baseline, as in: brownout compare BEFORE AFTER --threshold "p95 <= baseline * 1.1"

    Exit codes: 0 passed, 1 a threshold was missed, 2 usage, 3 a run is invalid; of the phases of a single run
    also those of its experiment, as in brownout report.
    """
    from brownout_results.report.compared import compared
    from brownout_results.report.index import is_run

    found = [asked.part.of(read_any(path)) for path in runs]
    sides, notices = sides_of(found, repeats=repeats)
    if not 2 <= len(sides) <= MOST:
        raise click.UsageError(_number_of(len(found), len(sides), repeats))
    notices += incomparable(found, anyway=anyway)
    verdicts = verdicts_of(found, asked.thresholds, repeats=repeats)
    index = runs[0].resolve().parent if asked.out is None and is_run(runs[0]) else None
    out = asked.out or default_out(runs)
    finish(out, compared(sides, made_by(), notices), found, verdicts, asked, index)


COMMANDS = [compare]


def sides_of(runs: Sequence[AnyRun], *, repeats: bool) -> tuple[list[Shown], list[str]]:
    """What is compared, and what to know of it."""
    from brownout_results.report import compared_runs as sides

    if len(runs) == 1:
        return sides.phases_side_by_side(runs[0]), []
    if not repeats:
        return sides.runs_side_by_side(runs), []
    return sides.repeats_side_by_side(runs), sides.not_interleaved(runs)


def _number_of(runs: int, sides: int, repeats: bool) -> str:
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
    """What the report says of runs that are not comparable, which without `anyway` is a usage error."""
    from brownout_results.comparable import differing, facts_of, label, refusal

    found = differing([facts_of(run) for run in runs])
    if found and not anyway:
        raise click.UsageError(refusal(found))
    return [label(found)] if found else []


def verdicts_of(
    runs: Sequence[AnyRun], thresholds: Sequence[Threshold], *, repeats: bool = False
) -> list[Verdict]:
    """What comes of each threshold, of each run but the first, which is the baseline of all, and those that
    repeat it."""
    from brownout_results.report.compared_runs import distinct
    from brownout_results.report.single import name_of
    from brownout_results.run_folder import Run
    from brownout_results.thresholds import Measured, evaluate

    if not thresholds:
        return []
    folders = [run for run in runs if isinstance(run, Run)]
    if len(folders) < len(runs):
        raise click.UsageError(
            "Thresholds need run folders: Locust's own files lack fallbacks, phases and exact percentiles."
        )
    baseline = Measured(folders[0])
    if len(folders) == 1:
        return evaluate(folders[0], thresholds, baseline)
    judged = [run for run in folders[1:] if not repeats or name_of(run) != name_of(folders[0])]
    names = distinct([name_of(run) for run in judged]) if len(judged) > 1 else [""]
    return [
        replace(verdict, run=name)
        for name, run in zip(names, judged, strict=True)
        for verdict in evaluate(run, thresholds, baseline)
    ]


def default_out(runs: Sequence[Path]) -> Path:
    """In the folder of runs, named by the runs."""
    from brownout_results.report.comparisons import COMPARISONS

    folders = [path.resolve() for path in runs]
    first, last = (path.name if path.is_dir() else path.stem for path in (folders[0], folders[-1]))
    more = f"-and-{len(folders) - 2}-more" if len(folders) > 2 else ""
    name = first if len(folders) == 1 else f"{first}--{last}{more}"
    return folders[0].parent.parent / COMPARISONS / name[:LONGEST]
