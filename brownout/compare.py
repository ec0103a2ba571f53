"""Two run folders compared: what `brownout compare BEFORE AFTER` writes, to be called from Python."""

from __future__ import annotations

from pathlib import Path


def write(before: Path, after: Path, out: Path) -> tuple[Path, list[str]]:
    """Compare two run folders, and write report.html, summary.json, junit.xml and summary.md into `out`.

    The path of the page, and the verdict in two sentences. Raises RunFolderError and OSError.
    """
    from brownout.report_commands import made_by
    from results import run_folder
    from results.comparable import differing, facts_of, label
    from results.report.compared import compared
    from results.report.compared_runs import runs_side_by_side
    from results.report.files import write as write_files

    runs = [run_folder.read(folder) for folder in (before, after)]
    found = differing([facts_of(run) for run in runs])
    document = compared(runs_side_by_side(runs), made_by(), [label(found)] if found else [])
    return write_files(out, document, runs, []), list(document.sentences)
