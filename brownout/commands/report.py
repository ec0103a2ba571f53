"""`brownout report` and `pin`: what is made from run folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from brownout.commands.report_options import Asked, finish, made_by, report_options
from brownout.commands.threshold_options import baseline_option

if TYPE_CHECKING:
    from brownout_results.locust_csv import LocustRun
    from brownout_results.run_folder import Run
    from brownout_results.thresholds import Baseline

existing_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@report_options("the run folder; of CSV files: PREFIX-report beside them")
@baseline_option
def report(run: Path, baseline: Path | None, asked: Asked) -> None:
    """Make report.html, summary.json, junit.xml and summary.md of one RUN.

    RUN is a run folder, or Locust's own files of any version: a PREFIX, a folder, or one file of them.

    Exit codes: 0 passed, 1 a threshold was missed, 2 usage, 3 the run or its experiment is invalid, 4 the
    experiment deviated, 5 it failed, 130 it was aborted.
    """
    from brownout_results.locust_csv import LocustRun
    from brownout_results.report.index import is_run
    from brownout_results.report.single import single
    from brownout_results.thresholds import evaluate

    found = asked.part.of(read_any(run))
    if isinstance(found, LocustRun):
        report_of_files(found, asked)
    verdicts = evaluate(found, asked.thresholds, baseline_of(baseline))
    index = run.resolve().parent if is_run(run) and asked.out is None else None
    finish(asked.out or run, single(found, made_by()), [found], verdicts, asked, index)


@click.command()
@click.argument("run", type=existing_folder)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def pin(run: Path, file: Path) -> None:
    """Keep a run's figures in a small FILE, as a baseline for thresholds.

    As in: brownout pin results/runs/20261124T051401Z-main baseline.json, then
    brownout run --baseline baseline.json --threshold "p95 <= baseline * 1.1 or baseline + 20ms"
    """
    from brownout_results.run_folder import State
    from brownout_results.run_folder.files import replace
    from brownout_results.thresholds import pin as pinned
    from brownout_results.validity import why_no_result

    found = read_run(run)
    if found.state is State.RUNNING:
        raise click.ClickException(f'"{run}" is still going on: pin it when it has ended.')
    if reason := why_no_result(found):
        raise click.ClickException(f'"{run}" is no baseline, since it is invalid: {reason}.')
    try:
        replace(file, json.dumps(pinned(found), indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise click.BadParameter(
            f'"{file}" can\'t be written: {error.strerror}', param_hint="FILE"
        ) from error
    click.echo(f"{file} has the figures of {run}")


COMMANDS = [report, pin]


def report_of_files(run: LocustRun, asked: Asked) -> NoReturn:
    """The report of Locust's own files, and the exit code that they come to."""
    from brownout_results.report.locust_single import folder_of, locust_single

    if asked.thresholds:
        raise click.UsageError(
            f'"{run.path}" are Locust\'s own files, and thresholds need a run folder: they lack fallbacks, '
            "phases and exact percentiles.\n\nMake one with: brownout run --target URL --locustfile FILE"
        )
    finish(asked.out or folder_of(run), locust_single(run, made_by()), [run], [], asked)


def read_any(path: Path) -> Run | LocustRun:
    """A run folder, or a run by Locust's own files; that it is neither is a usage error."""
    from brownout_results.locust_csv import LocustCsvError
    from brownout_results.locust_csv import read as read_files
    from brownout_results.run_folder import RunFolderError, read

    try:
        return read(path)
    except OSError as error:
        raise click.BadParameter(f'"{path}" can\'t be read: {error.strerror}.', param_hint="RUN") from error
    except RunFolderError as not_ours:
        try:
            return read_files(path)
        except LocustCsvError as error:
            raise click.BadParameter(str(error), param_hint="RUN") from not_ours


def read_run(path: Path) -> Run:
    """The run in the folder; that it is none is a usage error."""
    from brownout_results.run_folder import RunFolderError, read

    try:
        return read(path)
    except RunFolderError as error:
        raise click.BadParameter(str(error), param_hint="RUN") from error


def baseline_of(path: Path | None) -> Baseline | None:
    """What relative thresholds are relative to: a run folder, or a file that `pin` made."""
    from brownout_results.thresholds import Measured, ThresholdError, read_pinned

    if path is None:
        return None
    if path.is_dir():
        return Measured(read_run(path))
    try:
        return read_pinned(path)
    except ThresholdError as error:
        raise click.BadParameter(str(error), param_hint="--baseline") from error
