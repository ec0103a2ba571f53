"""Applies a document to the replicas of a service, and waits until each has confirmed or refused it."""

from __future__ import annotations

import msgspec

from brownout_panel.desired import Answer, DesiredDocument
from brownout_panel.errors import (
    ForeignServiceError,
    NobodyConfirmedError,
    NotClearedError,
    PanelError,
    RefusedError,
)
from brownout_panel.model import ApplyState
from brownout_panel.reconciler import Reconciler
from brownout_terms.codes import Code

HINTS = {
    "backend": "brownout's backend has it, and a WSGI application with brownout.FaultInjector around it.",
    "client": "Only brownout's own client has it.",
}


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of applying a document."""

    applied: int
    """Replicas that have it."""
    of: int
    """Replicas that run."""
    answer: Answer | None
    """The document as a replica that has it writes it."""
    problem: tuple[str, dict[str, object]] | None
    """A replica that refused it, and its problem document."""
    superseded: bool
    """Something else is wanted by now."""

    @property
    def code(self) -> Code:
        """Return the outcome as a code, for the timeline."""
        if self.superseded:
            return Code.SUPERSEDED
        return Code.OK if self.applied == self.of else Code.PARTLY


def apply(reconciler: Reconciler, wanted: DesiredDocument, wait_s: float, all_must: bool = False) -> Outcome:
    """Apply it to every replica, and wait until none is pending and one has answered.

    With `all_must`, an unreachable replica is waited for as well, and no replica at all is no reason to wait.
    A foreign one counts then as none: it has nothing that could be cleared.
    """

    def count(state: ApplyState) -> int:
        return len(reconciler.in_state(state))

    def holdable() -> int:
        return len(reconciler.serving()) - count(ApplyState.FOREIGN)

    def settled() -> bool:
        if reconciler.wanted is not wanted:
            return True
        if all_must:
            return count(ApplyState.APPLIED) == holdable()
        if count(ApplyState.PENDING):
            return False
        return bool(count(ApplyState.APPLIED) or count(ApplyState.REFUSED) or _all_foreign(reconciler))

    reconciler.want(wanted)
    reconciler.wait(settled, wait_s)
    superseded = reconciler.wanted is not wanted
    applied = [] if superseded else reconciler.in_state(ApplyState.APPLIED)
    return Outcome(
        applied=len(applied),
        of=holdable() if all_must else len(reconciler.serving()),
        answer=applied[0].observed.agreed if applied else None,
        problem=reconciler.problems.get(wanted.revision),
        superseded=superseded,
    )


def failure(reconciler: Reconciler, outcome: Outcome, wait_s: float) -> PanelError | None:
    """Return why applying failed; None if a replica accepted it."""
    if outcome.applied or outcome.superseded:
        return None
    if outcome.problem:
        return RefusedError(*outcome.problem)
    service, reasons = reconciler.subject.service, _reasons(reconciler)
    if _all_foreign(reconciler):
        return ForeignServiceError(
            f'"{service}" has no {reconciler.subject.path}, where this would be set: {_listed(reasons)}. '
            f"{HINTS[service]} Nothing was changed.",
            reasons,
        )
    return NobodyConfirmedError(
        f'no replica of "{service}" confirmed it within {wait_s:g} s: {_listed(reasons)}. '
        "Nothing was changed.",
        reasons,
    )


def not_cleared(reconciler: Reconciler, outcome: Outcome) -> PanelError | None:
    """Return why faults may be left; None if every running replica was read to have none."""
    if outcome.superseded or outcome.applied == outcome.of:
        return None
    reasons = _reasons(reconciler)
    return NotClearedError(
        f"{outcome.applied} of {outcome.of} replicas are known to have no faults any more; "
        f"not {_listed(reasons)}. {_of_several(reconciler)}They are asked again and again, and no lease is "
        f"renewed: their faults end by themselves{_within(reconciler.last_lease_s)}.",
        reasons,
    )


def _of_several(reconciler: Reconciler) -> str:
    """Return why asking can't be enough, where several processes answer."""
    if any(one.observed.several for one in reconciler.serving()):
        return "Whichever of several processes is asked, the others keep their faults until the lease ends. "
    return ""


def _within(lease_s: float | None) -> str:
    return f" in {lease_s:g} s at most" if lease_s else ""


def _all_foreign(reconciler: Reconciler) -> bool:
    """Return whether there are replicas, and all of them are of foreign services."""
    return 0 < len(reconciler.serving()) == len(reconciler.in_state(ApplyState.FOREIGN))


def _reasons(reconciler: Reconciler) -> dict[str, str]:
    """Return by replica why it does not have what is wanted."""
    return {
        name: one.status.reason or "no answer yet"
        for name, one in reconciler.reconcilers.items()
        if one.status and one.status.state is not ApplyState.APPLIED
    }


def _listed(reasons: dict[str, str]) -> str:
    return ", ".join(f"{name} ({reason})" for name, reason in reasons.items()) or "there is none"
