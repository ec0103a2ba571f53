"""Failures that come from a limit of the machine or process that makes the load, not from its target."""

from __future__ import annotations

import errno
from collections.abc import Mapping

LIMITS: Mapping[int, str] = {
    errno.EMFILE: "load generator: too many open files",
    errno.ENFILE: "load generator: too many open files on the machine",
    errno.EADDRNOTAVAIL: "load generator: no free local port",
    errno.ENOBUFS: "load generator: no buffer space",
    errno.ENOMEM: "load generator: out of memory",
}
"""What a request that failed at a limit is recorded with, by the error number of the system call."""

FORWARDER_LIMIT = "forwarder: too many open files"
"""The same of the process that the load goes through, which says so in its answer."""

REMEDIES: Mapping[str, str] = {
    LIMITS[
        errno.EMFILE
    ]: "raise the limit with ulimit -n, or share the load among more processes: --processes",
    FORWARDER_LIMIT: "raise the limit with ulimit -n, or let fewer requests wait at once: --users",
    LIMITS[errno.EADDRNOTAVAIL]: "let users keep their connections, or send from more machines",
}


def limit_of(exception: BaseException) -> str | None:
    """Return which limit an exception is about; None if it is about none.

    HTTP libraries wrap what the socket raised, some several times.
    """
    seen: list[object] = [exception]
    for one in seen:  # grows meanwhile
        if isinstance(one, OSError) and (limit := LIMITS.get(one.errno or 0)):
            return limit
        inner = (getattr(one, name, None) for name in ("original", "reason", "__cause__", "__context__"))
        found = [*inner, *getattr(one, "args", ())]
        seen += [e for e in found if isinstance(e, BaseException) and all(e is not s for s in seen)]
    return None
