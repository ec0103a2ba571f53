"""The fleet process's file descriptors: a connection takes two, and none may be left for an answer."""

from __future__ import annotations

import resource

RESERVED, RESERVED_SHARE = 8, 1 / 8
"""Descriptors that no connection is relayed with: those who come then are told so, and not cut off."""


def is_scarce(descriptor: int, promised: int | None = None) -> bool:
    """Whether this descriptor, the lowest that was free, is among the last ones.

    `promised` are those that the present connections are still to take, if they lead to further ones, for
    which more is reserved then.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    reserved = max(RESERVED, int(limit * RESERVED_SHARE))
    if promised is not None:
        descriptor, reserved = descriptor + promised, 2 * reserved
    return limit != resource.RLIM_INFINITY and descriptor >= limit - reserved
