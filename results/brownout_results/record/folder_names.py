"""Names of run folders: `<start>-<label>`, such as `20260314T150926Z-retry-storm`.

The start is UTC to the second (ISO 8601, basic form). Of the label, ASCII letters, digits, `.` and `_`
stay, accents go; any run of other characters becomes one `-`; 80 characters at most; `run` if none is left.
The label as it was given is in run.json.
"""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from .errors import RunFolderError

LABEL_LENGTH = 80
"""Well below the 255 bytes that file systems allow a name, start and number included."""


def printable(label: str) -> str:
    """The label with a `-` for each byte that is no text where it was typed."""
    return "".join("-" if "\ud800" <= letter <= "\udfff" else letter for letter in label)


def slug(label: str) -> str:
    """The part of a folder's name that a label gives."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", label) if not unicodedata.combining(letter)
    )
    joined = re.sub(r"[^A-Za-z0-9._]+", "-", plain)
    return joined[:LABEL_LENGTH].strip("-.") or "run"


def check_out(out: Path) -> None:
    """Make `out` unless it exists, and see that a folder can be made in it. Raises `RunFolderError`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".probe-{os.getpid()}"
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise RunFolderError(_sentence(out, error)) from error


def make_folder(out: Path, started: float, label: str) -> Path:
    """A new folder in `out` for the run begun at `started` (seconds since the epoch).

    Making a folder either succeeds or finds one there: of runs begun in one second the second gets `-2` at
    the end of its name, the third `-3`. Raises `RunFolderError`.
    """
    base = folder = f"{datetime.fromtimestamp(started, UTC):%Y%m%dT%H%M%SZ}-{slug(label)}"
    number = 1
    try:
        out.mkdir(parents=True, exist_ok=True)
        while not _made(out / folder):
            number += 1
            folder = f"{base}-{number}"
    except OSError as error:
        raise RunFolderError(_sentence(out, error)) from error
    return out / folder


def _made(folder: Path) -> bool:
    """Whether it was this call that made the folder."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _sentence(out: Path, error: OSError) -> str:
    reason = "it is a file" if isinstance(error, (FileExistsError, NotADirectoryError)) else error.strerror
    return f'no run folder can be made in "{out}": {reason}.\n\nName another place with --out DIR.'
