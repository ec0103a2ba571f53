"""Ctrl-C waits until nothing can be lost by it."""

import signal

import pytest

from brownout_loadtest.recorder.interrupts import interrupts_held


def test_an_interrupt_comes_once_what_it_interrupts_is_done() -> None:
    done = []

    def work() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all of it"]


def test_without_an_interrupt_nothing_changes() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_held():
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before
