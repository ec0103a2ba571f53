"""Why a command can't do what it was asked to: a sentence for the user, and an exit code.

What the commands call raises these; cli.py turns them into click's, in one place.
"""

from __future__ import annotations

from typing import ClassVar

from brownout_terms.exits import Exit


class BrownoutError(Exception):
    """The message is what the user reads: what is wrong, and what to do."""

    exit_code: ClassVar[Exit] = Exit.UNABLE


class UsageError(BrownoutError):
    """Something that the user has given is wrong; nothing was started or written."""

    exit_code = Exit.USAGE

    def __init__(self, message: str, option: str | None = None) -> None:
        """`option` is the one that is wrong, such as --experiment, or an argument's name."""
        super().__init__(message)
        self.option = option


class NotARunError(UsageError):
    """There is neither a run folder nor a set of Locust's files."""


class NotComparableError(UsageError):
    """The runs differ in what they were made with."""


class LoadNotStartedError(BrownoutError):
    """Locust ended before the load began, or could not be started."""


class LoadImpossibleError(LoadNotStartedError):
    """The same, because of what the user has given: options of Locust's, or a locustfile that is none."""

    exit_code = Exit.USAGE


class ReportNotWrittenError(BrownoutError):
    """A report or its pictures can't be written."""


class PanelLostError(BrownoutError):
    """The control panel doesn't answer: its harness has ended, ends just now, or stalls."""


class PanelRefusedError(BrownoutError):
    """The control panel has refused a request; the message is the panel's."""

    def __init__(self, message: str, code: str | None = None) -> None:
        """`code` says why, for programs; see brownout_terms.codes."""
        super().__init__(message)
        self.code = code


class NoPanelError(BrownoutError):
    """There is no control panel to ask, or it is not clear which."""
