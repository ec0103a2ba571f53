"""The exit code that a locustfile sets is kept, if a process can end with it, and never turns into 0."""

from pathlib import Path
from typing import Any

import pytest

from brownout_results.judge.locust_verdict import locust_verdict
from tests.results.folders import make


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (None, None),
        (0, None),
        (False, None),
        (1, 1),
        (42, 42),
        (255, 255),
        (True, 1),
        (256, 1),  # the system would make it 0
        (-1, 1),
        (1.5, 1),
        ("7", 1),
        ("no", 1),
    ],
)
def test_codes(tmp_path: Path, chosen: Any, code: int | None) -> None:
    verdict = locust_verdict(make(tmp_path, manifest={"format": 1, "locust": {"process_exit_code": chosen}}))
    assert (verdict and verdict.exit_code) == code
