"""How other terminals find a panel: a file for each, readable by its user alone, there as long as it runs."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

FOLDER_VARIABLE = "BROWNOUT_STATE_DIR"
TOKEN_VARIABLE = "BROWNOUT_PANEL_TOKEN"  # noqa: S105 - the variable's name
URL_VARIABLE = "BROWNOUT_PANEL"

BLOCK = 4096
"""Bytes that are tried: no file takes less of a disk."""


class PanelAddress(msgspec.Struct, frozen=True):
    """Where a panel is, and its token."""

    url: str
    token: str
    pid: int
    started_at: float


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the files are: BROWNOUT_STATE_DIR, else the user's own runtime folder."""
    if own := environ.get(FOLDER_VARIABLE):
        return Path(own)
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "brownout"
    return Path(tempfile.gettempdir()) / f"brownout-{os.getuid()}"


def prepare(at: Path | None = None) -> None:
    """Make the folder, and write and remove a file in it. Raises OSError where a panel could not be found."""
    try_to_write(_made(at or folder()))


def try_to_write(place: Path) -> None:
    """Write and remove a file in a folder. Raises OSError.

    It needs a block of the disk: on a full one, an empty file can still be made.
    """
    with tempfile.TemporaryFile(dir=place, buffering=0) as file:
        file.write(bytes(BLOCK))


def _made(place: Path) -> Path:
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.stat().st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "it belongs to somebody else", str(place))
    return place


def announce(url: str, token: str, at: Path | None = None) -> Path:
    """Write this process's file, in place of those of dead ones, and return its path. Raises OSError."""
    place = at or folder()
    find(place)
    _made(place)
    path = place / f"{os.getpid()}.json"
    path.unlink(missing_ok=True)
    content = msgspec.json.encode(PanelAddress(url, token, os.getpid(), time.time()))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path


def find(at: Path | None = None) -> list[PanelAddress]:
    """The panels that run, oldest first; what dead ones left behind is removed."""
    place = at or folder()
    if not place.is_dir() or place.stat().st_uid != os.getuid():
        return []
    found = []
    for path in place.glob("*.json"):
        with suppress(OSError, msgspec.DecodeError):
            one = msgspec.json.decode(path.read_bytes(), type=PanelAddress)
            if _is_alive(one.pid):
                found.append(one)
            else:
                path.unlink()
    return sorted(found, key=lambda one: one.started_at)


def of(pid: int, at: Path | None = None) -> PanelAddress | None:
    """The panel of one process; None if it has none, or none yet."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(((at or folder()) / f"{pid}.json").read_bytes(), type=PanelAddress)
    return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
