"""Which pods of a run have ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from brownout_k8s.load_pods_config import PodEnded
from brownout_k8s.pods import Pod


def ends(names: Iterable[str], pods: Iterable[Pod]) -> dict[str, PodEnded]:
    """The pods, of those with these names, that are over or not there any more; by name."""
    there = {pod.metadata.name: pod for pod in pods}
    found = {}
    for name in names:
        pod = there.get(name)
        if pod is None:
            found[name] = PodEnded(name, "it was deleted, and not by this run")
        elif pod.over:
            found[name] = PodEnded(name, pod.why_ended, pod.log_end)
    return found
