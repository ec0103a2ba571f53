"""What a process has started, and what those have, in whichever process groups they are."""

from __future__ import annotations

from contextlib import suppress

import psutil


def descendants(pid: int | None = None) -> list[psutil.Process]:
    """Return the descendants of a process, or of this one; none if it is gone."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def kill_descendants(pid: int | None = None) -> None:
    """SIGKILL the descendants of a process, or of this one, until it has none that runs."""
    while running := [one for one in descendants(pid) if _runs(one)]:
        for one in running:
            with suppress(psutil.NoSuchProcess):
                one.kill()


def listening_ports(pid: int) -> list[int]:
    """Return the TCP ports on which the descendants of a process listen, as far as that may be seen."""
    ports: set[int] = set()
    for one in descendants(pid):
        with suppress(psutil.Error):
            found = one.net_connections("tcp")
            ports.update(each.laddr.port for each in found if each.status == psutil.CONN_LISTEN)
    return sorted(ports)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
