"""The lab in a namespace of its own on the cluster of KUBECONFIG, and accounts with no more than the
Roles."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.k8s.playing import pods
from tests.manifests.kustomize import kubectl
from tests.servers import ROOT, until

ROLLOUT_S = 240
"""For images to be unpacked and pods to get ready on a small cluster."""

REPLACED_S = 90.0
TOKEN_LIFE = "2h"

ACCOUNTS = {"tester": ("brownout-outside", "brownout-run"), "watcher": ("brownout-watch",)}
"""Service accounts, and the Roles that each has. What the tests do, they do as one of these."""


@dataclass(frozen=True)
class Lab:
    """Where the services run, and who we are there."""

    namespace: str
    kubeconfig: Path
    watcher: Path | None
    """Of an account that may not delete; None where nobody made one."""
    target: str | None
    """The client service as pods see it; None: by the Service's name."""
    ours: bool
    """Whether the namespace is this suite's, so that KUBECONFIG's user may apply more to it."""

    def variables(self, home: Path, kubeconfig: Path | None = None) -> dict[str, str]:
        """For a command's environment."""
        return {"KUBECONFIG": str(kubeconfig or self.kubeconfig), "BROWNOUT_STATE_DIR": str(home / "state")}

    def pods(self, selector: str) -> dict[str, str]:
        """UID by name of the pods that are not on their way out."""
        return {
            pod["metadata"]["name"]: pod["metadata"]["uid"]
            for pod in pods(self.kubeconfig, self.namespace, selector)
            if "deletionTimestamp" not in pod["metadata"]
        }

    def await_ready(self, selector: str, count: int = 2) -> dict[str, str]:
        """Wait until so many pods are ready; UID by name."""

        def all_ready() -> bool:
            found = pods(self.kubeconfig, self.namespace, selector)
            return len(found) == count and all(is_ready(pod) for pod in found)

        until(all_ready, f"{count} pods with {selector} to be ready", REPLACED_S)
        return self.pods(selector)


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether it takes traffic."""
    conditions = pod.get("status", {}).get("conditions", [])
    return "deletionTimestamp" not in pod["metadata"] and any(
        one["type"] == "Ready" and one["status"] == "True" for one in conditions
    )


def prepared(namespace: str) -> Lab:
    """A namespace that somebody has made ready, seen with the KUBECONFIG of the environment."""
    watcher = os.environ.get("BROWNOUT_K8S_WATCH_KUBECONFIG")
    return Lab(
        namespace,
        Path(os.environ["KUBECONFIG"]),
        Path(watcher) if watcher else None,
        os.environ.get("BROWNOUT_K8S_TARGET"),
        ours=False,
    )


@contextmanager
def made(folder: Path) -> Iterator[Lab]:
    """A namespace of our own with the lab in it; removed at the end. KUBECONFIG has to be an admin's."""
    namespace = f"brownout-test-{secrets.token_hex(3)}"
    admin("create", "namespace", namespace)
    try:
        admin("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
        for manifests in ("base", "roles", "roles/in-cluster"):
            admin("apply", "-n", namespace, "-k", str(ROOT / "k8s" / manifests))
        files = {account: make_account(namespace, account, folder) for account in ACCOUNTS}
        for deployment in ("backendservice-deployment", "clientservice-deployment"):
            await_rollout(namespace, deployment)
        yield Lab(namespace, files["tester"], files["watcher"], None, ours=True)
    finally:
        admin("delete", "namespace", namespace, "--timeout=180s")


def make_account(namespace: str, account: str, folder: Path) -> Path:
    """A service account bound to its Roles; its kubeconfig."""
    admin("create", "serviceaccount", account, "-n", namespace)
    for role in ACCOUNTS[account]:
        user = f"--serviceaccount={namespace}:{account}"
        admin("create", "rolebinding", f"{account}-{role}", f"--role={role}", user, "-n", namespace)
    token = admin("create", "token", account, f"--duration={TOKEN_LIFE}", "-n", namespace).strip()
    config = json.loads(admin("config", "view", "--minify", "--flatten", "--raw", "-o", "json"))
    context = config["contexts"][0]
    context["context"] |= {"user": account, "namespace": namespace}
    config["users"] = [{"name": account, "user": {"token": token}}]
    path = folder / f"{account}.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))  # JSON is YAML
    return path


def await_rollout(namespace: str, deployment: str) -> None:
    """Wait until its pods are ready; fails with the pods' state if they don't get so."""
    try:
        admin("rollout", "status", f"deployment/{deployment}", "-n", namespace, f"--timeout={ROLLOUT_S}s")
    except AssertionError as error:
        state = admin("get", "pods", "-n", namespace, "-o", "wide")
        raise AssertionError(
            f"{error}\n{state}\nAre the images on the cluster? make images, then for kind: "
            "kind load docker-image backend-service:latest client-service:latest brownout:latest"
        ) from None


def admin(*arguments: str) -> str:
    """What kubectl prints, with the KUBECONFIG of the environment."""
    done = subprocess.run(
        [kubectl(), *arguments], capture_output=True, text=True, timeout=ROLLOUT_S + 30, check=False
    )
    assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout
