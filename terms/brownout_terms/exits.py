"""Exit codes of the commands, for CI, each with its meaning: the only table of them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    PASSED = 0
    MISSED = 1
    USAGE = 2
    INVALID = 3
    DEVIATED = 4
    FAILED = 5
    UNABLE = 6
    CRASHED = 70
    """EX_SOFTWARE of sysexits.h. Python itself ends a crash with 1, which means something else here."""
    INTERRUPTED = 130
    UNREAD = 141
    """What a shell says of a process that SIGPIPE has ended."""


SHORT: dict[Exit, str] = {
    Exit.PASSED: "passed",
    Exit.MISSED: "a threshold or Locust's own verdict failed",
    Exit.USAGE: "usage",
    Exit.INVALID: "the run or its experiment is invalid",
    Exit.DEVIATED: "the experiment deviated",
    Exit.FAILED: "the experiment or selftest failed",
    Exit.UNABLE: "something could not be started or done",
    Exit.CRASHED: "brownout crashed",
    Exit.INTERRUPTED: "interrupted",
    Exit.UNREAD: "nobody reads the output",
}
"""Each in a few words, for help texts."""

LONG: dict[Exit, str] = {
    Exit.PASSED: "passed: the run is valid, all thresholds and the experiment held",
    Exit.MISSED: "a threshold was missed or could not be evaluated, or Locust's own verdict is a failure: "
    "exceptions in tasks, a listener that raised; or a comparison came to a word of --fail-on",
    Exit.USAGE: "usage: an option or a threshold makes no sense, or the locustfile is none",
    Exit.INVALID: "the run or its experiment is invalid: it says nothing about the target",
    Exit.DEVIATED: 'the steady state of an experiment did not hold ("deviated")',
    Exit.FAILED: "an experiment could not do, prove or undo what it says, or a selftest found a wrong report",
    Exit.UNABLE: "something could not be started or done: a port is taken, a replica, the fleet process or "
    "Locust ended before it was up, no panel answers, a file can't be written",
    Exit.CRASHED: "brownout crashed: an error of its own, with a traceback; please report it",
    Exit.INTERRUPTED: "interrupted (Ctrl-C, SIGTERM, SIGHUP), or an experiment was aborted",
    Exit.UNREAD: "nobody reads the output any more, which went into a pipe",
}
"""Each in a sentence, for the documentation."""


def listed(*codes: Exit) -> str:
    """Write the codes of a command with their meanings: 0 passed, 2 usage."""
    return ", ".join(f"{int(code)} {SHORT[code]}" for code in codes)
