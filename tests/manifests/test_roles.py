"""Each Role grants what its user needs and not a verb more; tests/k8s holds the fleet's requests against
them."""

from __future__ import annotations

import pytest

from tests.manifests.kustomize import build, one
from tests.manifests.workloads import of_kind

Rules = set[tuple[str, str]]

KNOW = {("get", "pods"), ("list", "pods"), ("watch", "pods")}
KILL = {("delete", "pods")}
FORWARD = {("get", "pods/portforward"), ("create", "pods/portforward")}
SCALE = {(verb, "deployments/scale") for verb in ("get", "update", "patch")}


def rules(folder: str, name: str) -> Rules:
    """Verb and resource of all that a Role grants."""
    granted = one(folder, "Role", name)["rules"]
    return {(verb, what) for rule in granted for what in rule["resources"] for verb in rule["verbs"]}


@pytest.mark.parametrize(
    ("folder", "name", "expected"),
    [
        ("overlays/distributed", "brownout", KNOW | KILL | SCALE),
        ("roles/in-cluster", "brownout", KNOW | KILL | SCALE),
        ("roles", "brownout-outside", KNOW | KILL | FORWARD),
        ("roles", "brownout-watch", KNOW | FORWARD),
        ("roles", "brownout-run", KNOW | KILL | FORWARD | {("create", "pods")}),
    ],
)
def test_a_role_grants_exactly_what_its_user_needs(folder: str, name: str, expected: Rules) -> None:
    assert rules(folder, name) == expected


def test_of_deployments_only_the_scale_of_the_own_workers_can_be_changed() -> None:
    """Not that of the services under test."""
    (rule,) = [r for r in one("roles/in-cluster", "Role", "brownout")["rules"] if r["apiGroups"] == ["apps"]]
    workers = one("overlays/distributed", "Deployment", "brownout-worker")
    assert rule["resourceNames"] == [workers["metadata"]["name"]]


def test_the_master_runs_as_the_account_that_the_role_is_bound_to() -> None:
    (binding,) = of_kind(build("overlays/distributed"), "RoleBinding")
    assert binding["roleRef"]["name"] == "brownout"
    (subject,) = binding["subjects"]
    master = one("overlays/distributed", "Deployment", "brownout-master")["spec"]["template"]["spec"]
    assert (subject["kind"], subject["name"]) == ("ServiceAccount", master["serviceAccountName"])
    workers = one("overlays/distributed", "Deployment", "brownout-worker")["spec"]["template"]["spec"]
    assert workers["automountServiceAccountToken"] is False
