"""The program that the panel starts for an experiment; see panel/brownout_panel/program.py.

python -m brownout_chaos --list                 the experiments, as JSON
python -m brownout_chaos --discover             the actions and probes, as `chaos discover` lists them
python -m brownout_chaos FILE --folder FOLDER   check it and run it; exit codes: brownout_terms.exits
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from brownout_chaos import discover, files, verdict_file
from brownout_terms.descriptors import raise_limit
from brownout_terms.exits import Exit

logger = logging.getLogger(__name__)


def main() -> int:
    """Run the command line; the exit code."""
    raise_limit()
    parser = argparse.ArgumentParser(
        prog="python -m brownout_chaos", description="Run an experiment beside a load."
    )
    parser.add_argument("--list", action="store_true", help="list the experiments as JSON")
    parser.add_argument("--discover", action="store_true", help="list the actions and probes as JSON")
    parser.add_argument("--folder", type=Path, default=Path(), help="folder for journal and verdict")
    parser.add_argument(
        "--answer",
        type=int,
        metavar="FD",
        help="run only an experiment that --list names, and write to this file descriptor whether it begins",
    )
    parser.add_argument(
        "file", nargs="?", help="an experiment file, or the name of one that comes with brownout"
    )
    given = parser.parse_args()
    if given.list:
        print(json.dumps(files.listed(os.environ)))
        return 0
    if given.discover:
        print(json.dumps(discover(), indent=2))
        return 0
    if not given.file:
        parser.error("name an experiment")
    return _run(given.file, given.folder, given.answer)


def _run(name: str, folder: Path, answer: int | None) -> int:
    """Check it and run it. With `answer`, a refusal goes there alone and leaves nothing in the folder."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        file = _checked(name, is_listed=answer is not None)
    except files.InvalidExperimentError as error:
        if answer is None:
            return _not_begun(folder, name, error)
        _answer(answer, str(error))
        return Exit.USAGE
    verdict_file.begin(folder, name)
    if answer is not None:
        _answer(answer, None)
    try:
        return _run_engine(file, folder, name)
    except Exception as error:
        verdict_file.write(folder, "failed", f"{type(error).__name__}: {error}", None, name)
        logger.exception("the experiment's process crashed")
        return Exit.CRASHED


def _checked(name: str, *, is_listed: bool) -> files.ExperimentFile:
    """Return the experiment, checked here unless another process did. Raises InvalidExperimentError."""
    file = files.load_listed(name, os.environ) if is_listed else files.load(files.path_of(name))
    if file.notice:
        logger.warning(file.notice)
    if not file.is_checked:
        from brownout_chaos.check import check_file

        check_file(file)
    return file


def _answer(descriptor: int, refusal: str | None) -> None:
    """Say whether the experiment begins, and if not, why."""
    os.write(descriptor, json.dumps({"refusal": refusal}).encode() + b"\n")
    os.close(descriptor)


def _run_engine(file: files.ExperimentFile, folder: Path, name: str) -> int:
    from chaoslib.exceptions import ActivityFailed

    from brownout_chaos.loop_watch import watch
    from brownout_chaos.runner import run
    from brownout_chaos.signal_handler import hold_lifeline
    from brownout_terms.verdicts import EXPERIMENT

    hold_lifeline(os.environ)
    watch()
    try:
        verdict = run(file, folder)
    except files.InvalidExperimentError as error:
        return _not_begun(folder, name, error)
    except ActivityFailed as error:  # there is no panel, or it refuses this process
        return _not_begun(folder, name, error, Exit.UNABLE)
    print(verdict)
    return EXPERIMENT[verdict.word].exit


def _not_begun(folder: Path, name: str, why: Exception, code: Exit = Exit.USAGE) -> int:
    verdict_file.write(folder, "invalid", f"it did not begin: {why}", None, name)
    print(why, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
