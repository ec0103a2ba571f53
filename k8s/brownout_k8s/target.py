"""Targets of `brownout forward` (a service, a deployment, a pod, or labels), resolved to pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from brownout_fleet.model import FleetError
from brownout_k8s.api import Api
from brownout_k8s.groups import Group, by_labels, by_name

KINDS = {
    "svc": "services",
    "service": "services",
    "services": "services",
    "deploy": "deployments",
    "deployment": "deployments",
    "deployments": "deployments",
    "po": "pods",
    "pod": "pods",
    "pods": "pods",
}
CHOOSE = "another TARGET: svc/NAME, deploy/NAME, pod/NAME or LABELS"


class Ports(NamedTuple):
    """The port here, None for the same as there; and the port there, a number or a name."""

    local: int | None
    remote: str


def parse_ports(text: str) -> Ports:
    """[LOCAL:]REMOTE, as kubectl takes it. Raises ValueError."""
    local, colon, remote = text.rpartition(":")
    here = local.isdecimal() and int(local) <= 65535
    there = 1 <= int(remote) <= 65535 if remote.isdecimal() else bool(remote)
    if not there or (local and not here):
        raise ValueError(f'"{text}" is not a port; allowed: 5000, 8080:5000, 8080:http, :5000')
    return Ports((int(local) if local else 0) if colon else None, remote)


def selector_of(labels: Mapping[str, str], expressions: list[dict[str, Any]] | None = None) -> str:
    """Convert an object's label selector to the form of an API query."""
    parts = [f"{key}={value}" for key, value in labels.items()]
    for one in expressions or []:
        key, operator, values = one["key"], one["operator"], ",".join(one.get("values") or [])
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[operator]
        )
    return ",".join(parts)


def target_port(service: Mapping[str, Any], port: str) -> str:
    """The pods' port behind a service's port, a number or a name. Raises FleetError."""
    ports = service["spec"].get("ports") or []
    for one in ports:
        if port in (str(one["port"]), one.get("name")):
            return str(one.get("targetPort") or one["port"])
    there = ", ".join(str(one["port"]) for one in ports) or "none"
    name = service["metadata"]["name"]
    raise FleetError(f'svc/{name} has no port "{port}"; it has: {there}.')


def named_port(pods: list[dict[str, Any]], name: str) -> int:
    """The number of a port that a pod's container gives a name. Raises FleetError."""
    ports = [
        port
        for pod in pods
        for container in pod["spec"].get("containers") or []
        for port in container.get("ports") or []
    ]
    for port in ports:
        if port.get("name") == name:
            return int(port["containerPort"])
    there = ", ".join(sorted({str(port.get("name")) for port in ports if port.get("name")})) or "none"
    raise FleetError(f'the pods have no port named "{name}"; named are: {there}.')


async def resolve(api: Api, namespace: str, target: str, port: str) -> tuple[Group, int]:
    """The pods of a target, and their port. Raises FleetError."""
    kind, slash, name = target.partition("/")
    base = f"/api/v1/namespaces/{namespace}"
    if not slash or kind not in KINDS:
        group = by_labels(target, CHOOSE) if "=" in target or slash else by_name(target, CHOOSE)
    elif KINDS[kind] == "pods":
        group = by_name(name, CHOOSE)
    elif KINDS[kind] == "deployments":
        found = await api.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
        selector = found["spec"]["selector"]
        labels = selector_of(selector.get("matchLabels") or {}, selector.get("matchExpressions"))
        group = by_labels(labels, CHOOSE)
    else:
        found = await api.get(f"{base}/services/{name}")
        if not found["spec"].get("selector"):
            raise FleetError(f"{target} selects no pods: there is nothing to forward to.")
        group, port = by_labels(selector_of(found["spec"]["selector"]), CHOOSE), target_port(found, port)
    if port.isdecimal():
        return group, int(port)
    return group, named_port((await api.get(f"{base}/pods", **group.query))["items"], port)
