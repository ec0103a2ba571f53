"""The pods of one run, from the pod templates of overlays/distributed. Pure, but for reading those.

Bare pods and no Deployments: making them takes no other right than to create pods, and a run whose worker
died has lost that worker's requests anyway.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

from brownout_k8s.load_pods_config import LoadPodsConfig
from brownout_terms.places import beside
from brownout_terms.variables import AGENT_KEY

OVERLAY = beside(__file__, "overlays") / "distributed"
LABEL = "brownout/run"
"""Its value is the run's id; what carries it was made by that run and nobody else."""

AGENT_PORT = 8090
PANEL_PORT = 8089

Manifest = dict[str, Any]


def master(config: LoadPodsConfig) -> Manifest:
    """The pod of the master: it waits for its order, with the panel beside the load."""
    pod = _pod(config, "master", "master", ["agent"])
    (container,) = pod["spec"]["containers"]
    container["env"].append({"name": AGENT_KEY, "value": config.key})
    return pod


def worker(config: LoadPodsConfig, number: int, master_ip: str, owner: Manifest) -> Manifest:
    """One worker's pod. It belongs to the master's: when that is deleted, the cluster deletes this one."""
    arguments = ["worker", f"--master-host={master_ip}"]
    if config.locustfile_from_master:
        arguments.append("--locustfile=-")
    pod = _pod(config, "worker", f"worker-{number}", arguments)
    pod["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Pod", "name": owner["name"], "uid": owner["uid"]}
    ]
    return pod


def name_of(config: LoadPodsConfig, suffix: str) -> str:
    """A pod's name."""
    return f"brownout-{config.run}-{suffix}"


def _pod(config: LoadPodsConfig, role: str, suffix: str, arguments: list[str]) -> Manifest:
    # Not the overlay's labels: its Services would take these pods for its own.
    labels = {"app": "brownout-run", "app.kubernetes.io/part-of": "brownout", LABEL: config.run}
    spec = copy.deepcopy(_template(role)["spec"])
    spec |= {"restartPolicy": "Never", "activeDeadlineSeconds": config.lifetime_s}
    for spread in spec.get("topologySpreadConstraints", []):
        spread["labelSelector"]["matchLabels"] = {LABEL: config.run}
    (container,) = spec["containers"]
    container["args"] = arguments
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        container.pop(probe, None)  # the order and its answers are the probe
    if config.image:
        container["image"] = config.image
    metadata = {"name": name_of(config, suffix), "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@functools.cache
def _template(role: str) -> Manifest:
    import yaml

    documents = yaml.safe_load_all((OVERLAY / f"{role}.yaml").read_text(encoding="utf-8"))
    deployment: Manifest = next(one for one in documents if one["kind"] == "Deployment")
    template: Manifest = deployment["spec"]["template"]
    return template
