"""Which pods of a run have ended, and what is known of it."""

from __future__ import annotations

from typing import Any

import msgspec

from brownout_k8s.load_pod_ends import ends
from brownout_k8s.load_pods_config import PodEnded
from brownout_k8s.pods import Pod
from tests.k8s.documents import pod_status


def pod(name: str, **state: Any) -> Pod:
    """As the API sends one."""
    sent = {"metadata": {"name": name, "uid": f"uid-{name}"}, "status": pod_status("w", **state)}
    return msgspec.convert(sent, Pod)


def test_pods_that_run_or_are_on_their_way_out_have_not_ended() -> None:
    leaving = {"metadata": {"name": "b", "deletionTimestamp": "2026-03-14T15:09:26Z"}}
    assert ends(["a", "b"], [pod("a", ready=True), msgspec.convert(leaving, Pod)]) == {}


def test_a_pod_that_failed_says_how_and_its_last_words() -> None:
    failed = pod("a", ready=False, phase="Failed", last_end=("Error", 1), log_end="No User class found!\n")
    assert ends(["a"], [failed]) == {"a": PodEnded("a", "Error (exit code 1)", "No User class found!")}
    assert ends(["a"], [failed])["a"].sentence == (
        "the pod a ended: Error (exit code 1). The end of its log:\n\nNo User class found!"
    )


def test_a_pod_that_the_cluster_ended_says_why_and_one_that_is_gone_that_it_was_deleted() -> None:
    evicted = pod("a", ready=False, phase="Failed", reason="Evicted", last_end=("Error", 137))
    found = ends(["a", "b", "c"], [evicted, pod("c", ready=True)])
    assert {name: one.sentence for name, one in found.items()} == {
        "a": "the pod a ended: Evicted",
        "b": "the pod b ended: it was deleted, and not by this run",
    }
