"""`brownout compare`: runs against a baseline, or the phases of a run against its first."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from brownout.commands.exit_codes import OF_A_RUN, exit_codes
from brownout.commands.report_options import ReportOptions, report_options
from brownout_terms.verdicts import OVERALL


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BEFORE [AFTER]...")
@click.option("--repeats", is_flag=True, help="Treat runs with the same label as repeats: compare labels.")
@click.option("--anyway", is_flag=True, help="Compare runs that are not comparable; the report says so.")
@click.option(
    "--fail-on",
    "failing",
    type=click.Choice(list(OVERALL)),
    multiple=True,
    help="Exit with 1 if the comparison comes to this word, such as worse; repeatable.",
)
@click.option(
    "--part",
    "parts",
    type=int,
    multiple=True,
    metavar="NUMBER",
    help="Which run of a file that contains several, from 1; once for every RUN.  [default: the last]",
)
@report_options("comparisons/ beside the runs")
@exit_codes(*OF_A_RUN)
def compare(
    runs: tuple[Path, ...],
    repeats: bool,
    anyway: bool,
    failing: tuple[str, ...],
    parts: tuple[int, ...],
    options: ReportOptions,
) -> None:
    """Compare runs with the first one, or the phases of a single run with its first phase.

    A run is a run folder, or Locust's own files: a PREFIX, a folder, or one of the files.

    Writes report.html, summary.json, junit.xml and summary.md. Thresholds apply to every run but the first,
    which is their baseline, as in: brownout compare BEFORE AFTER --threshold "p95 <= baseline * 1.1"
    """
    from brownout.comparison import default_out, document_of, incomparable, verdicts_of
    from brownout.errors import UsageError
    from brownout.reading import read
    from brownout.reporting import write_report
    from brownout_results.report.runs_index import is_run

    if parts and len(parts) != len(runs):
        raise UsageError(
            f"--part is given {len(parts)} times for {len(runs)} runs: give it once for every run.", "--part"
        )
    numbers = parts or (None,) * len(runs)
    found = [options.part_of(read(path, part)) for path, part in zip(runs, numbers, strict=True)]
    document = document_of(found, repeats=repeats, notices=incomparable(found, anyway=anyway))
    verdicts = verdicts_of(found, options.thresholds, repeats=repeats)
    index = runs[0].resolve().parent if options.out is None and is_run(runs[0]) else None
    out = options.out or default_out(runs)
    document = replace(document, fails=document.tone in failing)
    sys.exit(write_report(out, document, found, verdicts, options.pictures, index))


COMMANDS = [compare]
