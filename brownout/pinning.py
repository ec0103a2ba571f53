"""A run's figures in a small file, as a baseline for thresholds."""

from __future__ import annotations

import json
from pathlib import Path

from brownout.errors import BrownoutError, UsageError
from brownout.reading import read


def pin_run(run: Path, file: Path) -> None:
    """Write the figures of a run that has ended: of a run folder, or of Locust's own files.

    Raises NotARunError, UsageError or BrownoutError.
    """
    from brownout_results.judge.thresholds import pin
    from brownout_results.record.files import replace

    found = read(run)
    told = found.summary()
    if told["state"] == "running":
        raise BrownoutError(f'"{run}" is still going on: pin it when it has ended.')
    if reason := found.invalid:
        raise BrownoutError(f'"{run}" can\'t be a baseline, since it is invalid: {reason}.')
    try:
        document = pin(found.figures(), found.name, told["started"])
        replace(file, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f'"{file}" can\'t be written: {error.strerror}', "FILE") from error
