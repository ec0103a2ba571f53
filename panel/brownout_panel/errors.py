"""Why a command was not carried out: a sentence for people, a code for programs, a status for HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from brownout_terms.codes import Code


class PanelError(Exception):
    """A command that was not carried out; the message is a sentence for the user.

    A subclass says which code and which HTTP status it has.
    """

    code: ClassVar[Code]
    status: ClassVar[int] = 409

    @property
    def members(self) -> dict[str, Any]:
        """Further members of the problem document."""
        return {}


class _BehindError(PanelError):
    """Some replicas are not as they should be; `reasons` says for each of them why."""

    status = 503

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reasons = dict(reasons)

    @property
    def members(self) -> dict[str, Any]:
        return {"replicas": self.reasons}


class RefusedError(PanelError):
    """A replica can't take what was to be set; nothing was changed.

    `problem` is the replica's own problem document: `status`, `detail`, and mostly `sent` and `allowed`.
    """

    code = Code.REFUSED_BY_REPLICA
    status = 400

    def __init__(self, replica: str, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or f"{replica} refuses it"))
        self.replica = replica
        self.problem = dict(problem)

    @property
    def members(self) -> dict[str, Any]:
        return {key: self.problem[key] for key in ("sent", "allowed") if key in self.problem}


class NobodyConfirmedError(_BehindError):
    """No replica took what was to be set in time; it was dropped, and what was wanted before is wanted again.

    `reasons` says for each replica why.
    """

    code = Code.NOT_CONFIRMED


class ForeignServiceError(_BehindError):
    """No replica has the control URL for it: the service is none of ours. Nothing was changed.

    `reasons` says for each replica what it answers.
    """

    code = Code.FOREIGN_SERVICE
    status = 422


class NotClearedError(_BehindError):
    """Some replicas did not confirm that they have no faults any more; they are asked again and again.

    `reasons` says for each of them why.
    """

    code = Code.NOT_CLEARED


class LastReadyError(PanelError):
    """The replica is the last ready one of its service, and nobody said "even the last"."""

    code = Code.LAST_READY


class KillUnderWayError(PanelError):
    """The replica that was killed before is not back yet."""

    code = Code.KILL_UNDER_WAY


class BlockedError(PanelError):
    """Everything was stopped, and nobody has released it."""

    code = Code.BLOCKED


class LoadRefusedError(PanelError):
    """The settings of the load are invalid, or this load can't start now."""

    code = Code.LOAD_REFUSED
    status = 400


class UnknownRunError(PanelError):
    """There is no such run, or none yet."""

    code = Code.UNKNOWN_RUN
    status = 404


class ReportError(PanelError):
    """The report program made no report."""

    code = Code.REPORT_FAILED
    status = 503


class ExperimentRefusedError(PanelError):
    """There is no such experiment, or its check refuses it."""

    code = Code.EXPERIMENT_REFUSED
    status = 400


class ExperimentBusyError(PanelError):
    """An experiment runs already, or no load runs that it could be judged by."""

    code = Code.EXPERIMENT_BUSY


class ExperimentsMissingError(PanelError):
    """The program that runs experiments does not answer."""

    code = Code.EXPERIMENTS_MISSING
    status = 503
