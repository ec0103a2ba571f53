"""The fleet process's file descriptors: a connection takes two, and none may be left for an answer."""

from __future__ import annotations

import resource

RESERVED, RESERVED_SHARE = 64, 1 / 8
"""Descriptors that no connection is relayed with: those who come then are told so, and not cut off.

Enough for the arrivals of half a second at 100/s, which come at once after a pause; a quarter of a small
limit.
"""


def is_scarce(used: int, promised: int | None = None) -> bool:
    """Whether so few descriptors are left, with `used` of them taken, that no connection may take more.

    `promised` are those that the present connections are still to take, if they lead to further ones, for
    which more is reserved then.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    reserved = max(min(RESERVED, limit // 4), int(limit * RESERVED_SHARE))
    if promised is not None:
        used, reserved = used + promised, 2 * reserved
    return limit != resource.RLIM_INFINITY and used >= limit - reserved
