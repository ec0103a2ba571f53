"""What can't be done, in sentences for the user; the API makes problem documents of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PanelError(Exception):
    """A command that was not carried out; the message is a sentence for the user."""


class RefusedError(PanelError):
    """A replica can't take what was to be set; nothing was changed.

    `problem` is the replica's own problem document: `status`, `detail`, and mostly `sent` and `allowed`.
    """

    def __init__(self, replica: str, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or f"{replica} refuses it"))
        self.replica = replica
        self.problem = dict(problem)


class NobodyConfirmedError(PanelError):
    """No replica took what was to be set in time; it was dropped, and what was wanted before is wanted again.

    `reasons` says for each replica why.
    """

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reasons = dict(reasons)


class ForeignServiceError(PanelError):
    """No replica has the control URL for it: the service is none of ours. Nothing was changed.

    `reasons` says for each replica what it answers.
    """

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reasons = dict(reasons)


class NotClearedError(PanelError):
    """Some replicas did not confirm that they have no faults any more; they are asked again and again.

    `reasons` says for each of them why.
    """

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reasons = dict(reasons)


class LastReadyError(PanelError):
    """The replica is the last ready one of its service, and nobody said "even the last"."""


class KillUnderWayError(PanelError):
    """The replica that was killed before is not back yet."""


class BlockedError(PanelError):
    """Everything was stopped, and nobody has released it."""


class LoadRefusedError(PanelError):
    """A load that can't be meant, or can't be made now."""


class UnknownRunError(PanelError):
    """There is no such run, or none yet."""


class ReportError(PanelError):
    """The program that makes reports made none."""


class ExperimentError(PanelError):
    """An experiment that can't be meant: unknown, or its own check says no."""


class ExperimentBusyError(PanelError):
    """An experiment runs already, or no load runs for it to be about."""


class ExperimentsMissingError(PanelError):
    """The program that runs experiments can't be asked."""
