"""A few of the trials of `tests.chaos.trials`; all of them: python -m tests.chaos.trials --help"""

import random
import signal
from pathlib import Path

import pytest

from tests.chaos import trials

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_pod_kill_passes_with_a_proven_kill(tmp_path: Path) -> None:
    assert trials.whole(tmp_path).wrong == ""


def test_a_kill_that_does_nothing_fails_it(tmp_path: Path) -> None:
    assert trials.stubbed(tmp_path).wrong == ""


@pytest.mark.parametrize(
    ("victim", "number"),
    [
        ("runner", signal.SIGKILL),
        ("chaos", signal.SIGTERM),
        ("chaos", signal.SIGKILL),
        ("locust", signal.SIGKILL),
    ],
)
def test_a_signal_at_a_random_moment_leaves_nothing(
    victim: str, number: signal.Signals, tmp_path: Path
) -> None:
    with trials.own_service() as own:
        trial = trials.interrupted(tmp_path, victim, number, random.Random(), own)
    assert trial.wrong == "", trial
