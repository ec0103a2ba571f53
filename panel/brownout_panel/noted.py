"""What of an outcome goes into an event of the timeline."""

from __future__ import annotations

from brownout_panel.applying import Outcome
from brownout_panel.desired import DesiredDocument, ReplicaFaults, ReplicaPolicy
from brownout_panel.model import Policy


def words(outcome: Outcome) -> dict[str, str]:
    """Return the faults in words, as a field of an event; nothing if nobody has answered."""
    answer = outcome.answer
    return {"words": answer.words} if isinstance(answer, ReplicaFaults) and answer.words else {}


def preset(wanted: DesiredDocument, outcome: Outcome) -> str:
    """Return the policy's name as a replica that has it says, else as requested."""
    if isinstance(outcome.answer, ReplicaPolicy):
        return outcome.answer.name
    return str(wanted.document.get("preset", "custom"))


def policy_of(answer: ReplicaPolicy) -> Policy:
    return Policy(answer.name, answer.policy, answer.revision)
