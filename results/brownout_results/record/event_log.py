"""`events.jsonl`: one JSON object a line, in the order of writing; the kinds are in docs/run-folder.md.

Its writer holds a lock on the file, which the kernel lets go when the writer dies, however it dies. So a
reader can tell a run that is still going on from one that was cut off.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .timestamps import iso

NAME = "events.jsonl"


def event(kind: str, wall: float, monotonic: float, fields: Mapping[str, Any]) -> dict[str, Any]:
    """An event; `wall` in seconds since the epoch, `monotonic` in seconds of the system's clock."""
    return {"t": iso(wall), "mono": round(monotonic, 6), "kind": kind, **fields}


def event_line(kind: str, wall: float, monotonic: float, fields: Mapping[str, Any]) -> str:
    """An event as a line."""
    return line_of(event(kind, wall, monotonic, fields))


def line_of(event: Mapping[str, Any]) -> str:
    """The line that holds an event."""
    return json.dumps(event, ensure_ascii=False, default=str) + "\n"


def hold(fd: int) -> None:
    """Keep the lock on the open file until it is closed or the process ends."""
    with suppress(OSError):  # a file system without locks: a dead run then looks like a dead run all the same
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(folder: Path) -> bool:
    """Whether the writer of this run folder is alive."""
    try:
        fd = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False
