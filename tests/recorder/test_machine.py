"""A machine whose processes wait for a core is told from the kernel's own counter."""

from __future__ import annotations

import pytest

from brownout_loadtest.recorder.clock import RunClock
from brownout_loadtest.recorder.machine import BusySpell, BusySpells, MachineWatch
from brownout_terms.health import waited_s


def test_a_spell_lasts_from_the_first_busy_second_to_the_last() -> None:
    spells = BusySpells(100.0, 5.0)
    looks = [(101.0, 5.2), (102.0, 6.15), (103.0, 7.1), (104.0, 7.3), (105.0, 7.4)]
    assert [spells.look(*one) for one in looks] == [None, None, None, BusySpell(101.0, 2.0), None]


def test_a_spell_that_goes_on_ends_with_the_run() -> None:
    spells = BusySpells(100.0, 5.0)
    assert spells.look(101.0, 6.0) is None
    assert spells.end(101.0) == BusySpell(100.0, 1.0)
    assert spells.end(101.0) is None


def test_a_kernel_without_the_counter_tells_nothing() -> None:
    spells = BusySpells(100.0, None)
    assert [spells.look(101.0, None), spells.look(102.0, 9.0), spells.end(103.0)] == [None, None, None]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 total=9", 1.5),
        ("some avg10=0.00", None),
        ("some total=soon", None),
        ("", None),
        (None, None),
    ],
)
def test_the_counter_is_read_from_the_line_of_some(text: str | None, seconds: float | None) -> None:
    assert waited_s(text) == seconds


def test_a_short_spell_is_no_news() -> None:
    """Each start of a process makes one."""
    spells = BusySpells(100.0, 5.0)
    looks = [(100.25, 5.25), (100.5, 5.5), (100.75, 5.5), (101.0, 5.75)]
    assert [spells.look(*one) for one in looks] == [None] * 4
    assert spells.end(101.0) is None


def test_this_machine_can_be_looked_at() -> None:
    """Whether it is busy or not: two looks in a row are no spell."""
    machine = MachineWatch(RunClock())
    assert machine.take(last=True) == []
    [(_, told)] = machine.take_readings()
    assert told.get("cpu_ms", 1) > 0
