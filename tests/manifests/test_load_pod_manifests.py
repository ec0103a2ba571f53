"""The pods of a run with --workers: the overlay's, under names and labels of the run's own."""

from __future__ import annotations

from typing import Any

import pytest

from brownout_k8s import load_pod_manifests
from brownout_k8s.load_pods_config import LoadPodsConfig
from tests.manifests.kustomize import build, one
from tests.manifests.schema import complaints
from tests.manifests.workloads import container, of_kind, template, unrestricted

CONFIG = LoadPodsConfig(run="5eed", key="ab" * 32, workers=2, lifetime_s=3660)
OWNER = {"name": "brownout-5eed-master", "uid": "uid-1"}


def pods(config: LoadPodsConfig = CONFIG) -> dict[str, Any]:
    """A master and a worker."""
    return {
        "master": load_pod_manifests.master(config),
        "worker": load_pod_manifests.worker(config, 1, "10.0.0.7", OWNER),
    }


@pytest.mark.parametrize("role", ["master", "worker"])
def test_a_pod_of_a_run_fits_the_schema_and_is_restricted(role: str) -> None:
    pod = pods()[role]
    assert complaints(pod) == []
    assert list(unrestricted(pod["spec"])) == []


@pytest.mark.parametrize("role", ["master", "worker"])
def test_a_pod_of_a_run_is_the_overlay_s_but_for_what_makes_it_this_run_s(role: str) -> None:
    """Image, resources, volumes, security: what a user changes in the overlay's files holds here too."""
    deployment = one("overlays/distributed", "Deployment", f"brownout-{role}")
    spec, kept = pods()[role]["spec"], template(deployment)["spec"]
    (box,) = spec["containers"]
    for key in (
        "image",
        "imagePullPolicy",
        "terminationMessagePolicy",
        "workingDir",
        "command",
        "resources",
        "securityContext",
        "volumeMounts",
    ):
        assert box[key] == container(deployment)[key]
    for key in ("volumes", "securityContext", "enableServiceLinks"):
        assert spec[key] == kept[key]
    assert spec.get("serviceAccountName") == kept.get("serviceAccountName")


def test_no_service_or_deployment_of_the_overlay_takes_a_run_s_pods_for_its_own() -> None:
    """A Service would send workers of the overlay to this run's master."""
    for pod in pods().values():
        labels = pod["metadata"]["labels"]
        for manifest in [*build("base"), *build("overlays/distributed")]:
            selector = manifest.get("spec", {}).get("selector")
            if selector:
                assert not selector.get("matchLabels", selector).items() <= labels.items()
        assert labels[load_pod_manifests.LABEL] == "5eed"


def test_the_cluster_ends_the_pods_by_itself_and_starts_none_again() -> None:
    """Should everything here die at once."""
    for pod in pods().values():
        assert pod["spec"]["activeDeadlineSeconds"] == 3660
        assert pod["spec"]["restartPolicy"] == "Never"
    assert pods()["worker"]["metadata"]["ownerReferences"] == [{"apiVersion": "v1", "kind": "Pod", **OWNER}]


def test_the_master_is_told_the_key_and_never_the_token() -> None:
    """Whoever may read pods could otherwise command it."""
    (box,) = pods()["master"]["spec"]["containers"]
    assert {"name": "BROWNOUT_AGENT_KEY", "value": CONFIG.key} in box["env"]
    assert box["args"] == ["agent"]
    assert not of_kind(list(pods().values()), "Secret")


def test_workers_ask_the_master_for_a_locustfile_that_only_it_has() -> None:
    theirs = LoadPodsConfig(
        run="5eed", key="", workers=1, lifetime_s=1, locustfile_from_master=True, image="r/b:1"
    )
    (box,) = pods(theirs)["worker"]["spec"]["containers"]
    assert box["args"] == ["worker", "--master-host=10.0.0.7", "--locustfile=-"]
    assert box["image"] == "r/b:1"
    (ours,) = pods()["worker"]["spec"]["containers"]
    assert ours["args"] == ["worker", "--master-host=10.0.0.7"]
