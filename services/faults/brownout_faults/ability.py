"""What an executor can do: faults that it can't are refused, and never replaced by something else."""

from collections.abc import Callable

from .document import FaultDocument
from .effects import CLOSING, Cut, Reply
from .fault import Fault
from .match import is_at
from .problem import Problem

Ability = Callable[[Fault], str | None]
"""Says why an executor can't do a fault, as the end of a sentence about it; None: it can."""


def refuse_impossible(document: FaultDocument, ability: Ability, dependency: str | None) -> None:
    """Raise Problem (422) for a fault that is for this executor and that it can't do."""
    for fault in document.faults:
        if (fault.match and not is_at(fault.match, dependency)) or (reason := ability(fault)) is None:
            continue
        raise Problem(422, f'"{fault.kind()}" {reason}', sent=fault.kind(), allowed=reason)


def closes(fault: Fault) -> bool:
    """Whether the fault closes the connection."""
    if fault.is_of_wsgi():
        return fault.needs_connection
    return isinstance(fault.effect(0.5), CLOSING)


def is_declared(fault: Fault) -> bool:
    """Whether the fault says what happens, so that others than the WSGI middleware can do it."""
    return not fault.is_of_wsgi()


def without_wsgi(fault: Fault) -> str | None:
    """Why a fault can't be carried out by anything but the WSGI middleware; None: it can."""
    if not fault.is_of_wsgi():
        return None
    return (
        "injects itself with `inject`, which only the WSGI middleware can do; to use it here as well, its "
        "class must say what happens with `effect`, as in: return effects.Delay(0.1)"
    )


def without_connection(fault: Fault, server: str, servers: str) -> str | None:
    """Why a fault can't be carried out by a server that gives no access to its connections; None: it can."""
    if not closes(fault):
        return None
    return (
        f'closes the connection, which this server ("{server}") does not let an application do; '
        f"it works under {servers}"
    )


def without_http(fault: Fault) -> str | None:
    """Why a fault can't be carried out on a connection of which nothing is read; None: it can."""
    if reason := without_wsgi(fault):
        return reason
    if fault.match and fault.match.needs_http():
        return "is for some paths, methods or headers, which a TCP connection does not have"
    match fault.effect(0.5):
        case Reply():
            return (
                "answers in HTTP, and this dependency is TCP; name the dependency that it is for, as in: "
                "on=NAME, or use latency, reset, hang, bandwidth or cut"
            )
        case Cut(after_bytes=None):
            return "cuts an answer in half, and the length of a TCP answer is not known; use cut"
    return None
