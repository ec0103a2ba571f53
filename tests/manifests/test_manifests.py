"""The manifests agree with each other and with the services that they run."""

from __future__ import annotations

import copy

import pytest
from werkzeug.test import Client

from brownout_backend.app import create_app as backend
from brownout_client.app import BACKEND_URL
from brownout_client.app import create_app as client
from tests.manifests.kustomize import FOLDERS, Manifest, build, one
from tests.manifests.workloads import container, of_kind, template, unrestricted

APPS = {"backend": backend, "client": client}


def deployments() -> list[Manifest]:
    """All of them."""
    return of_kind([*build("base"), *build("overlays/distributed")], "Deployment")


def test_the_base_has_the_labs_names_labels_ports_and_replicas() -> None:
    """A user of the lab finds everything under the name it had."""
    for service in ("backend", "client"):
        deployment = one("base", "Deployment", f"{service}service-deployment")
        assert deployment["spec"]["replicas"] == 2
        assert template(deployment)["metadata"]["labels"]["app"] == service
        assert container(deployment)["image"] == f"{service}-service:latest"
        assert container(deployment)["imagePullPolicy"] == "IfNotPresent"
        assert container(deployment)["ports"] == [{"name": "http", "containerPort": 5000}]
        (port,) = one("base", "Service", f"{service}service")["spec"]["ports"]
        assert (port["port"], port["targetPort"]) == (5000, "http")


def test_the_clients_call_the_service_that_is_there() -> None:
    """By the URL that is the client's own default too."""
    (variable,) = container(one("base", "Deployment", "clientservice-deployment"))["env"]
    assert variable == {"name": "BACKEND_URL", "value": BACKEND_URL}


def test_the_lab_has_one_backend_and_two_clients() -> None:
    """As in the lab's experiment; all else is the base."""
    lab, base = build("overlays/lab"), build("base")
    assert one("overlays/lab", "Deployment", "backendservice-deployment")["spec"]["replicas"] == 1
    for manifest in lab:
        if manifest["metadata"]["name"] == "backendservice-deployment":
            manifest["spec"]["replicas"] = 2
    assert lab == base


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_namespace_is_written_down(folder: str) -> None:
    """`kubectl apply -n` decides."""
    assert [o["metadata"]["name"] for o in build(folder) if "namespace" in o["metadata"]] == []
    for binding in of_kind(build(folder), "RoleBinding"):
        assert all("namespace" not in subject for subject in binding["subjects"])
    assert not {"ClusterRole", "ClusterRoleBinding", "Namespace"} & {o["kind"] for o in build(folder)}


@pytest.mark.parametrize("folder", ["base", "overlays/lab", "overlays/distributed"])
def test_every_selector_finds_the_pods_it_means(folder: str) -> None:
    """Deployments, Services, budgets and topology constraints select the labels of just one pod template."""
    objects = build(folder)
    pods = {d["metadata"]["name"]: template(d)["metadata"]["labels"] for d in of_kind(objects, "Deployment")}
    for manifest in objects:
        selector = manifest["spec"].get("selector") if "spec" in manifest else None
        if selector:
            wanted = selector.get("matchLabels", selector)
            found = [name for name, labels in pods.items() if wanted.items() <= labels.items()]
            assert len(found) == 1, (manifest["kind"], manifest["metadata"]["name"], found)
            if manifest["kind"] == "Deployment":
                assert found == [manifest["metadata"]["name"]]
    for deployment in of_kind(objects, "Deployment"):
        for spread in template(deployment)["spec"].get("topologySpreadConstraints", []):
            labels = template(deployment)["metadata"]["labels"]
            assert spread["labelSelector"]["matchLabels"].items() <= labels.items()


def test_every_port_that_is_named_exists() -> None:
    """Of probes and of Services."""
    for deployment in deployments():
        box = container(deployment)
        names = {port["name"] for port in box.get("ports", [])}
        probes = [box[key] for key in ("startupProbe", "readinessProbe", "livenessProbe") if key in box]
        for probe in probes:
            asked = probe.get("httpGet") or probe["tcpSocket"]
            assert asked["port"] in names
    for folder in ("base", "overlays/distributed"):
        for service in of_kind(build(folder), "Service"):
            (pods,) = [
                d
                for d in of_kind(build(folder), "Deployment")
                if service["spec"]["selector"].items() <= template(d)["metadata"]["labels"].items()
            ]
            names = {port["name"] for port in container(pods)["ports"]}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


@pytest.mark.parametrize("service", ["backend", "client"])
def test_the_probes_ask_for_paths_that_the_service_answers(service: str) -> None:
    """Liveness by the process alone, readiness by whether it takes traffic."""
    box = container(one("base", "Deployment", f"{service}service-deployment"))
    asked = Client(APPS[service]({}))
    for probe, path in (("startup", "/healthz"), ("readiness", "/readyz"), ("liveness", "/healthz")):
        assert box[f"{probe}Probe"]["httpGet"]["path"] == path
        assert asked.get(path).status_code == 200


def test_every_pod_is_restricted_and_cannot_write_to_its_image() -> None:
    """The Pod Security Standard "restricted", and a read-only root file system."""
    for deployment in deployments():
        assert list(unrestricted(template(deployment)["spec"])) == [], deployment["metadata"]["name"]


@pytest.mark.parametrize("key", ["seccompProfile", "runAsNonRoot"])
def test_a_pod_that_is_not_restricted_is_noticed(key: str) -> None:
    """So that the test above can fail."""
    spec = copy.deepcopy(template(one("base", "Deployment", "backendservice-deployment"))["spec"])
    del spec["securityContext"][key]
    spec["containers"][0]["securityContext"] = {}
    noticed = set(unrestricted(spec))
    assert noticed == {key, "allowPrivilegeEscalation", "capabilities", "readOnlyRootFilesystem"}


def test_every_container_says_what_it_needs_and_no_limit_throttles_it() -> None:
    """Throttling would be measured as the service's latency."""
    for deployment in deployments():
        resources = container(deployment)["resources"]
        assert {"cpu", "memory"} == set(resources["requests"])
        assert {"memory"} == set(resources["limits"])


def test_a_service_stops_later_than_the_endpoints_forget_it_and_is_given_the_time() -> None:
    """The services need five seconds for what is in flight, after the wait of preStop."""
    for service in ("backend", "client"):
        deployment = one("base", "Deployment", f"{service}service-deployment")
        pause = container(deployment)["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert template(deployment)["spec"]["terminationGracePeriodSeconds"] > pause + 5


def test_one_pod_at_a_time_may_be_evicted() -> None:
    """A drain never takes the last replica but one that is alone, and is never held up for good."""
    for service in ("backend", "client"):
        assert one("base", "PodDisruptionBudget", f"{service}service")["spec"]["maxUnavailable"] == 1


def test_the_autoscaler_scales_the_workers_and_nobody_else_sets_their_number() -> None:
    """A number of replicas in the manifest would undo the autoscaler's at each apply."""
    scaler = one("overlays/distributed", "HorizontalPodAutoscaler", "brownout-worker")["spec"]
    workers = one("overlays/distributed", "Deployment", "brownout-worker")
    assert scaler["scaleTargetRef"] == {
        "apiVersion": workers["apiVersion"],
        "kind": "Deployment",
        "name": workers["metadata"]["name"],
    }
    assert "replicas" not in workers["spec"]
    assert one("overlays/distributed", "Deployment", "brownout-master")["spec"]["replicas"] == 1


def test_workers_look_for_the_master_where_it_is() -> None:
    """Under the name of its Service; the panel's port is in no Service."""
    service = one("overlays/distributed", "Service", "brownout-master")
    arguments = container(one("overlays/distributed", "Deployment", "brownout-worker"))["args"]
    assert f"--master-host={service['metadata']['name']}" in arguments
    assert [port["name"] for port in service["spec"]["ports"]] == ["locust"]
