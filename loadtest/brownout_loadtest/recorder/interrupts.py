"""Keeps Ctrl-C out of the moments in which recorded requests are between two places.

Python raises KeyboardInterrupt wherever it happens to be: half-way through writing a second, it loses it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """A SIGINT that arrives meanwhile is delivered at the end. For the main thread, which alone gets them."""
    held: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if held:
        signal.raise_signal(signal.SIGINT)
