"""Whether a fleet that was found in a cluster can be used: wait, go, or give up, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from brownout_k8s.pods import Pod


def waiting_for(pods: Mapping[str, Sequence[Pod]]) -> list[Pod]:
    """The pods that may still get ready; those that are stuck, over or leaving are not waited for."""
    return [
        pod
        for group in pods.values()
        for pod in group
        if not (pod.ready or pod.stuck or pod.over or pod.terminating)
    ]


def lacking(pods: Mapping[str, Sequence[Pod]]) -> list[str]:
    """The services of which no pod is ready."""
    return [service for service, group in pods.items() if not any(pod.ready for pod in group)]


def hopeless(pods: Mapping[str, Sequence[Pod]]) -> str | None:
    """A service that waiting doesn't help: its pods are all stuck, over or leaving; None if none is."""
    for service in lacking(pods):
        group = pods[service]
        if group and not waiting_for({service: group}):
            return service
    return None


def told(pods: Sequence[Pod]) -> str:
    """Each pod that is not ready, and why: one line each, for a user."""
    return "\n".join(
        f"  {pod.metadata.name}: {pod.why_ended if pod.over else pod.why_not_ready}"
        for pod in pods
        if not pod.ready
    )
