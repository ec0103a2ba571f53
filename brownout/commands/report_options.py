"""What `brownout report` and `brownout compare` have in common: options, and what is done with a document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from brownout.commands.phase_options import Part, phase_options
from brownout.commands.picture_options import picture_options
from brownout.commands.picture_options import save as save_pictures
from brownout.commands.threshold_options import threshold_options, thresholds_of
from brownout_terms.exits import Exit
from brownout_terms.verdicts import EXPERIMENT

if TYPE_CHECKING:
    from brownout_results.locust_csv import LocustRun
    from brownout_results.report.document import Document
    from brownout_results.run_folder import Run
    from brownout_results.thresholds import Threshold, Verdict


@dataclass(frozen=True)
class Asked:
    """What was asked for."""

    out: Path | None
    part: Part
    thresholds: Sequence[Threshold]
    pictures: Sequence[str]


def report_options(default_out: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options; the command gets them as `asked`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def with_asked(**given: Any) -> None:
            part = Part(given.pop("phases"), given.pop("skip"), given.pop("cut_ramp_up"))
            thresholds = [*given.pop("thresholds"), *thresholds_of(given.pop("threshold_file"))]
            command(asked=Asked(given.pop("out"), part, thresholds, given.pop("pictures")), **given)

        out = click.option(
            "--out",
            type=click.Path(file_okay=False, path_type=Path),
            help=f"Where the report's files go.  [default: {default_out}]",
        )
        return out(picture_options(phase_options(threshold_options(with_asked))))

    return decorate


def made_by() -> str:
    """By what and when a report is made."""
    from datetime import UTC, datetime
    from importlib.metadata import version

    return f"brownout {version('brownout')}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def finish(
    folder: Path,
    document: Document,
    runs: Sequence[Run | LocustRun],
    verdicts: Sequence[Verdict],
    asked: Asked,
    index: Path | None = None,
) -> NoReturn:
    """Write the report's files and the index of runs that it belongs into, say what is in it, and exit."""
    from brownout_results.report.files import write
    from brownout_results.report.index import write_index

    try:
        page = write(folder, document, runs, verdicts)
        if index is not None:
            write_index(index)
    except OSError as error:
        raise click.ClickException(
            f'the report can\'t be written to "{folder}": {error.strerror}.\n\nName another with --out DIR.'
        ) from error
    _show(page, document.sentences, verdicts)
    save_pictures(page, asked.pictures)
    sys.exit(exit_of(runs, verdicts))


def _show(page: Path, sentences: Sequence[str], verdicts: Sequence[Verdict]) -> None:
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
    """The exit code that these runs, the experiment of one, and the thresholds come to, in this order."""
    from brownout_results.run_folder import Run
    from brownout_results.validity import why_no_result
    from brownout_results.verdict import verdict_on

    for run in runs:
        if reason := why_no_result(run):
            click.echo(f"invalid: {run.folder}: {reason}")
            return Exit.INVALID
    alone = runs[0] if len(runs) == 1 else None
    if isinstance(alone, Run) and (experiment := verdict_on(alone)) and not experiment.passed:
        click.echo(f"experiment {experiment.word}: {experiment.reason}")
        return next(style.exit for word, style in EXPERIMENT.items() if word == experiment.word)
    return Exit.MISSED if any(verdict.fails for verdict in verdicts) else Exit.PASSED
