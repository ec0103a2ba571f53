"""What the fake API server and its users write and read: pods, statuses, selectors, kubeconfigs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

Address = tuple[str, int]
Json = dict[str, Any]

TOKEN = "let-me-in"
NAMESPACE = "lab"
PORT = 5000


def now() -> str:
    """As the API writes moments."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def status(code: int, reason: str, text: str) -> Json:
    """The API's Status object."""
    return {"kind": "Status", "status": "Failure", "message": text, "reason": reason, "code": code}


def verb_of(request: web.Request) -> str:
    """As RBAC calls it."""
    if request.method == "DELETE":
        return "delete"
    if request.path.endswith("/pods"):
        return "watch" if request.query.get("watch") in ("1", "true") else "list"
    return "get"


def matches(pod: Json, query: Mapping[str, str]) -> bool:
    """Equality-based selectors of labels, and of the name."""
    labels, selector = pod["metadata"]["labels"], query.get("labelSelector", "")
    name = query.get("fieldSelector", "").removeprefix("metadata.name=")
    return name in ("", pod["metadata"]["name"]) and all(
        labels.get(key) == value for key, _, value in (p.partition("=") for p in selector.split(",") if p)
    )


def pod_status(
    app: str,
    ready: bool,
    restarts: int = 0,
    waiting: tuple[str, str] | None = None,
    last_end: tuple[str, int] | None = None,
    phase: str = "Running",
    reason: str = "",
    log_end: str = "",
) -> Json:
    """A pod's status as the kubelet writes it. Of a pod that is over, `last_end` is its container's state."""
    state: Json = {"running": {"startedAt": now()}}
    if waiting:
        state = {"waiting": {"reason": waiting[0], "message": waiting[1]}}
    last: Json = {}
    if last_end:
        end = {"reason": last_end[0], "exitCode": last_end[1], "finishedAt": now(), "message": log_end}
        last = {"terminated": end}
    if last and phase in ("Succeeded", "Failed"):
        state, last = last, {}
    text = "" if ready else f"containers with unready status: [{app}]"
    return {
        "phase": phase,
        "reason": reason,
        "startTime": now(),
        "podIP": "127.0.0.1",
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": "True" if ready else "False", "message": text},
        ],
        "containerStatuses": [
            {
                "name": app,
                "image": f"{app}-service:latest",
                "imageID": "",
                "restartCount": restarts,
                "ready": ready,
                "state": state,
                "lastState": last,
            }
        ],
    }


def write_kubeconfig(
    path: Path,
    port: int,
    token: str = TOKEN,
    scheme: str = "http",
    user: Json | None = None,
    cluster: Json | None = None,
) -> Path:
    """A kubeconfig with the context "fake" for a server on this port."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fake",
        "clusters": [{"name": "c", "cluster": {"server": f"{scheme}://127.0.0.1:{port}"} | (cluster or {})}],
        "users": [{"name": "u", "user": {"token": token} if user is None else user}],
        "contexts": [{"name": "fake", "context": {"cluster": "c", "user": "u", "namespace": NAMESPACE}}],
    }
    path.write_text(json.dumps(document))  # JSON is YAML
    return path
