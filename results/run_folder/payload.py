"""A histogram as text: base64 of HdrHistogram's compressed V2 encoding.

Written by hdrh. Read with numpy instead, all lines at once: hdrh builds 23,552 counters for each line, which
took 170 µs of processor time where this takes 8.
"""

from __future__ import annotations

import binascii
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from hdrh.histogram import HdrHistogram

from .histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS, Histogram, Ints

_OUTER_BYTES = 8
"""Cookie and length, before the compressed part."""

_INNER = struct.Struct(">IIIIQQd")
"""Cookie, length of the counts, normalizing offset, digits, lowest and highest value, conversion ratio."""

_LAYOUT = [SIGNIFICANT_DIGITS, LOWEST_US, HIGHEST_US]


class Encoder:
    """Keeps one of hdrh's histograms for all its work: making one takes longer than encoding it."""

    def __init__(self) -> None:
        self._hdr = HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_DIGITS)
        self._counts = np.ctypeslib.as_array(self._hdr.counts)

    def encode(self, histogram: Histogram) -> str:
        """The histogram, which must not be empty, as text."""
        buckets = histogram.buckets
        self._counts[buckets] = histogram.counts
        self._hdr.set_internal_tacking_values(int(buckets[0]), int(buckets[-1]), histogram.count)
        payload: bytes = self._hdr.encode()
        self._counts[buckets] = 0
        return payload.decode("ascii")


def check(payload: str) -> bytes:
    """The counts in a payload, still encoded. Raises `ValueError` if it is damaged or of another layout."""
    try:
        raw = zlib.decompress(binascii.a2b_base64(payload, strict_mode=True)[_OUTER_BYTES:])
        _cookie, length, _offset, *layout, _ratio = _INNER.unpack_from(raw)
    except (binascii.Error, zlib.error, struct.error, ValueError) as error:
        raise ValueError(f"not a histogram: {payload[:40]!r} ({error})") from error
    if layout != _LAYOUT:
        raise ValueError(f"a histogram of {layout} (digits, lowest, highest), not of {_LAYOUT}")
    return raw[_INNER.size : _INNER.size + length]


def decode(counts: Sequence[bytes]) -> tuple[Ints, Ints, Ints]:
    """The buckets in use of many histograms, given what `check` returned for each.

    Three arrays of one length: position of the histogram in the sequence, bucket, count.

    The encoding (HdrHistogram, V2): one number a bucket from bucket 0 on, a negative one standing for so
    many empty buckets; each in zigzag (sign in the lowest bit) and LEB128 (7 bits a byte, lowest first, the
    top bit set on all but the last). Counts of 2**55 and more, which would take a ninth byte, do not occur.
    """
    data = np.frombuffer(b"".join(counts), np.uint8)
    if not len(data):
        return (np.empty(0, np.int64),) * 3
    is_last = data < 0x80
    starts = np.flatnonzero(np.concatenate(([True], is_last[:-1])))
    lengths = np.diff(np.append(starts, len(data)))
    byte = np.arange(len(data)) - np.repeat(starts, lengths)
    zigzag = np.add.reduceat((data & 0x7F).astype(np.int64) << (7 * byte), starts)
    number = (zigzag >> 1) ^ -(zigzag & 1)

    owner = np.repeat(np.arange(len(counts)), [len(part) for part in counts])[starts]
    past = np.cumsum(np.where(number < 0, -number, 1))
    before = np.append(0, past[:-1])
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    bucket = before - np.repeat(before[begins], np.diff(np.append(begins, len(owner))))
    used = number > 0
    return owner[used], bucket[used], number[used]
