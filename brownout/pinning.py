"""A run's figures in a small file, as a baseline for thresholds."""

from __future__ import annotations

import json
from pathlib import Path

from brownout.errors import BrownoutError, UsageError
from brownout.reading import read_run_folder


def pin_run(run: Path, file: Path) -> None:
    """Write the figures of a run that has ended. Raises NotARunError, UsageError or BrownoutError."""
    from brownout_results.judge.thresholds import pin
    from brownout_results.measure.validity import why_no_result
    from brownout_results.read.run_folder import RunState
    from brownout_results.record.files import replace

    found = read_run_folder(run)
    if found.state is RunState.RUNNING:
        raise BrownoutError(f'"{run}" is still going on: pin it when it has ended.')
    if reason := why_no_result(found):
        raise BrownoutError(f'"{run}" can\'t be a baseline, since it is invalid: {reason}.')
    try:
        replace(file, json.dumps(pin(found), indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f'"{file}" can\'t be written: {error.strerror}', "FILE") from error
