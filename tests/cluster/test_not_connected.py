"""Who never came to Locust's master is named, as far as it can be known."""

from __future__ import annotations

from pathlib import Path

from brownout.cluster.not_connected import why

WORKERS = ["brownout-5eed-worker-0", "brownout-5eed-worker-1", "brownout-5eed-worker-2"]
CAME = (
    "[…] m/INFO/locust.runners: {}_0e69a65dd99848a6b1d89dcb99866c47 (index 0) reported as ready. 1 workers\n"
)
GAVE_UP = "[…] m/ERROR/locust.main: Gave up waiting for workers to connect\n"


def said(output: str, workers: list[str] = WORKERS) -> str:
    """The first paragraph."""
    told = why(output, workers, Path("in-cluster.log"))
    assert told
    assert told.endswith("in-cluster.log")
    return told.partition("\n")[0]


def test_the_workers_that_did_not_come_are_counted_and_named() -> None:
    assert said(CAME.format(WORKERS[1]) + GAVE_UP) == (
        "2 of 3 workers did not reach Locust's master in time, though their pods run: "
        "brownout-5eed-worker-0, brownout-5eed-worker-2."
    )


def test_of_many_the_first_are_named() -> None:
    many = [f"w-{number}" for number in range(12)]
    assert said(GAVE_UP, many).endswith(": w-0, w-1, w-2, w-3, w-4 and 7 more.")


def test_workers_that_call_themselves_otherwise_are_only_counted() -> None:
    """One of these is there, and nobody can tell which."""
    assert said(CAME.format("host") + GAVE_UP) == (
        "2 of 3 workers did not reach Locust's master in time, though their pods run."
    )


def test_a_load_that_did_not_begin_for_another_reason_is_none_of_this() -> None:
    assert why(CAME.format(WORKERS[1]) + "Traceback …", WORKERS, Path("in-cluster.log")) is None
