"""File descriptors: each connection takes one, and a process that has none left fails in others' names."""

from __future__ import annotations

import contextlib
import errno
import resource

WANTED = 65_536
"""Enough for any load of one machine; some systems refuse more, even where they say "unlimited"."""

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Error numbers that say that this machine or process is at a limit of its own, not that the peer failed."""


def limit() -> int:
    """Return how many descriptors this process may have open now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED if soft == resource.RLIM_INFINITY else soft


def raise_limit() -> int:
    """Raise this process's limit as far as it may be, and return it; processes that it starts inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS has a further limit, which it does not tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()
