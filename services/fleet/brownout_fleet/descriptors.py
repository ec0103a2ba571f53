"""The fleet process's file descriptors: a connection takes two, and none may be left for an answer."""

from __future__ import annotations

import resource

RESERVED = 8
"""Descriptors that no connection is relayed with: those who come then are told so, and not cut off."""


def is_scarce(descriptor: int) -> bool:
    """Whether this descriptor, the lowest that was free, is among the last ones."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limit != resource.RLIM_INFINITY and descriptor >= limit - RESERVED
