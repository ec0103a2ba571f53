"""A report's files, what is printed of it, and the exit code that it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from brownout.errors import ReportNotWrittenError, UsageError
from brownout_terms.exits import Exit
from brownout_terms.verdicts import EXPERIMENT, OVERALL

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import Baseline, Threshold, ThresholdVerdict
    from brownout_results.measure.selection import Phase
    from brownout_results.report.document import Document
    from brownout_results.report.runs import AnyRun


OVERALL_STYLES = {str(word): style for word, style in OVERALL.items()}


def made_by() -> str:
    """Say which version makes a report, and when."""
    from datetime import UTC, datetime
    from importlib.metadata import version

    return f"brownout {version('brownout')}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def part_of(run: AnyRun, phases: Sequence[Phase], skip_s: float, *, is_ramp_up_skipped: bool) -> AnyRun:
    """Return the run with these phases and without its beginning. Raises UsageError if nothing is left."""
    from brownout_results.measure.selection import SelectionError

    try:
        return run.part(phases, skip_s, is_ramp_up_skipped=is_ramp_up_skipped)
    except SelectionError as error:
        raise UsageError(str(error)) from error


def verdicts_on(
    run: AnyRun, thresholds: Sequence[Threshold], baseline: Baseline | None
) -> list[ThresholdVerdict]:
    """Judge a run by thresholds. Raises UsageError if its source has no exact figures."""
    from brownout_results.judge.thresholds import ThresholdError, judge

    try:
        return judge(run.figures(), thresholds, baseline) if thresholds else []
    except ThresholdError as error:
        raise UsageError(str(error)) from error


def write_report(
    folder: Path,
    document: Document,
    runs: Sequence[AnyRun],
    verdicts: Sequence[ThresholdVerdict],
    pictures: Sequence[str] = (),
    index: Path | None = None,
) -> int:
    """Write a report's files and the index of runs that lists it, print what is in it; the exit code.

    Raises ReportNotWrittenError.
    """
    from brownout.step_summary import append_step_output
    from brownout_results.report.report_files import MARKDOWN, write
    from brownout_results.report.runs_index import write_index

    try:
        page = write(folder, document, runs, verdicts)
        if index is not None:
            write_index(index)
    except OSError as error:
        raise ReportNotWrittenError(
            f'the report can\'t be written to "{folder}": {error.strerror}.\n\nName another with --out DIR.'
        ) from error
    console = Console()
    tell_job(page.with_name(MARKDOWN), runs, verdicts, console)
    _show(page, document, verdicts, console)
    _save_pictures(document, folder, pictures, console)
    code = exit_of(runs, verdicts, console)
    if code == Exit.PASSED and document.fails:
        style = OVERALL_STYLES[document.tone]
        console.print(
            f"{style.sign} {document.tone}: --fail-on {document.tone}", highlight=False, markup=False
        )
        code = style.exit
    with suppress(OSError):  # the exit code says the same
        append_step_output(document.tone, passed=code == Exit.PASSED)
    return code


def tell_job(
    markdown: Path, runs: Sequence[AnyRun], verdicts: Sequence[ThresholdVerdict], console: Console
) -> None:
    """Append summary.md to the page of a CI job, and annotate it with what was missed.

    If the page can't be written, the report is there all the same.
    """
    from brownout.step_summary import annotate, append_step_summary

    annotate(runs, verdicts)
    try:
        append_step_summary(markdown)
    except OSError as error:
        console.print(
            f"note: GITHUB_STEP_SUMMARY can't be written: {error.strerror}", highlight=False, markup=False
        )


def _show(page: Path, document: Document, verdicts: Sequence[ThresholdVerdict], console: Console) -> None:
    """Print the report's two sentences, the verdict in a word, each threshold, and where the page is."""
    from brownout.summary import threshold_line

    for sentence in document.sentences:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    if style := OVERALL_STYLES.get(document.tone):
        console.print(Text.assemble("verdict ", (f"{style.sign} {document.tone}", style.hex)))
    for verdict in verdicts:
        console.print(threshold_line(verdict), soft_wrap=True)
    console.print(f"report  {page}", highlight=False, markup=False, soft_wrap=True)


def _save_pictures(document: Document, folder: Path, formats: Sequence[str], console: Console) -> None:
    """Write the pictures that were asked for, and say where. Raises ReportNotWrittenError."""
    from brownout_results.report.pictures import PicturesError, save_pictures

    if not formats:
        return
    try:
        written = save_pictures(document.charts, folder, formats)
    except PicturesError as error:
        raise ReportNotWrittenError(str(error)) from error
    names = ", ".join(path.name for path in written)
    console.print(
        f"pictures    {len(written)} beside it: {names}", highlight=False, markup=False, soft_wrap=True
    )


def why_untold(verdicts: Sequence[ThresholdVerdict]) -> str | None:
    """Return which thresholds, of all that fail, can't be told because of what failed in the harness."""
    failing = [one for one in verdicts if one.fails]
    untold = [one for one in failing if one.is_harness]
    if len(untold) < len(failing):
        return None  # another one was missed all the same
    return (
        "; ".join(f'whether "{one.threshold}" holds can\'t be told: {one.reason}' for one in untold) or None
    )


def exit_of(runs: Sequence[AnyRun], verdicts: Sequence[ThresholdVerdict], console: Console) -> int:
    """Return the exit code by the runs' validity, the experiment of a single run, and the thresholds."""

    def say(sentence: str) -> None:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)

    for run in runs:
        if reason := run.invalid:
            say(f"invalid: {run.folder}: {reason}")
            return Exit.INVALID
    if untold := why_untold(verdicts):
        say(f"invalid: {untold}")
        return Exit.INVALID
    alone = runs[0] if len(runs) == 1 else None
    if alone and (experiment := alone.experiment) and not experiment.passed:
        say(f"experiment {experiment.word}: {experiment.reason}")
        return next(style.exit for word, style in EXPERIMENT.items() if word == experiment.word)
    if alone and (verdict := alone.locust_verdict):
        say(f"{verdict.whose}: {verdict.reason}")
        return verdict.exit_code
    return Exit.MISSED if any(verdict.fails for verdict in verdicts) else Exit.PASSED
