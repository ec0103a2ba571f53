"""Descriptor limits: raised where they may be, and only there."""

import subprocess
import sys

import pytest

RAISED = "from brownout_terms import descriptors; print(descriptors.raise_limit(), descriptors.limit())"


@pytest.mark.parametrize(
    ("limits", "raised"),
    [
        ("ulimit -Sn 256; ulimit -Hn 4096", 4096),  # up to the hard limit
        ("ulimit -Sn 256; ulimit -Hn 256", 256),  # nothing to raise
        ("ulimit -Sn 4096; ulimit -Hn 4096", 4096),  # never lowered
    ],
)
def test_a_process_raises_its_limit_as_far_as_it_may(limits: str, raised: int) -> None:
    done = subprocess.run(
        ["bash", "-c", f'{limits}; exec "$0" -c "$1"', sys.executable, RAISED],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{raised} {raised}\n", "")
