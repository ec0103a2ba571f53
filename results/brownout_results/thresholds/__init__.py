"""Thresholds: what a run has to reach, as text, and whether it did. The language is in docs/thresholds.md."""

from .errors import ThresholdError
from .file import read_file
from .grammar import parse
from .pinned import Pinned, pin, read_pinned
from .threshold import Limit, Threshold
from .verdicts import Baseline, Measured, Verdict, evaluate

__all__ = [
    "Baseline",
    "Limit",
    "Measured",
    "Pinned",
    "Threshold",
    "ThresholdError",
    "Verdict",
    "evaluate",
    "parse",
    "pin",
    "read_file",
    "read_pinned",
]
