"""What the panel has the fleet kill."""

import pytest

from brownout_fleet.model import UnknownReplicaError
from brownout_panel.errors import LastReadyError
from tests.panel.fleet import Fleet, Timeline, controlling

NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def fleet() -> Fleet:
    """A fleet of two backends, which nobody asks anything."""
    fleet = Fleet()
    for number in range(2):
        fleet.put(f"backend-{number}", NOBODY)
    return fleet


def test_a_kill_is_the_fleets_and_is_noted(fleet: Fleet) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        assert control.kill("backend-0", "page").name == "backend-0"
        with pytest.raises(UnknownReplicaError, match='"backend-0", "backend-1"'):
            control.kill("nobody", "cli")
    assert fleet.killed == ["backend-0"]
    assert [(event["replica"], event["by"]) for event in note.of("kill")] == [
        ("backend-0", "page"),
        ("nobody", "cli"),
    ]


def test_the_last_ready_replica_is_killed_only_when_told_so(fleet: Fleet) -> None:
    fleet.gone("backend-1")
    with controlling(fleet) as control:
        with pytest.raises(LastReadyError):
            control.kill("backend-0", "cli")
        assert fleet.killed == []
        control.kill("backend-0", "cli", even_last=True)
    assert fleet.killed == ["backend-0"]
