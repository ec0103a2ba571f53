"""Groups of pods: the API query for one, and the option that selects another. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from brownout_fleet.config import Kubernetes


@dataclass(frozen=True)
class Group:
    """The pods of one service: their query, its description, and the option that chooses other pods."""

    query: Mapping[str, str]
    description: str
    choose: str


def by_labels(labels: str, choose: str) -> Group:
    """The pods that a label selector matches."""
    return Group({"labelSelector": labels}, f'"{labels}"', choose)


def by_name(name: str, choose: str) -> Group:
    """One pod."""
    return Group({"fieldSelector": f"metadata.name={name}"}, f'the name "{name}"', choose)


def of_services(settings: Kubernetes) -> dict[str, Group]:
    """The groups of the client and the backend; one with an empty selector is left out."""
    selectors = {"client": settings.client_selector, "backend": settings.backend_selector}
    return {
        service: by_labels(labels, f"--{service}-selector LABELS")
        for service, labels in selectors.items()
        if labels
    }
