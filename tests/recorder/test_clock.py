"""The time axis of a run never steps."""

from brownout_loadtest.recorder.clock import RunClock
from tests.recorder.simulation import START, Hands


def test_the_axis_goes_on_when_the_wall_clock_steps_back_and_the_step_is_told_once() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.turn(10)
    hands.wall -= 3600

    assert clock.now() == START + 10
    assert clock.step() == -3600
    assert clock.step() is None
    hands.wall += 3600
    assert clock.step() == 3600


def test_a_wall_clock_that_is_slewed_has_not_stepped() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.turn(100)
    hands.wall += 0.05

    assert clock.step() is None


def test_a_new_run_begins_at_the_wall_clocks_time() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.wall -= 3600
    clock.anchor()

    assert clock.now() == START - 3600
    assert clock.step() is None


def test_the_next_whole_second_is_never_now() -> None:
    hands = Hands()  # begins at a quarter past a second
    clock = hands.clock()

    assert clock.until_next_second(0.5) == 0.25
    assert clock.until_next_second(0.0) == 0.75
    assert clock.until_next_second(0.25) == 1.0


def test_a_suspend_is_told_once_and_is_no_step_of_the_wall_clock() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.turn(10)
    hands.suspend(40)

    assert (clock.suspended(), clock.suspended()) == (40, None)
    assert clock.step() is None
    assert clock.now() == START + 10
    hands.wall -= 3
    assert clock.step() == -3
    hands.suspend(5)
    assert (clock.suspended(), clock.step()) == (5, None)


def test_this_machine_has_not_been_suspended_meanwhile() -> None:
    assert RunClock().suspended() is None
