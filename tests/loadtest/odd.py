"""Arguments of Locust's `request` event, of every shape; its own statistics survive most of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np


class UnwritableError(Exception):
    """Can't be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class LockedContext(dict[str, Any]):
    """Can't be looked into."""

    def get(self, *_: object) -> Any:
        raise RuntimeError("locked")

    def __bool__(self) -> bool:
        raise RuntimeError("neither")


class Guarded:
    """An answer that lets nobody look."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class Words(str):
    """A text of another type."""

    __slots__ = ()


FAILURE = ValueError("no")


ODD: list[dict[str, Any]] = [
    {},
    {"exception": FAILURE},
    {"response_time": None, "exception": FAILURE},
    {"response_time": float("nan"), "exception": FAILURE},
    {"response_time": float("inf")},
    {"response_time": -1.0},
    {"response_time": 1e300},
    {"response_time": Decimal("12.5")},
    {"response_time": Fraction(25, 2)},
    {"response_time": "12.5", "exception": FAILURE},
    {"response_time": "soon"},
    {"response_length": None, "exception": FAILURE},
    {"response_length": "12"},
    {"response_length": 10**400},
    {"name": None},
    {"name": b"bytes"},
    {"name": ["unhashable"]},
    {"name": "x" * 100_000},
    {"name": "\ud800\x85", "exception": "\ud800\x85"},
    {"request_type": 7},
    {"exception": UnwritableError()},
    {"exception": ""},
    {"context": {"outcome": "won"}},
    {"context": {"brownout_outcome": "won"}, "exception": FAILURE},
    {"context": ["a list"]},
    {"response": object(), "exception": FAILURE},
    {"response_time": np.float64(12.5)},
    {"response_time": True},
    {"response_time": timedelta(seconds=1), "exception": FAILURE},
    {"response_time": 3 + 4j},
    {"context": np.array([1, 2])},
    {"context": LockedContext(a=1), "exception": FAILURE},
    {"exception": ValueError},
    {"response": {"headers": None}, "exception": FAILURE},
    {"response": Guarded(), "exception": FAILURE},
    {"name": Words("usual"), "request_type": Words("odd"), "exception": Words("no")},
    {"name": 'a "name", of\nlines;\ttabs', "exception": 'a "text", of\nlines\r'},
    {"exception": KeyboardInterrupt()},
    {"exception": BaseException("base")},
    {"response_time": np.int64(12), "response_length": np.int64(12)},
    {"response_time": -0.0},
    {"request_type": None, "exception": FAILURE},
    {"extra": "whatever", "start_time": None, "url": 7},
]
FAILED = sum(bool(one.get("exception")) for one in ODD)
ROUNDS = 4
