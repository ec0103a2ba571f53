"""What is to be done next with a replica, and how it stands: tables of literals."""

import math

import pytest
from msgspec.structs import replace

from brownout_fleet.model import ReplicaPhase
from brownout_panel import desired, reconcile
from brownout_panel.desired import ReplicaFaults
from brownout_panel.model import ApplyState
from brownout_panel.reconcile import (
    CONNECTIONS,
    LATER_CONNECTIONS,
    READ_S,
    SEVERAL,
    Action,
    ObservedReplica,
    Put,
    Read,
    Wait,
)

ERRORS = [{"kind": "error", "rate": 0.5}]
FULL_FORM = [{"kind": "error", "rate": 0.5, "status": 500}]
WANTED = desired.faults({"faults": ERRORS, "lease_s": 30}, revision=7)
NEXT = desired.faults({"faults": ERRORS}, revision=8)
CLEAR = desired.no_faults(revision=9)

SEVEN = ReplicaFaults(7, "boot-a", FULL_FORM)
NINE = ReplicaFaults(9, "boot-a", [])

UNKNOWN = ObservedReplica(ReplicaPhase.READY)
PUT_AT_100 = ObservedReplica(ReplicaPhase.READY, answer=SEVEN, answered_at=100, agreed=SEVEN, agreed_at=100)
HELD_AT_100 = replace(PUT_AT_100, was_read=True)
READ_AT_109 = replace(PUT_AT_100, answered_at=109, was_read=True)
CLEARED = ObservedReplica(ReplicaPhase.READY, answer=NINE, answered_at=100, agreed=NINE, agreed_at=100)


def answered(answer: ReplicaFaults) -> ObservedReplica:
    """It had what was wanted, and now it was read to have this."""
    return replace(PUT_AT_100, answer=answer, answered_at=101, was_read=True)


@pytest.mark.parametrize(
    ("case", "wanted", "observed", "now", "action"),
    [
        ("a new replica gets what is wanted", WANTED, UNKNOWN, 100, Put(WANTED)),
        ("one of which nothing is wanted is read", None, UNKNOWN, 100, Read()),
        (
            "one that starts is left alone",
            WANTED,
            ObservedReplica(ReplicaPhase.STARTING),
            100,
            Wait(math.inf),
        ),
        ("one that is gone is left alone", WANTED, ObservedReplica(ReplicaPhase.GONE), 100, Wait(math.inf)),
        (
            "one that is not ready is reconciled as well",
            WANTED,
            ObservedReplica(ReplicaPhase.UNREADY),
            100,
            Put(WANTED),
        ),
        ("one that says it has it is read back at once", WANTED, PUT_AT_100, 100, Read(CONNECTIONS)),
        ("one that has it is read again later", WANTED, HELD_AT_100, 101, Wait(100 + READ_S)),
        (
            "and then it is read, over new connections",
            WANTED,
            HELD_AT_100,
            100 + READ_S,
            Read(LATER_CONNECTIONS),
        ),
        ("a lease is renewed after a third of it", WANTED, READ_AT_109, 110, Put(WANTED)),
        ("not earlier", WANTED, READ_AT_109, 109.5, Wait(110)),
        ("something new is put at once", NEXT, PUT_AT_100, 100.1, Put(NEXT)),
        ("one that restarted gets it again", WANTED, answered(ReplicaFaults(0, "b", [])), 101, Put(WANTED)),
        (
            "the right revision with other faults isn't it",
            WANTED,
            answered(ReplicaFaults(7, "boot-a", [])),
            101,
            Put(WANTED),
        ),
        (
            "one that was never put by us is put, whatever its revision",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, answer=SEVEN, answered_at=100),
            100,
            Put(WANTED),
        ),
        ("a cleared one is read back at once", CLEAR, CLEARED, 100, Read(CONNECTIONS)),
        (
            "and then left until the next read: without faults there is no lease",
            CLEAR,
            replace(CLEARED, was_read=True),
            100,
            Wait(100 + READ_S),
        ),
        (
            "then over the connection that is kept: nothing is looked for",
            CLEAR,
            replace(CLEARED, was_read=True),
            100 + READ_S,
            Read(),
        ),
        (
            "what it refuses is not put again",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, answer=SEVEN, answered_at=100, refused=7),
            101,
            Wait(100 + READ_S),
        ),
        ("but something else is", NEXT, ObservedReplica(ReplicaPhase.READY, refused=7), 101, Put(NEXT)),
        (
            "after a failure it is left alone for a moment",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, failures=1, failed_at=100),
            100,
            Wait(100.05),
        ),
        (
            "and then tried again",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, failures=1, failed_at=100),
            100.06,
            Put(WANTED),
        ),
        (
            "the pause grows to a second and no longer",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, failures=99, failed_at=100),
            100,
            Wait(101),
        ),
        (
            "one that has no such control URL is asked as often as others are read",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, failures=1, failed_at=100, foreign="answers 404 at /faults"),
            100,
            Wait(100 + READ_S),
        ),
    ],
)
def test_the_next_thing_to_do(
    case: str, wanted: desired.DesiredDocument | None, observed: ObservedReplica, now: float, action: Action
) -> None:
    assert reconcile.decide(wanted, observed, now) == action, case


@pytest.mark.parametrize(
    ("case", "wanted", "observed", "state"),
    [
        ("not asked yet", WANTED, UNKNOWN, (ApplyState.PENDING, None)),
        ("confirmed, not read back", WANTED, PUT_AT_100, (ApplyState.PENDING, None)),
        ("confirmed and read back", WANTED, HELD_AT_100, (ApplyState.APPLIED, None)),
        ("something newer is wanted", NEXT, PUT_AT_100, (ApplyState.PENDING, None)),
        ("cleared, not read back", CLEAR, CLEARED, (ApplyState.PENDING, None)),
        ("cleared and read back", CLEAR, replace(CLEARED, was_read=True), (ApplyState.APPLIED, None)),
        (
            "silent, though it had confirmed",
            WANTED,
            replace(PUT_AT_100, failures=1, reason="silent for 1 s"),
            (ApplyState.UNREACHABLE, "silent for 1 s"),
        ),
        (
            "refused",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, refused=7, refusal="no"),
            (ApplyState.REFUSED, "no"),
        ),
        (
            "gone: nothing is known of the next life",
            WANTED,
            replace(PUT_AT_100, phase=ReplicaPhase.GONE, reason="ended by SIGKILL"),
            (ApplyState.PENDING, "ended by SIGKILL"),
        ),
        (
            "it answers, but has no such control URL",
            WANTED,
            ObservedReplica(ReplicaPhase.READY, failures=3, foreign="answers 404 at /faults"),
            (ApplyState.FOREIGN, "answers 404 at /faults"),
        ),
        ("starting", WANTED, ObservedReplica(ReplicaPhase.STARTING), (ApplyState.PENDING, "starting")),
    ],
)
def test_how_a_replica_stands(
    case: str,
    wanted: desired.DesiredDocument,
    observed: ObservedReplica,
    state: tuple[ApplyState, str | None],
) -> None:
    assert reconcile.apply_state(wanted, observed) == state, case


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ReplicaFaults(7, "boot-a", FULL_FORM), None),
        (ReplicaFaults(0, "boot-b", []), "it restarted"),
        (ReplicaFaults(8, "boot-a", []), "its lease ran out"),
        (ReplicaFaults(8, "boot-a", ERRORS), "somebody else put revision 8"),
        (ReplicaFaults(12, "boot-a", []), "somebody else put revision 12"),
    ],
)
def test_a_loss_has_a_reason(answer: ReplicaFaults, reason: str | None) -> None:
    assert reconcile.loss(WANTED, HELD_AT_100, answered(answer)) == reason


def test_what_a_replica_never_had_it_cannot_lose() -> None:
    assert reconcile.loss(NEXT, PUT_AT_100, answered(ReplicaFaults(0, "boot-b", []))) is None


def test_faults_get_a_lease_and_an_empty_set_none() -> None:
    assert desired.faults({"faults": ERRORS}, 3).document == {
        "faults": ERRORS,
        "revision": 3,
        "lease_s": desired.LEASE_S,
    }
    assert desired.no_faults(4).document == {"faults": [], "revision": 4}


def test_a_lease_of_zero_is_left_for_the_backend_to_refuse() -> None:
    assert desired.faults({"faults": ERRORS, "lease_s": 0}, 3).document["lease_s"] == 0


def test_a_writer_cannot_choose_the_revision() -> None:
    assert desired.faults({"faults": ERRORS, "revision": 99}, 3).document["revision"] == 3


def test_what_was_never_read_back_is_not_lost_but_several_processes_are_told() -> None:
    other = answered(ReplicaFaults(0, "boot-b", []))

    assert reconcile.loss(WANTED, PUT_AT_100, other) is None
    assert reconcile.loss(WANTED, PUT_AT_100, replace(other, several=True)) == SEVERAL
    assert reconcile.loss(WANTED, replace(PUT_AT_100, several=True), replace(other, several=True)) is None
