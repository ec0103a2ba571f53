"""Decides whether the pods found in a cluster can be used: go on, wait, or give up, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from brownout_k8s.pods import Pod


def pods_to_wait_for(pods: Mapping[str, Sequence[Pod]]) -> list[Pod]:
    """Return the pods that may still become ready, without those that are stuck, ended or terminating."""
    return [
        pod
        for group in pods.values()
        for pod in group
        if not (pod.ready or pod.stuck or pod.over or pod.terminating)
    ]


def services_without_ready_pod(pods: Mapping[str, Sequence[Pod]]) -> list[str]:
    """Return the services that have no ready pod."""
    return [service for service, group in pods.items() if not any(pod.ready for pod in group)]


def stuck_service(pods: Mapping[str, Sequence[Pod]]) -> str | None:
    """Return a service whose pods are all stuck, ended or terminating; None if there is none."""
    for service in services_without_ready_pod(pods):
        group = pods[service]
        if group and not pods_to_wait_for({service: group}):
            return service
    return None


def describe_unready(pods: Sequence[Pod]) -> str:
    """Return a line for each pod that is not ready, with the reason, for the user."""
    return "\n".join(
        f"  {pod.metadata.name}: {pod.why_ended if pod.over else pod.why_not_ready}"
        for pod in pods
        if not pod.ready
    )
