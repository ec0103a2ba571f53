"""`brownout report` and `pin`: what is made from run folders."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from brownout.exits import Exit
from brownout.phase_options import Part, phase_options
from brownout.picture_options import picture_options
from brownout.picture_options import save as save_pictures
from brownout.threshold_options import baseline_option, threshold_options, thresholds_of

if TYPE_CHECKING:
    from results.cut import Phase
    from results.locust_csv import LocustRun
    from results.report.document import Document
    from results.run_folder import Run
    from results.thresholds import Baseline, Threshold, Verdict

existing_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the report's files go.  [default: the run folder; of CSV files: PREFIX-report beside them]",
)
@picture_options
@phase_options
@threshold_options
@baseline_option
def report(
    run: Path,
    out: Path | None,
    phases: tuple[Phase, ...],
    skip: float,
    cut_ramp_up: bool,
    thresholds: tuple[Threshold, ...],
    threshold_file: Path | None,
    baseline: Path | None,
    pictures: tuple[str, ...],
) -> None:
    """Make report.html, summary.json, junit.xml and summary.md of one RUN.

    RUN is a run folder, or Locust's own files of any version: a PREFIX, a folder, or one file of them.

    Exit codes: 0 passed, 1 a threshold was missed, 2 usage, 3 the run is invalid.
    """
    from results.locust_csv import LocustRun
    from results.report.index import is_run, write_index
    from results.report.single import single
    from results.thresholds import evaluate

    asked = [*thresholds, *thresholds_of(threshold_file)]
    found = Part(phases, skip, cut_ramp_up).of(read_any(run))
    if isinstance(found, LocustRun):
        report_of_files(found, out, asked, pictures)
    verdicts = evaluate(found, asked, baseline_of(baseline))
    document = single(found, made_by())
    page = write_files(out or run, document, [found], verdicts)
    if is_run(run) and out is None:
        write_index(run.resolve().parent)
    show(page, document.sentences, verdicts)
    save_pictures(page, pictures)
    sys.exit(exit_of([found], verdicts))


@click.command()
@click.argument("run", type=existing_folder)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def pin(run: Path, file: Path) -> None:
    """Keep a run's figures in a small FILE, as a baseline for thresholds.

    As in: brownout pin results/runs/20261124T051401Z-main baseline.json, then
    brownout run --baseline baseline.json --threshold "p95 <= baseline * 1.1 or baseline + 20ms"
    """
    from results.run_folder import State
    from results.run_folder.files import replace
    from results.thresholds import pin as pinned
    from results.validity import why_no_result

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


def report_of_files(
    run: LocustRun, out: Path | None, thresholds: Sequence[Threshold], pictures: Sequence[str]
) -> NoReturn:
    """The report of Locust's own files, and the exit code that they come to."""
    from results.report.locust_single import folder_of, locust_single

    if thresholds:
        raise click.UsageError(
            f'"{run.path}" are Locust\'s own files, and thresholds need a run folder: they lack fallbacks, '
            "phases and exact percentiles.\n\nMake one with: brownout run --target URL --locustfile FILE"
        )
    document = locust_single(run, made_by())
    page = write_files(out or folder_of(run), document, [run], [])
    show(page, document.sentences, [])
    save_pictures(page, pictures)
    sys.exit(exit_of([run], []))


def read_any(path: Path) -> Run | LocustRun:
    """A run folder, or a run by Locust's own files; that it is neither is a usage error."""
    from results.locust_csv import LocustCsvError
    from results.locust_csv import read as read_files
    from results.run_folder import RunFolderError, read

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
    from results.run_folder import RunFolderError, read

    try:
        return read(path)
    except RunFolderError as error:
        raise click.BadParameter(str(error), param_hint="RUN") from error


def baseline_of(path: Path | None) -> Baseline | None:
    """What relative thresholds are relative to: a run folder, or a file that `pin` made."""
    from results.thresholds import Measured, ThresholdError, read_pinned

    if path is None:
        return None
    if path.is_dir():
        return Measured(read_run(path))
    try:
        return read_pinned(path)
    except ThresholdError as error:
        raise click.BadParameter(str(error), param_hint="--baseline") from error


def made_by() -> str:
    """By what and when a report is made."""
    from datetime import UTC, datetime
    from importlib.metadata import version

    return f"brownout {version('brownout')}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def write_files(
    folder: Path, document: Document, runs: Sequence[Run | LocustRun], verdicts: Sequence[Verdict]
) -> Path:
    """Write the report's files; that it can't be done is a sentence."""
    from results.report.files import write

    try:
        return write(folder, document, runs, verdicts)
    except OSError as error:
        raise click.ClickException(
            f'the report can\'t be written to "{folder}": {error.strerror}.\n\nName another with --out DIR.'
        ) from error


def show(page: Path, sentences: Sequence[str], verdicts: Sequence[Verdict]) -> None:
    """Print the report's two sentences, each threshold, and where the page is."""
    from rich.console import Console

    from brownout.summary import threshold_line

    console = Console()
    for sentence in sentences:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    for verdict in verdicts:
        console.print(threshold_line(verdict), soft_wrap=True)
    console.print(f"report  {page}", highlight=False, markup=False, soft_wrap=True)


def exit_of(runs: Sequence[Run | LocustRun], verdicts: Sequence[Verdict]) -> Exit:
    """The exit code that these runs and thresholds come to."""
    from results.validity import why_no_result

    for run in runs:
        if reason := why_no_result(run):
            click.echo(f"invalid: {run.folder}: {reason}")
            return Exit.INVALID
    return Exit.MISSED if any(verdict.fails for verdict in verdicts) else Exit.PASSED
