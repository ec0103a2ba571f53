"""What of a run is the harness's, not the service's: brownout itself stood still, or had too little time."""

from .busy import seconds_of_others, shown_stalls, unfair_seconds
from .hindrance import hindrance
from .replicas import target_stalls
from .share import FIGURE, harness_share, overlapping, stalled_share
from .stalls import HarnessStall, stalled_seconds, stalls, without
from .words import sentences, why_too_much

__all__ = [
    "FIGURE",
    "HarnessStall",
    "harness_share",
    "hindrance",
    "overlapping",
    "seconds_of_others",
    "sentences",
    "shown_stalls",
    "stalled_seconds",
    "stalled_share",
    "stalls",
    "target_stalls",
    "unfair_seconds",
    "why_too_much",
    "without",
]
