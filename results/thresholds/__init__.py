"""Thresholds: what a run has to reach, as text, and whether it did. The language is in docs/thresholds.md."""

from .errors import ThresholdError
from .file import read_file
from .grammar import parse
from .threshold import Threshold
from .verdicts import Verdict, evaluate

__all__ = ["Threshold", "ThresholdError", "Verdict", "evaluate", "parse", "read_file"]
