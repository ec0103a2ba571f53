"""Failures inside the recorder: counted and said, while the load and the rest of the recording go on."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .request_event import text_of

logger = logging.getLogger(__name__)

DIFFERENT = 20
"""Failures that are told apart; the others are counted together."""

OTHERS = "other failures"


class Failures:
    """What failed in one process, and how often."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._said: set[str] = set()

    def note(self, what: str, error: BaseException) -> None:
        """Count a failure of `what`; the first of its kind is said, with its traceback."""
        text = f"{what}: {type(error).__name__}: {text_of(error)}"
        if text not in self._said and len(self._said) < DIFFERENT:
            self._said.add(text)
            logger.error("The recorder failed at %s; it goes on", what, exc_info=error)
        self._counts[text if text in self._said else OTHERS] += 1

    @contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """Note an exception of the block, and go on behind it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the load
            self.note(what, error)

    def add(self, counts: Mapping[str, int]) -> None:
        """Take in what failed in another process."""
        self._counts.update(counts)

    def counts(self) -> dict[str, int]:
        """What has failed, and how often."""
        return dict(self._counts)

    def drain(self) -> dict[str, int]:
        """The same; after that they are another process's to count."""
        counts = self.counts()
        self._counts.clear()
        return counts

    def clear(self) -> None:
        """Forget everything."""
        self._counts.clear()
        self._said.clear()
