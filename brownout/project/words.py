"""A command as its words. Pure."""

from __future__ import annotations

import shlex


def words(command: str | list[str] | None) -> list[str]:
    """Split a command as a shell does; a list is split already."""
    if isinstance(command, str):
        try:
            return shlex.split(command)
        except ValueError:  # a quote that is never closed
            return command.split()
    return list(command or [])
