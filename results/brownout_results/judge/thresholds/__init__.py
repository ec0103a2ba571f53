"""Thresholds: what a run has to reach, as text, and whether it did. The language is in docs/thresholds.md."""

from .errors import ThresholdError
from .evaluation import Baseline, Measured, RunFigures, ThresholdVerdict, evaluate, judge
from .grammar import parse
from .locust_figures import LocustFigures
from .pinned_baseline import Pinned, pin, read_pinned
from .threshold import Limit, Threshold
from .thresholds_file import read_file

__all__ = [
    "Baseline",
    "Limit",
    "LocustFigures",
    "Measured",
    "Pinned",
    "RunFigures",
    "Threshold",
    "ThresholdError",
    "ThresholdVerdict",
    "evaluate",
    "judge",
    "parse",
    "pin",
    "read_file",
    "read_pinned",
]
