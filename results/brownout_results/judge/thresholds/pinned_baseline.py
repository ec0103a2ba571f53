"""A baseline as one small file to keep in a repository: a run's figures, named as thresholds name them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout_results.measure.figures import METRICS, PINNED_PERCENTILES

from .errors import ThresholdError
from .evaluation import Measured, UntoldError
from .metrics import find
from .threshold import Threshold, figure_text

KIND = "brownout baseline"
FORMAT = 1
ENDPOINTS = 50
"""Endpoints with figures of their own at most, in the order of their names."""


@dataclass(frozen=True)
class Pinned:
    """Figures that were kept."""

    label: str
    figures: Mapping[str, float]

    def value(self, threshold: Threshold) -> float:
        """The figure that the threshold is about. Raises UntoldError."""
        try:
            return self.figures[threshold.figure]
        except KeyError:
            raise UntoldError(f'"{threshold.figure}" is not among the figures of "{self.label}"') from None


def pin(measured: Measured, label: str, started: str | None) -> dict[str, Any]:
    """Return the document that keeps a run's figures: in ms, per second, shares of 1, or numbers.

    They have six digits. `started` is when the run began, in ISO 8601.
    """
    figures: dict[str, float] = {}
    endpoints = list(measured.endpoints)[:ENDPOINTS]
    for metric in (*METRICS, *PINNED_PERCENTILES):
        for endpoint in [None, *(endpoints if find(metric).has_endpoints else [])]:
            for phase in [None, *measured.phases]:
                value = _told(measured, metric, endpoint, phase)
                if value is not None:
                    figures[figure_text(metric, endpoint, phase)] = float(f"{value:.6g}")
    return {
        "kind": KIND,
        "format": FORMAT,
        "label": label,
        "started": started,
        "figures": figures,
    }


def read_pinned(path: Path) -> Pinned:
    """The figures in a file that `pin` made. Raises ThresholdError."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ThresholdError(f'"{path}" can\'t be read: {error.strerror}.') from error
    except ValueError as error:
        raise ThresholdError(f'"{path}" is not JSON: {error}.\n\n{_REMEDY}') from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise ThresholdError(f'"{path}" is not a pinned baseline.\n\n{_REMEDY}')
    if document.get("format") != FORMAT:
        raise ThresholdError(
            f'"{path}" has format {document.get("format")!r}; this version reads {FORMAT}.\n\n{_REMEDY}'
        )
    figures = document.get("figures")
    if not isinstance(figures, dict) or not all(map(_is_number, figures.values())):
        raise ThresholdError(f'"{path}": "figures" is not an object of numbers.\n\n{_REMEDY}')
    return Pinned(str(document.get("label") or path.name), figures)


_REMEDY = "Make one with: brownout pin RUN FILE"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _told(measured: Measured, metric: str, endpoint: str | None, phase: str | None) -> float | None:
    asked = Threshold(metric, "==", (), endpoint, phase)
    try:
        return measured.value(asked)
    except UntoldError:
        return None
