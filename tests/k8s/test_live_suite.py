"""The suite for real clusters (`make test-k8s`), on the playground: its code runs here at least once, and
under the rights of the Roles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.k8s.playing import playground
from tests.servers import ROOT

WHOLE_S = 900.0


@pytest.mark.slow
@pytest.mark.timeout(WHOLE_S)
def test_the_suite_for_real_clusters_passes_with_the_rights_of_the_roles(tmp_path: Path) -> None:
    with playground(tmp_path) as cluster:
        environment = {
            **os.environ,
            "KUBECONFIG": str(cluster.kubeconfig("run")),
            "BROWNOUT_TEST_K8S": "1",
            "BROWNOUT_K8S_NAMESPACE": cluster.namespace,
            "BROWNOUT_K8S_TARGET": cluster.client,
            "BROWNOUT_K8S_WATCH_KUBECONFIG": str(cluster.kubeconfig("watch")),
        }
        command = [sys.executable, "-m", "pytest", "-m", "cluster", "-n0", "tests/k8s_live"]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=WHOLE_S, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 1 skipped" in done.stdout  # what applies manifests: there is no kubectl apply here
