"""A loop's stall is told from a beat that comes too late."""

from brownout_terms.stalls import BEAT_S, KEPT, NOTED_S, Heartbeat, Stall


def test_a_beat_in_time_is_no_stall_and_a_late_one_is_as_long_as_it_is_late() -> None:
    heart = Heartbeat(10.0)
    for moment in (10.02, 10.04 + NOTED_S - 0.001, 20.0, 20.02):
        heart.beat(moment)

    (stall,) = heart.since(0.0)
    assert round(stall.start, 3) == round(10.04 + NOTED_S - 0.001 + BEAT_S, 3)
    assert stall.end == 20.0


def test_only_stalls_that_ended_after_a_moment_are_told() -> None:
    heart = Heartbeat(0.0)
    heart.beat(1.0)
    heart.beat(3.0)

    assert heart.since(1.0) == [Stall(1.0 + BEAT_S, 3.0)]
    assert heart.since(3.0) == []


def test_the_oldest_stalls_are_forgotten() -> None:
    heart = Heartbeat(0.0)
    for number in range(1, 2 * KEPT):
        heart.beat(float(number))

    stalls = heart.since(0.0)
    assert (len(stalls), stalls[-1].end) == (KEPT, 2 * KEPT - 1)
