"""What `latency.hlog` holds, in arrays, so that any part of a run can be added up quickly.

A day of ten endpoints has two million lines and ten million counts: what is kept of a line is kept once, and
in as few bytes as hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brownout_results.record.compact_arrays import Ints, Small, by_first, edges, sizes, smallest, sums
from brownout_results.record.histogram import Buckets, Histogram
from brownout_results.record.histogram_encoding import Decoded, decode
from brownout_results.record.latency_log import COUNTED, LATENCY, LogLine, Series

Mask = NDArray[np.bool_]

Endpoint = tuple[str, str]
"""Method (Locust's "type") and name of a request, as in Locust's table."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Lines of the log, those of a series together; and the counts of each line, in the same order."""

    series: Sequence[Series]
    lines: Ints
    """The lines of series n are those from `lines[n]` to before `lines[n + 1]`."""

    second: Small
    """The second of each line, since the epoch."""

    requests: Small
    """The requests of each line."""

    entries: Small
    """The entries of line i are those from `entries[i]` to before `entries[i + 1]`."""

    bucket: Buckets
    count: Small
    """Number of requests in each entry's bucket."""

    @classmethod
    def of(cls, lines: Sequence[LogLine]) -> Intervals:
        """Make intervals of these lines. Raises `ValueError` if one is damaged."""
        builder = IntervalsBuilder()
        if lines:
            builder.add(
                [builder.number_of(line.series) for line in lines],
                np.array([line.start for line in lines]).astype(np.int64),
                decode([line.payload for line in lines]),
            )
        return builder.built()

    def of_series(
        self, measure: str = LATENCY, endpoint: Endpoint | None = None, outcome: str | None = None
    ) -> Mask:
        """Which series have this measure, are of this endpoint, and had this outcome; None is any."""
        wanted = [
            one.measure == measure
            and (endpoint is None or (one.method, one.name) == endpoint)
            and (outcome is None or one.outcome == outcome)
            for one in self.series
        ]
        return np.array(wanted, bool)

    def counted(self, endpoint: Endpoint | None = None, outcome: str | None = None) -> Mask:
        """Which series count requests, of this endpoint and with this outcome: each request once."""
        found = np.zeros(len(self.series), bool)
        for measure in COUNTED:
            found |= self.of_series(measure, endpoint, outcome)
        return found

    def within(self, spans: Sequence[range]) -> Mask:
        """Return which lines are in these seconds."""
        return inside(self.second, spans)

    def lines_of(self, wanted: Mask) -> Mask:
        """Return which lines belong to these series."""
        return np.repeat(wanted, sizes(self.lines))

    def all_from(self, second: int) -> Intervals:
        """The part from this second on, of every measure, endpoint and outcome."""
        keep = self.second >= second
        used = sizes(self.entries.astype(np.int64))
        kept = np.repeat(keep, used)
        return Intervals(
            self.series,
            edges(sums(keep, self.lines)),
            self.second[keep],
            self.requests[keep],
            edges(used[keep]),
            self.bucket[kept],
            self.count[kept],
        )

    def requests_by_series(self, chosen: Mask) -> Ints:
        """How many requests each series had, in these lines."""
        return sums(np.where(chosen, self.requests, 0), self.lines)

    def histograms(self, chosen: Mask) -> list[Histogram]:
        """Return the histogram of each series, added up over these lines."""
        is_all = bool(chosen.all())
        found = []
        for first, last in zip(self.lines[:-1].tolist(), self.lines[1:].tolist(), strict=True):
            if not chosen[first:last].any():
                found.append(Histogram.empty())
                continue
            at = self.entries[first : last + 1].astype(np.int64)
            part = slice(at[0], at[-1])
            bucket, count = self.bucket[part], self.count[part]
            if not is_all:
                kept = np.repeat(chosen[first:last], sizes(at))
                bucket, count = bucket[kept], count[kept]
            found.append(Histogram.from_pairs(bucket, count))
        return found

    def gathered(self, at: Ints) -> tuple[Ints, Buckets, Small]:
        """The entries of these lines: which of them each is of, its bucket and its count."""
        line, place = _entries_of(self.entries, at)
        return line, self.bucket[place], self.count[place]

    def per_second(self, first: int, length: int, wanted: Mask | None = None) -> Ints:
        """How many requests of these series ended in each of `length` seconds from `first` on; None is each
        request once."""
        chosen = self.within([range(first, first + length)])
        chosen &= self.lines_of(self.counted() if wanted is None else wanted)
        place = self.second[chosen].astype(np.int64) - first
        return np.bincount(place, self.requests[chosen], length).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Parts:
    """What a builder has collected, to hand to another one."""

    series: Sequence[Series]
    lines: Sequence[tuple[Small, Small, Small, Small]]
    """The lines of each block: number of the series, second, requests, and how many entries."""

    entries: Sequence[tuple[Buckets, Small]]
    """The entries of each block: bucket and count."""


class IntervalsBuilder:
    """Builds intervals, block by block."""

    def __init__(self) -> None:
        self._numbers: dict[Series, int] = {}
        self._lines: list[tuple[Small, Small, Small, Small]] = []
        self._entries: list[tuple[Buckets, Small]] = []

    def number_of(self, series: Series) -> int:
        """Return the number by which `add` knows the series."""
        return self._numbers.setdefault(series, len(self._numbers))

    def add(self, numbers: Sequence[int], seconds: Ints, counted: Decoded) -> None:
        """A block of lines: of each the series, the second it began in, and what was counted."""
        requests = sums(counted.count, edges(counted.used))
        line = (np.array(numbers, np.int64), seconds, requests, counted.used)
        self._lines.append((smallest(line[0]), smallest(line[1]), smallest(line[2]), smallest(line[3])))
        self._entries.append((counted.bucket, smallest(counted.count)))

    def parts(self) -> Parts:
        """Return what was collected so far."""
        return Parts(list(self._numbers), self._lines, self._entries)

    def take(self, parts: Parts) -> None:
        """Add what another builder collected from the lines that follow."""
        numbers = smallest(np.array([self.number_of(one) for one in parts.series], np.int64))
        self._lines += [(numbers[of], second, requests, used) for of, second, requests, used in parts.lines]
        self._entries += parts.entries

    def built(self) -> Intervals:
        """Return all intervals. Nothing can be added afterwards."""
        nothing = np.empty(0, np.uint8)
        blocks = [len(second) for _, second, _, _ in self._lines]
        parts = [(nothing, nothing, nothing, nothing), *self._lines]
        number, second, requests, used = (np.concatenate(column) for column in zip(*parts, strict=True))
        self._lines = []
        del parts
        found = by_first(number, len(self._numbers))
        rank = np.zeros(len(self._numbers), np.int64)
        rank[found] = np.arange(len(found))
        order = np.argsort(smallest(rank)[number], kind="stable")
        entries = smallest(edges(used[order]))
        begins = np.empty_like(entries[:-1])
        begins[order] = entries[:-1]
        second, requests = second[order], requests[order]
        del order
        bucket, count = self._in_place(blocks, begins, used)
        known = list(self._numbers)
        return Intervals(
            [known[number] for number in found.tolist()],
            edges(np.bincount(number, minlength=len(known))[found]),
            second,
            requests,
            entries,
            bucket,
            count,
        )

    def _in_place(self, blocks: Sequence[int], begins: Small, used: Small) -> tuple[Buckets, Small]:
        """Return all entries, given how many lines each block has: those of line i from `begins[i]` on.

        A block is let go of as soon as its entries are in their place: a day has a hundred MiB of them.
        """
        size = sum(len(bucket) for bucket, _ in self._entries)
        kind = np.result_type(np.uint8, *{count.dtype for _, count in self._entries})
        buckets, counts = np.empty(size, np.uint16), np.empty(size, kind)
        left, self._entries = self._entries[::-1], []
        line = 0
        for lines in blocks:
            bucket, count = left.pop()
            width = used[line : line + lines].astype(np.int64)
            first = begins[line : line + lines].astype(np.int64) - (np.cumsum(width) - width)
            place = np.arange(len(bucket)) + np.repeat(first, width)
            buckets[place], counts[place] = bucket, count
            line += lines
        return buckets, counts


def inside(seconds: Small, spans: Sequence[range]) -> Mask:
    """Which of the seconds are in these spans."""
    found = np.zeros(len(seconds), bool)
    for span in spans:
        found |= (seconds >= span.start) & (seconds < span.stop)
    return found


def _entries_of(begins: Small, at: Ints) -> tuple[Ints, Ints]:
    """Return, for each entry of some lines, which of these lines it belongs to and where it is."""
    first = begins[at].astype(np.int64)
    used = begins[at + 1].astype(np.int64) - first
    line = np.repeat(np.arange(len(at)), used)
    return line, np.arange(len(line)) + np.repeat(first - (np.cumsum(used) - used), used)
