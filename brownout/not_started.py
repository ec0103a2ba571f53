"""Why a load never began, in a sentence, from what Locust has printed. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from brownout_terms.exits import Exit

REFUSAL = "locust: error: "
TRACEBACK = "Traceback (most recent call last):"
NO_USERS = ("No User class found", "load_locustfile_pytest")
"""What Locust says of such a file, or tries: to find tests of pytest's in it."""

NO_FILE = "Ensure your locustfile ends with '.py'"
"""What it says of one that has another name."""

NO_PYTHON = ("SyntaxError", "IndentationError", "TabError")
"""Errors of a file that can't be read as Python."""

GAVE_UP = "Gave up waiting for workers to connect"
"""What a master of Locust's says then."""

KEPT = 3
"""Lines of a traceback's end that are shown: where, what stands there, what is wrong."""

_INTERNAL = re.compile(r"(?:[\w.]+\.)?(?:StopTest|RunFolderError): ")
"""Our own errors are sentences already."""


def is_refusal(output: str, code: int) -> bool:
    """Return whether what the user has given is wrong, by what Locust has printed and its exit code."""
    error = _error(output)
    if error is not None and error[-1].partition(":")[0] in NO_PYTHON:
        return True
    is_no_locustfile = any(sign in output for sign in (*NO_USERS, NO_FILE))
    return is_no_locustfile or (code == Exit.USAGE and REFUSAL in output)


def why(output: str, code: int, log: Path, locustfile: Path) -> str:
    """Sentence for the user; `log` is where all of the output is."""
    lines = output.splitlines()
    refusal = next((line.partition(REFUSAL)[2] for line in lines if REFUSAL in line), None)
    if refusal and refusal.startswith("unrecognized arguments: --panel-port"):
        return (
            f'"{locustfile}" does not know the options of brownout.\n\n'
            "Add this line to it: import brownout.locust"
        )
    if refusal:
        return refusal
    if any(sign in output for sign in NO_USERS):
        return f'"{locustfile}" has no users: a class that inherits from FastHttpUser, HttpUser or User.'
    if NO_FILE in output:
        return f'"{locustfile}" is no locustfile: its name must end with ".py".'
    if GAVE_UP in output:
        return (
            "too few workers have reached Locust's master in time. Start them, each with: locust -f "
            f"{locustfile} --worker --master-host HOST.\n\nTo wait longer: -- --expect-workers-max-wait "
            f"SECONDS. All that Locust said: {log}"
        )
    error = _error(output)
    if error is None:
        return f"Locust ended with exit code {code} before the load began. The end of {log}:\n\n" + "\n".join(
            lines[-20:]
        )
    if _INTERNAL.match(error[-1]):
        return _INTERNAL.sub("", error[-1], count=1)
    shown = "\n".join(error[-KEPT - 1 :])
    return f"the load could not start: {error[-1]}\n\n{shown}\n\nAll that Locust said: {log}"


def _error(output: str) -> list[str] | None:
    """The lines of the last traceback, the exception last; None if there is none."""
    if TRACEBACK not in output:
        return None
    found: list[str] = []
    for line in output.rpartition(TRACEBACK)[2].splitlines()[1:]:
        found.append(line)
        if line and not line[0].isspace():
            return found
    return None
