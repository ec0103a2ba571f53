"""What the tests ask of a Deployment's pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.manifests.kustomize import Manifest

ALLOWED_VOLUMES = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}


def of_kind(objects: list[Manifest], kind: str) -> list[Manifest]:
    """The objects of one kind."""
    return [one for one in objects if one["kind"] == kind]


def template(deployment: Manifest) -> Manifest:
    """The pod that a Deployment makes."""
    pod: Manifest = deployment["spec"]["template"]
    return pod


def container(deployment: Manifest) -> dict[str, Any]:
    """The only container of its pod."""
    (found,) = template(deployment)["spec"]["containers"]
    return dict(found)


def unrestricted(spec: dict[str, Any]) -> Iterator[str]:
    """What the "restricted" Pod Security Standard would refuse in a pod's spec, and a writable root."""
    whole = spec.get("securityContext", {})
    if whole.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccompProfile"
    if not whole.get("runAsNonRoot") or not whole.get("runAsUser"):
        yield "runAsNonRoot"
    yield from (key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key))
    for volume in spec.get("volumes", []):
        yield from (f"volume {kind}" for kind in volume if kind not in {"name", *ALLOWED_VOLUMES})
    for one in [*spec["containers"], *spec.get("initContainers", [])]:
        own = one.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False:
            yield "allowPrivilegeEscalation"
        if own.get("capabilities", {}).get("drop") != ["ALL"] or own.get("capabilities", {}).get("add"):
            yield "capabilities"
        if own.get("readOnlyRootFilesystem") is not True:
            yield "readOnlyRootFilesystem"
        if own.get("privileged") or own.get("runAsUser") == 0:
            yield "privileged"
        yield from ("hostPort" for port in one.get("ports", []) if "hostPort" in port)
