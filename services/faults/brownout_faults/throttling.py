"""A throttled answer, divided into pieces that each take a short while."""

from collections.abc import Iterator

PIECE_S = 0.05
"""Seconds that a piece of a throttled answer takes."""


def pieces(whole: bytes, bytes_per_s: float) -> Iterator[bytes]:
    """Divide bytes into pieces that take PIECE_S each, or a byte longer."""
    size = max(1, int(bytes_per_s * PIECE_S))
    for start in range(0, len(whole), size):
        yield whole[start : start + size]
