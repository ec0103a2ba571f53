"""Two run folders compared: what `brownout compare BEFORE AFTER` writes, to be called from Python."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def write(before: Path, after: Path, out: Path) -> tuple[Path, list[str]]:
    """Compare two run folders; see `write_all`."""
    return write_all([before, after], out)


def write_all(folders: Sequence[Path], out: Path, *, repeats: bool = False) -> tuple[Path, list[str]]:
    """Compare run folders with the first; report.html, summary.json, junit.xml and summary.md go to `out`.

    With `repeats` the runs of one label count as one. The path of the page, and the verdict in two sentences.
    Raises RunFolderError and OSError.
    """
    from brownout.commands.compare import sides_of
    from brownout.commands.report_options import made_by
    from brownout_results import run_folder
    from brownout_results.comparable import differing, facts_of, label
    from brownout_results.report.compared import compared
    from brownout_results.report.files import write as write_files
    from brownout_results.report.index import write_index

    runs = [run_folder.read(folder) for folder in folders]
    sides, notices = sides_of(runs, repeats=repeats)
    found = differing([facts_of(run) for run in runs])
    document = compared(sides, made_by(), [*notices, *([label(found)] if found else [])])
    page = write_files(out, document, runs, [])
    with suppress(OSError):  # the report is there, whether or not a list has it
        write_index(folders[0].resolve().parent)
    return page, list(document.sentences)
