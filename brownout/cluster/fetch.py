"""Unpacks a run folder from the network: whole or not at all, and only into its own folder."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path
from typing import IO


def unpack(stream: IO[bytes], out: Path) -> Path:
    """The folder, in `out` under its own name or the next free one. Raises OSError or EOFError.

    A cut stream, and an archive with anything but one folder or with a path out of it, leave nothing.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=out) as place:
        try:
            with tarfile.open(fileobj=stream, mode="r|gz") as archive:
                archive.extractall(place, filter="data")
        except tarfile.TarError as error:
            raise OSError(f"the archive is incomplete: {error}") from None
        found = list(Path(place).iterdir())
        if len(found) != 1 or not found[0].is_dir():
            raise OSError("the archive does not contain exactly one folder")
        return _move(found[0], out)


def _move(folder: Path, out: Path) -> Path:
    target, number = out / folder.name, 1
    while target.exists():
        number += 1
        target = out / f"{folder.name}-{number}"
    return folder.rename(target)
