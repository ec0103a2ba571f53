"""Output that any terminal and any encoding takes."""

from __future__ import annotations

import io
import sys


def replace_unwritable() -> None:
    """Write a replacement for each character that standard output and error can't encode."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
