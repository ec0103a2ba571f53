"""The program that the panel starts for an experiment; see panel/brownout_panel/program.py.

python -m brownout_chaos --list                 what there is, as JSON
python -m brownout_chaos --discover             the actions and probes, as `chaos discover` has them
python -m brownout_chaos --check FILE           exit code 2 and a sentence if it can't be run
python -m brownout_chaos FILE --folder FOLDER   run it; exit codes: brownout_terms.verdicts
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from brownout_chaos import discover, files, verdict_file

USAGE = 2


def main() -> int:
    """Run the command line; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m brownout_chaos", description="Run an experiment beside a load."
    )
    parser.add_argument("--list", action="store_true", help="list the experiments as JSON")
    parser.add_argument("--discover", action="store_true", help="list the actions and probes as JSON")
    parser.add_argument("--check", action="store_true", help="only say whether it can be run")
    parser.add_argument("--folder", type=Path, default=Path(), help="where journal and verdict go")
    parser.add_argument("file", nargs="?", help="an experiment's file, or the name of one of brownout's")
    given = parser.parse_args()
    if given.list:
        print(json.dumps(files.listed(os.environ)))
        return 0
    if given.discover:
        print(json.dumps(discover(), indent=2))
        return 0
    if not given.file:
        parser.error("name an experiment")
    try:
        return _check(given.file) if given.check else _run(given.file, given.folder)
    except files.ExperimentError as error:
        print(error, file=sys.stderr)
        return USAGE


def _check(name: str) -> int:
    from brownout_chaos.check import check_file

    file = files.load(files.path_of(name))
    check_file(file)
    if file.notice:
        print(file.notice, file=sys.stderr)
    return 0


def _run(name: str, folder: Path) -> int:
    verdict_file.begin(folder, name)
    try:
        return _run_engine(name, folder)
    except Exception as error:
        verdict_file.write(folder, "failed", f"{type(error).__name__}: {error}", None, name)
        raise


def _run_engine(name: str, folder: Path) -> int:
    from chaoslib.exceptions import ActivityFailed

    from brownout_chaos.interrupts import hold_lifeline
    from brownout_chaos.runner import run
    from brownout_terms.verdicts import EXPERIMENT

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    hold_lifeline(os.environ)
    try:
        verdict = run(files.path_of(name), folder)
    except (ActivityFailed, files.ExperimentError) as error:
        verdict_file.write(folder, "invalid", f"it did not begin: {error}", None, name)
        print(error, file=sys.stderr)
        return USAGE
    print(verdict)
    return EXPERIMENT[verdict.word].exit


if __name__ == "__main__":
    sys.exit(main())
