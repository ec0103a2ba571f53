"""A small disk of a round's own, which can be filled without harm to the machine's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def disk_of(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a memory disk of this size on a folder, where that is allowed, and keep what is on it at the end.

    Yields whether it was; 0 mounts none.
    """
    is_mounted = bool(megabytes) and _mount(folder, megabytes)
    try:
        yield is_mounted
    finally:
        if is_mounted:
            _unmount(folder)


def has_own_disk(folder: Path) -> bool:
    """Whether a folder is the top of a disk of its own."""
    return folder.is_mount()


def _mount(folder: Path, megabytes: int) -> bool:
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "brownout-selftest", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as kept:
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
