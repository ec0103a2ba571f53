"""Checks of `brownout doctor` for a cluster: whether it answers, and what we may do there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from brownout_fleet.checkup import CheckResult, command_finding
from brownout_fleet.model import FleetError
from brownout_k8s.access import Credentials
from brownout_k8s.api import Api

CHECKUP_S = 8.0

RIGHTS = (
    ("see pods", "list", "pods", ""),
    ("follow pods", "watch", "pods", ""),
    ("forward ports", "create", "pods", "portforward"),
    ("kill pods", "delete", "pods", ""),
)
"""Rights that the fleet needs: description, verb, resource, subresource."""


def findings() -> Iterator[CheckResult]:
    """The kubectl command, a context, the cluster behind it, and what we may do there."""
    remedy = "install it: https://kubernetes.io/docs/tasks/tools/"
    yield command_finding("kubectl", ["kubectl", "version", "--client"], remedy)
    yield from asyncio.run(examine())


async def examine(context: str | None = None, kubeconfig: str | None = None) -> list[CheckResult]:
    """Look at the cluster that a fleet would use; never raises."""
    try:
        async with asyncio.timeout(CHECKUP_S):
            return await _examine(context, kubeconfig)
    except TimeoutError:
        return [CheckResult("cluster", False, f"no answer for {CHECKUP_S:g} s", "is the network up?")]


async def _examine(context: str | None, kubeconfig: str | None) -> list[CheckResult]:
    credentials = Credentials(context, kubeconfig)
    try:
        access = await credentials.open()
    except FleetError as error:
        return [_failed("context", error)]
    findings = [CheckResult("context", True, f"{access.context or 'in the cluster'}, {access.namespace}")]
    api = Api(credentials)
    try:
        version = await api.get("/version")
        findings.append(
            CheckResult("cluster", True, f"{access.server.geturl()} answers, {version['gitVersion']}")
        )
        for description, verb, resource, subresource in RIGHTS:
            allowed = await _may(api, access.namespace, verb, resource, subresource)
            whole = f"{resource}/{subresource}" if subresource else resource
            found = "allowed" if allowed else f'not allowed in namespace "{access.namespace}"'
            remedy = f"ask for the verb {verb} on {whole}: kubectl apply -k k8s/roles shows the roles"
            findings.append(CheckResult(description, allowed, found, remedy))
    except FleetError as error:
        findings.append(_failed("cluster", error))
    finally:
        await api.close()
    return findings


async def _may(api: Api, namespace: str, verb: str, resource: str, subresource: str) -> bool:
    """Ask the API server itself; every user may."""
    attributes = {"namespace": namespace, "verb": verb, "resource": resource, "subresource": subresource}
    review = await api.post(
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        },
    )
    return bool(review["status"]["allowed"])


def _failed(name: str, error: FleetError) -> CheckResult:
    found, _, remedy = str(error).partition("\n\n")
    return CheckResult(name, False, found, remedy)
