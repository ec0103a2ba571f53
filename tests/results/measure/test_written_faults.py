"""The report writes faults as the backends do, a stranger's kind included."""

from typing import Any

import pytest

from brownout_results.measure.timeline import bands

ERRORS = {"kind": "error", "rate": 0.3, "status": 503}
LATENCY = {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal"}


@pytest.mark.parametrize(
    ("event", "label"),
    [
        ({"faults": [ERRORS, LATENCY], "words": "as the backend said"}, "as the backend said"),
        ({"faults": [ERRORS, LATENCY]}, "30 % errors 503, 200 ms ± 50 ms latency"),
        ({"faults": [{"kind": "stall", "rate": 0.25}]}, "25 % stall"),
        ({"faults": "unreadable"}, "faults"),
    ],
)
def test_a_band_has_the_words_of_the_event_or_those_of_its_faults(event: dict[str, Any], label: str) -> None:
    events = [{"kind": "fault", "action": "set", "t": "1970-01-01T00:00:10.000Z", **event}]
    assert [band.label for band in bands(events, 0.0, 30.0)] == [label]
