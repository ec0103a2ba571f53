"""`brownout report` and `pin`: what is made from run folders."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from brownout.commands.exit_codes import OF_A_RUN, exit_codes
from brownout.commands.report_options import ReportOptions, report_options
from brownout.commands.threshold_options import baseline_option


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--part",
    type=int,
    metavar="NUMBER",
    help="Which run of a file that contains several, from 1.  [default: the last]",
)
@report_options("the run folder; for CSV files: PREFIX-report beside them")
@baseline_option
@exit_codes(*OF_A_RUN)
def report(run: Path, part: int | None, baseline: Path | None, options: ReportOptions) -> None:
    """Make report.html, summary.json, junit.xml and summary.md of one RUN.

    RUN is a run folder, or Locust's own files of any version: a PREFIX, a folder, or one of the files.
    """
    from brownout.reading import read, read_baseline
    from brownout.reporting import made_by, verdicts_on, write_report
    from brownout_results.report.runs_index import is_run

    found = options.part_of(read(run, part))
    verdicts = verdicts_on(found, options.thresholds, read_baseline(baseline))
    index = run.resolve().parent if is_run(run) and options.out is None else None
    out = options.out or found.report_folder
    sys.exit(write_report(out, found.report(made_by()), [found], verdicts, options.pictures, index))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def pin(run: Path, file: Path) -> None:
    """Save a run's figures in a small FILE, as a baseline for thresholds.

    RUN is a run folder, or Locust's own files of any version: a PREFIX, a folder, or one of the files.

    As in: brownout pin results/runs/20261124T051401Z-main baseline.json, then
    brownout run --baseline baseline.json --threshold "p95 <= baseline * 1.1 or baseline + 20ms"
    """
    from brownout.pinning import pin_run

    pin_run(run, file)
    click.echo(f"{file} has the figures of {run}")


COMMANDS = [report, pin]
