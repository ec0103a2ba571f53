"""Exit codes of the commands, for CI. docs/thresholds.md lists them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    PASSED = 0
    MISSED = 1
    """A threshold was missed, or could not be evaluated."""
    ERROR = 1
    """The command could not do what it was asked to. The same number as a missed threshold."""
    USAGE = 2
    INVALID = 3
    """The run says nothing: nothing was sent, nothing answered, or the offered rate was not held."""
    DEVIATED = 4
    """An experiment's steady state did not hold."""
    FAILED = 5
    """An experiment could not do, prove or undo what it says."""
    INTERRUPTED = 130
    """Ctrl-C or SIGTERM ended it, or an experiment was aborted."""
